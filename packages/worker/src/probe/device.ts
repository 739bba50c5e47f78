import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const NVIDIA = '/proc/driver/nvidia/gpus';

/** The GPU's model where the system tells it, else the provider's name. */
export async function gpuName(provider: string, directory = NVIDIA): Promise<string> {
  const [first] = await readdir(directory).catch((): string[] => []);
  if (first === undefined) return provider;
  const text = await readFile(join(directory, first, 'information'), 'utf8').catch(() => '');
  return /^Model:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? provider;
}
