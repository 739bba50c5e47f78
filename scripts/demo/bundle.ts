import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { withLock } from '../setup/lock.js';

/**
 * The checkpoint's bundle, split once and kept in `.rios/demo` until the checkpoint or the code that splits changes.
 * `split` makes a bundle at a path and returns its exit code. Throws when that is not 0.
 */
export async function keptBundle(
  root: string,
  checkpoint: string,
  split: (out: string) => Promise<number>,
): Promise<string> {
  const kept = join(root, '.rios', 'demo');
  const folder = join(kept, stateOf(root, checkpoint));
  const bundle = join(folder, basename(checkpoint));
  // a bundle appears whole or not at all
  if (existsSync(bundle)) return bundle;
  return withLock(`${kept}.lock`, async () => {
    if (existsSync(bundle)) return bundle;
    rmSync(kept, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const code = await split(bundle);
    if (code !== 0) throw new Error(`rios model split left with exit code ${code}`);
    return bundle;
  });
}

/** Changes with any file of the checkpoint (by size and time) and with the compiled sdk (by content). */
function stateOf(root: string, checkpoint: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(checkpoint).sort()) {
    const { size, mtimeMs } = statSync(join(checkpoint, name));
    hash.update(JSON.stringify([name, size, mtimeMs]));
  }
  const sdk = join(root, 'packages', 'sdk', 'dist');
  const folders = ['model', 'dmoe', 'schema'].map((name) => join(sdk, name));
  for (const file of folders.flatMap(scriptsUnder).sort()) hash.update(file).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

const scriptsUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => join(folder, name));
