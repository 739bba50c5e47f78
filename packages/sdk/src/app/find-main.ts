import { open, stat } from 'node:fs/promises';
import { join, normalize } from 'node:path';

const USUAL = ['server.js', 'server.mjs', 'index.js', 'index.mjs', 'main.js', 'app.js'];
const MAX_BYTES = 1024 * 1024;

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function mainOfPackage(folder: string): Promise<string | undefined> {
  const opened = await open(join(folder, 'package.json')).catch(() => undefined);
  if (opened === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
    const parsed: unknown = JSON.parse(buffer.toString('utf8', 0, bytesRead));
    const main = typeof parsed === 'object' && parsed !== null && 'main' in parsed ? parsed.main : undefined;
    return typeof main === 'string' ? normalize(main) : undefined;
  } catch {
    return undefined;
  } finally {
    await opened.close();
  }
}

/** The file that `node` starts when no command is said: `main` of package.json, else one of the usual names. */
export async function findMain(folder: string): Promise<string | undefined> {
  const named = await mainOfPackage(folder);
  for (const name of named === undefined ? USUAL : [named, ...USUAL]) {
    if (!name.startsWith('..') && !name.startsWith('/') && (await isFile(join(folder, name)))) return name;
  }
  return undefined;
}
