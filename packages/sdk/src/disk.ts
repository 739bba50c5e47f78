import { statfs } from 'node:fs/promises';

/** Free bytes of the file system that holds `directory`, for one who is not root. */
export async function freeDiskBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}
