import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';

/** Opens `<dataDir>/logs/<name>.log` for a child's stderr; close it once the child has been started. */
export function openChildLog(dataDir: string, name: string): { readonly fd: number; close(): void } {
  const folder = join(dataDir, 'logs');
  mkdirSync(folder, { recursive: true });
  const fd = openSync(join(folder, `${name}.log`), 'a', 0o600);
  return { fd, close: () => closeSync(fd) };
}
