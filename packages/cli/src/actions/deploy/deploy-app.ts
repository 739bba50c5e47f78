import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@rios/sdk/api/client';
import { hasCode, RiosError } from '@rios/sdk/errors/error';
import type { AppReport, PlanReport } from '@rios/sdk/schema/deploy-results';
import type { Progress } from '../../progress/progress.ts';
import { sendFiles } from '../blobs/send-files.ts';
import { followRelease } from '../deployment/follow-release.ts';
import { type BuiltApp, buildApp } from './build-app.ts';
import type { App } from './find-app.ts';
import { checkRoom, planApp } from './plan-app.ts';

export interface DeployOptions {
  readonly client: Client;
  readonly app: App;
  readonly deployerKeyFile: string;
  readonly detach: boolean;
  readonly timeoutMs?: number | undefined;
  readonly signal: AbortSignal;
}

/** Packs (or hashes) and plans; nothing is uploaded. */
export async function dryRun(options: DeployOptions, progress: Progress): Promise<PlanReport> {
  return withScratch(async (scratch) => {
    const built = await buildApp({ ...options, scratch }, progress);
    const plan = await planApp(options.client, built, options.signal);
    progress.stop();
    return plan;
  });
}

/**
 * Packs, asks for room, uploads what the network lacks, makes the release, and waits until it is healthy. Ctrl-C
 * before the release was made leaves what was uploaded for the next time; after it, the release goes on.
 * @throws RiosError CAPACITY_NO_PLACEMENT, DEPLOY_FAILED, DEPLOY_OVERTAKEN, CONFLICT_*, API_*, USER_*
 */
export async function deployApp(options: DeployOptions, progress: Progress): Promise<AppReport> {
  const { client, signal } = options;
  return withScratch(async (scratch) => {
    const built = await buildApp({ ...options, scratch }, progress);
    const expectedRelease = await latestRelease(client, built.name, signal);
    const plan = await planApp(client, built, signal);
    if (!options.detach) checkRoom(plan, expectedRelease > 0);
    const sent = await upload(options, built, progress);
    const { name, spec } = built;
    const made = await client.deploy({ params: { name }, body: { spec, expectedRelease }, signal });
    const view = await followRelease({ ...options, made }, progress);
    return { kind: 'app', ...view, release: made.latestRelease, ...sent };
  });
}

/** 0 when there is none: then nobody else may have made the first one meanwhile. */
async function latestRelease(client: Client, name: string, signal: AbortSignal): Promise<number> {
  try {
    return (await client.getDeployment({ params: { name }, signal })).latestRelease;
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND_DEPLOYMENT')) return 0;
    throw error;
  }
}

async function upload({ client, signal }: DeployOptions, built: BuiltApp, progress: Progress) {
  if (built.upload === undefined) return { sentBytes: 0, presentBytes: 0 };
  const { folder, file } = built.upload;
  progress.step(`Uploading ${built.name}`);
  try {
    const { sentBytes, missingBytes } = await sendFiles({ client, folder, signal }, [file], progress);
    return { sentBytes, presentBytes: file.sizeBytes - missingBytes };
  } catch (error) {
    if (!hasCode(error, 'USER_INTERRUPTED')) throw error;
    throw new RiosError('USER_INTERRUPTED', `interrupted before a release of ${built.name} was made`, {
      hint: 'Run the same command again: what was uploaded is not sent twice.',
      cause: error,
    });
  }
}

async function withScratch<T>(use: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), 'rios-deploy-'));
  try {
    return await use(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
