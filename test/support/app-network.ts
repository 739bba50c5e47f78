import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppReport } from '@rios/sdk/schema/deploy-results';
import type { DeploymentView } from '@rios/sdk/schema/deployment';
import { type Answer, askApp } from './ask-app.ts';
import { type Devnet, startDevnet } from './devnet.ts';
import { riosJson } from './rios.ts';
import { ROOT } from './run-script.ts';
import { writeTree } from './temp-folder.ts';
import { until } from './until.ts';
import type { ContainerServers } from './with-containers.ts';

/** A network of real processes whose workers run real containers. */
export interface AppNetwork extends Devnet {
  readonly appsPort: number;
  /** Runs `rios … --json`, which must succeed. */
  rios<T>(...args: string[]): Promise<T>;
  /** Deploys test/support/app as `name`, with the flags of `rios deploy`, and waits as that does. */
  deploy(name: string, ...flags: string[]): Promise<AppReport>;
  /** The folder of test/support/app, with these lines in its rios.yaml as well. */
  appFolder(lines?: string): Promise<string>;
  view(name: string): Promise<DeploymentView>;
  /** Waits until so many replicas are healthy and no other is left. */
  settled(name: string, replicas: number): Promise<DeploymentView>;
  /** Asks the app through ingress. */
  ask(name: string, path?: string): Promise<Answer>;
}

const SERVER = join(ROOT, 'test/support/app/server.js');
/** Probes often: tests wait for them. */
const PROJECT = `run: [node, server.js]
port: 8080
cpu: 0.5
memory: 96Mi
disk: 8Mi
health: { http: /healthz, interval: 200ms, grace: 5s, threshold: 3 }
`;
const DEPLOY_MS = 90_000;

/** Starts an orchestrator with ingress and `workers` workers on the engine, and waits until they offer containers. */
export async function startAppNetwork(
  servers: ContainerServers,
  options: { readonly workers: number; readonly orchestrator?: readonly string[] },
): Promise<AppNetwork> {
  const devnet = await startDevnet({
    workers: options.workers,
    orchestrator: ['--apps-port', '0', ...(options.orchestrator ?? [])],
    workerEnv: servers.env,
  });
  const { appsPort } = await devnet.orchestrator.waitFor('ready');
  const server = await readFile(SERVER, 'utf8');
  const appFolder = async (lines = '') => {
    const folder = await mkdtemp(join(devnet.folder, 'app-'));
    await writeTree(folder, { 'rios.yaml': `${PROJECT}${lines}`, 'server.js': server });
    return folder;
  };
  const run = <T>(...args: string[]) => riosJson<T>(args, { env: devnet.env, timeoutMs: DEPLOY_MS });
  const view = (name: string) => devnet.client.getDeployment({ params: { name } });
  return {
    ...devnet,
    appsPort: Number(appsPort),
    rios: run,
    appFolder,
    deploy: async (name, ...flags) => run('deploy', await appFolder(), '--name', name, ...flags),
    view,
    settled: (name, replicas) =>
      until(`${replicas} healthy replicas of ${name}`, async () => {
        const seen = await view(name);
        const all = seen.replicas.length === replicas && seen.healthy === replicas;
        return all && seen.state === 'ready' ? seen : undefined;
      }),
    ask: (name, path = '/') => askApp(Number(appsPort), name, path),
  };
}
