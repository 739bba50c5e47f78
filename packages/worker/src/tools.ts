import { parseArgs } from 'node:util';
import { EXIT } from '@rios/sdk/errors/catalog';
import { RiosError } from '@rios/sdk/errors/error';
import { realTools } from './prepare.ts';
import { probeMachine } from './probe/probe.ts';
import { verifyBundle } from './verify.ts';

type Print = (event: object) => void;

/** Bytes between two progress events. */
const PROGRESS_BYTES = 64 * 1024 * 1024;

/** `verify <bundle> [--json]`: exit 10 when the bundle does not compute what its source does. */
export async function verify(args: readonly string[], print: Print): Promise<number> {
  const { positionals } = parse(args, { json: { type: 'boolean' } });
  const [bundle, ...extra] = positionals;
  if (bundle === undefined || extra.length > 0)
    throw new RiosError('USER_INVALID_REQUEST', 'name one bundle', { hint: 'rios-worker verify <bundle>' });
  let next = PROGRESS_BYTES;
  const result = await verifyBundle(bundle, {}, (doneBytes, totalBytes) => {
    if (doneBytes < next) return;
    next = doneBytes + PROGRESS_BYTES;
    print({ event: 'progress', doneBytes, totalBytes });
  });
  print({ event: 'verified', ...result });
  return result.ok ? EXIT.ok : EXIT.integrity;
}

/** `probe [--gpu]`: prints the machine's facts. */
export async function probe(args: readonly string[], print: Print): Promise<number> {
  const { values } = parse(args, { gpu: { type: 'boolean' } });
  print({ event: 'probed', ...(await probeMachine(realTools(), values.gpu === true)) });
  return EXIT.ok;
}

/** `bench-gpu`: the probe's expert on the GPU and on the CPU. Throws CAPACITY_NO_GPU. */
export async function benchGpu(print: Print): Promise<number> {
  const tools = realTools();
  const [gpu, cpu] = [await probeMachine(tools, true), await probeMachine(tools, false)];
  const speedup = cpu.provider.expertMs / gpu.provider.expertMs;
  print({ event: 'benched', gpu: gpu.provider, cpu: cpu.provider, speedup });
  return EXIT.ok;
}

function parse(args: readonly string[], options: Record<string, { type: 'boolean' }>) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (cause) {
    throw new RiosError('USER_UNKNOWN_FLAG', cause instanceof Error ? cause.message : String(cause), {
      cause,
    });
  }
}
