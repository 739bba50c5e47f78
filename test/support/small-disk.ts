import { join } from 'node:path';
import { runProgram } from './run-script.ts';
import { createTempFolder, removeFolder } from './temp-folder.ts';

/** A disk of its own that is soon full. */
export interface SmallDisk {
  readonly folder: string;
  remove(): Promise<void>;
}

/** Mounts a tmpfs of so many bytes; undefined, with the reason, where that is not allowed (it takes root). */
export async function createSmallDisk(sizeBytes: number): Promise<SmallDisk | { readonly reason: string }> {
  const outer = await createTempFolder();
  const folder = join(outer, 'disk');
  const args = ['-m', '-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', folder];
  const mounted = await runProgram('mount', args).catch((error: Error) => ({
    code: 1,
    stderr: error.message,
  }));
  if (mounted.code !== 0) {
    await removeFolder(outer);
    return { reason: mounted.stderr.trim() };
  }
  return {
    folder,
    remove: async () => {
      await runProgram('umount', ['-l', folder]);
      await removeFolder(outer);
    },
  };
}
