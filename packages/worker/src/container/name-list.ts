import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import { broughtImagesSchema } from '@rios/sdk/schema/worker-containers';

/** Names kept in a file, changed one change after the other. */
export interface NameList {
  read(): Promise<readonly string[]>;
  /** Resolves once it is on the disk. */
  change(next: (names: readonly string[]) => readonly string[]): Promise<void>;
}

/** Empty while there is no file, or one that is damaged. */
export function openNameList(file: string): NameList {
  let last: Promise<unknown> = Promise.resolve();
  const read = async () => {
    const text = await readFile(file, 'utf8').catch(() => '[]');
    return broughtImagesSchema.safeParse(parseJson(text)).data ?? [];
  };
  return {
    read,
    change(next) {
      const change = last
        .catch(() => {})
        .then(async () => {
          const names = [...new Set(next(await read()))];
          await mkdir(dirname(file), { recursive: true });
          await writeFileAtomic(file, JSON.stringify(names), 0o600);
        });
      last = change;
      return change;
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
