import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { RiosError } from '@rios/sdk/errors/error';
import type { Sandbox } from '@rios/sdk/schema/app';
import { WORKER_LABEL } from '@rios/sdk/schema/container';
import type { ContainerSpec, Engine } from './engine.ts';
import { KERNEL_PATH, kernelImage } from './kernel-image.ts';
import { kernelProgram } from './kernel-program.ts';

/** The image of the program that is run for it: one file. */
const IMAGE = 'localhost/rios/sandbox-check:2';
const TIMEOUT_MS = 60_000;

/**
 * Starts one container in the class, reads what runtime the engine really took, and removes it.
 *
 * @returns the release of the kernel that the container saw; undefined on a processor for which we have no program
 * @throws RiosError DEPLOY_SANDBOX when another class ran, or it did not run; DEPLOY_ENGINE
 */
export async function checkSandbox(
  engine: Engine,
  sandbox: Sandbox,
  worker: string,
): Promise<string | undefined> {
  const program = kernelProgram(process.arch);
  if (program === undefined) return undefined;
  if ((await engine.image(IMAGE)) === undefined)
    await engine.load(Readable.from([await kernelImage(program, IMAGE)]), AbortSignal.timeout(TIMEOUT_MS));
  const id = await engine.create(specOf(sandbox, worker));
  try {
    await engine.start(id);
    const real = await engine.sandboxOf(id);
    if (real !== sandbox)
      throw new RiosError(
        'DEPLOY_SANDBOX',
        `asked for ${sandbox}, the engine ran ${real ?? 'an unknown class'}`,
      );
    await engine.ended(id, AbortSignal.timeout(TIMEOUT_MS));
    const { exitCode } = await engine.inspect(id);
    const kernel = await written(engine, id);
    if (exitCode !== 0 || kernel === '')
      throw new RiosError('DEPLOY_SANDBOX', `a container of the class ${sandbox} ended with ${exitCode}`);
    return kernel;
  } finally {
    await engine.remove(id);
  }
}

async function written(engine: Engine, id: string): Promise<string> {
  const options = { tailLines: 10, sinceAt: null, follow: false };
  const parts: Uint8Array[] = [];
  for await (const { bytes } of engine.logs(id, options, AbortSignal.timeout(TIMEOUT_MS))) parts.push(bytes);
  return Buffer.concat(parts).toString('latin1').replaceAll('\0', '').trim();
}

const specOf = (sandbox: Sandbox, worker: string): ContainerSpec => ({
  name: `rios-check-${randomBytes(6).toString('hex')}`,
  labels: { [WORKER_LABEL]: worker },
  image: IMAGE,
  volumes: [],
  run: [KERNEL_PATH],
  env: {},
  uid: 65_534,
  appFolder: undefined,
  ports: [],
  network: undefined,
  resources: { cpuMillicores: 500, memoryBytes: 128 * 1024 ** 2, diskBytes: 0, pids: 16, gpus: 0 },
  sandbox,
});
