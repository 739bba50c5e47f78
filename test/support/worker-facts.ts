import { readdir, readFile, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { WorkerStatus } from '@rios/sdk/schema/worker-process';
import type { DevWorker } from './devnet.ts';

const ANSWER_MS = 5_000;

/** What a running worker says of itself on its control socket. */
export function workerStatus({ dataDir }: DevWorker): Promise<WorkerStatus> {
  const socket = createConnection(join(dataDir, 'control.sock'));
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('the worker does not answer')));
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    createInterface({ input: socket })
      .on('error', reject)
      .on('line', (line) => {
        socket.destroy();
        resolve(JSON.parse(line) as WorkerStatus);
      });
    socket.write('{"command":"status"}\n');
  });
}

/** Every file of the models that a worker holds, with what changes when it is written again. */
export async function heldFiles({ dataDir }: DevWorker): Promise<string[]> {
  const folder = join(dataDir, 'models');
  const names = await readdir(folder, { recursive: true });
  const lines = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name));
      return found.isFile() ? `${name} ${found.ino} ${found.mtimeMs} ${found.size}` : undefined;
    }),
  );
  return lines.filter((line) => line !== undefined).sort();
}

/** Addresses of orchestrators that a worker would start with. */
export async function keptAddresses({ dataDir }: DevWorker): Promise<string[]> {
  const text = await readFile(join(dataDir, 'membership.json'), 'utf8');
  return (JSON.parse(text) as { addresses: string[] }).addresses;
}
