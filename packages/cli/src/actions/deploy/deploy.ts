import { resolveHome } from '@rios/sdk/config/home';
import type { AppReport, ModelReport, PlanReport } from '@rios/sdk/schema/deploy-results';
import type { Progress } from '../../progress/progress.ts';
import { connect, type Target } from '../connect.ts';
import { deployApp, dryRun } from './deploy-app.ts';
import { deployModel } from './deploy-model.ts';
import { findApp } from './find-app.ts';
import { type AppFlags, readAppFlags } from './read-app-flags.ts';

/** What was asked on the command line. */
export interface Asked {
  readonly target: Target;
  readonly path: string;
  readonly flags: AppFlags & {
    readonly model?: string | undefined;
    readonly detach?: boolean;
    readonly 'dry-run'?: boolean;
    readonly timeout?: number | undefined;
  };
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** What both ways need; the application's own rios.yaml may name the context. */
async function prepare({ flags, path, target, env, signal }: Asked) {
  const app = await findApp({ path, given: await readAppFlags(flags, env), model: flags.model });
  const client = await connect({ ...target, projectDir: app.folder });
  const { deployerKeyFile } = resolveHome();
  const { detach = false, timeout: timeoutMs } = flags;
  return { client, app, deployerKeyFile, detach, timeoutMs, signal };
}

/** Deploys what is named, or under --dry-run plans it. Throws as deployApp. */
export async function deploy(
  asked: Asked,
  progress: Progress,
): Promise<AppReport | PlanReport | ModelReport> {
  const options = await prepare(asked);
  const { app, client, timeoutMs, signal } = options;
  if (asked.flags['dry-run'] === true) return dryRun(options, progress);
  if (app.from.kind !== 'model') return deployApp(options, progress);
  return deployModel({ client, bundle: app.from.path, project: app.project, timeoutMs, signal }, progress);
}

/** Only plans what is named. */
export async function plan(asked: Asked, progress: Progress): Promise<PlanReport> {
  return dryRun(await prepare(asked), progress);
}
