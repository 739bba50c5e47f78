import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, cpus, platform, release } from 'node:os';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import { type MachineFacts, probeFileSchema } from '@rios/sdk/schema/worker-process';
import { VERSION } from '@rios/sdk/version';

const KEEP_MS = 86_400_000;

/** What a measurement depends on: another machine, kernel, Node or onnxruntime makes an old one worthless. */
export function probeKey(): string {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  const processors = cpus();
  return [
    VERSION,
    process.version,
    version,
    platform(),
    arch(),
    release(),
    processors[0]?.model,
    processors.length,
  ].join(' | ');
}

/** Facts kept in `file` for this key and less than a day old, or new ones from `measure`, kept from then on. */
export async function cachedFacts(
  file: string,
  key: string,
  now: number,
  measure: () => Promise<MachineFacts>,
): Promise<MachineFacts> {
  const kept = probeFileSchema.safeParse(await readJson(file));
  if (kept.success && kept.data.key === key && kept.data.at <= now && now - kept.data.at < KEEP_MS)
    return kept.data.facts;
  const facts = await measure();
  await writeFileAtomic(file, `${JSON.stringify({ key, at: now, facts })}\n`);
  return facts;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}
