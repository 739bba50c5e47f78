import { join } from 'node:path';
import { startAppNetwork } from '../support/app-network.ts';
import { RIOS } from '../support/rios.ts';
import { ROOT, runProgram } from '../support/run-script.ts';
import type { ContainerServers } from '../support/with-containers.ts';

/** Milliseconds, for each round: by `rios deploy` and through ingress; by the engine's own command and directly. */
export interface DeployTimes {
  readonly riosMs: readonly number[];
  readonly engineMs: readonly number[];
}

/** Issue: from the command to the first healthy answer, and times the same by the engine's own means. */
export const MAX_MS = 3_000;
export const MAX_RATIO = 1.5;

const APP = join(ROOT, 'examples', 'hello-http');
const ROUND_MS = 60_000;
/** Until it answers well; both sides ask in the same way. */
const ASK = 'until curl -fs --max-time 5 -o /dev/null "$@"; do sleep 0.02; done';
/** As its rios.yaml says and as the worker limits it. */
const LIMITS = [
  '--cpus',
  '0.25',
  '--memory',
  '128m',
  '--pids-limit',
  '256',
  '--cap-drop',
  'all',
  '--read-only',
];

/**
 * Deploys examples/hello-http `rounds` times under a new name, each time beside the same container started by the
 * engine's own command, and measures from the command to the first answer of 200.
 */
export async function measureDeploys(
  servers: ContainerServers,
  rounds: number,
  log: (line: string) => void = () => undefined,
): Promise<DeployTimes> {
  const network = await startAppNetwork(servers, { workers: 1 });
  const [riosMs, engineMs]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round <= rounds; round++) {
      const name = `round-${round}`;
      const byEngine = await timed(ENGINE, [name, ...LIMITS]);
      await runProgram('podman', ['rm', '--force', '--time', '0', name]);
      const byRios = await timed(DEPLOY, [name, String(network.appsPort)], network.env);
      await network.rios('delete', name, '--yes', '--wait');
      log(`${name}: rios ${byRios} ms, engine ${byEngine} ms${round === 0 ? ' (not counted)' : ''}`);
      // the first one warms both
      if (round === 0) continue;
      riosMs.push(byRios);
      engineMs.push(byEngine);
    }
  } finally {
    await network.stop();
  }
  return { riosMs, engineMs };
}

const ENGINE = `name=$1; shift
began=$(date +%s%N)
podman run --detach --name "$name" "$@" --publish 127.0.0.1::8080 --env PORT=8080 --volume '${APP}:/app:ro' rios/node node server.js >&2
set -- "http://$(podman port "$name" 8080/tcp)/healthz"
${ASK}
echo $((($(date +%s%N) - began) / 1000000))`;

const DEPLOY = `began=$(date +%s%N)
'${process.execPath}' '${RIOS}' deploy '${APP}' --name "$1" >&2 &
deploying=$!
set -- -H "Host: $1.localhost:$2" "http://127.0.0.1:$2/healthz"
${ASK}
echo $((($(date +%s%N) - began) / 1000000))
wait "$deploying"`;

/** The milliseconds that a script printed; it must end well. */
async function timed(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const { code, stdout, stderr } = await runProgram('sh', ['-euc', script, 'sh', ...args], {
    env,
    timeoutMs: ROUND_MS,
  });
  if (code !== 0) throw new Error(`it ended with ${code}: ${stderr}`);
  return Number(stdout);
}

/** The middle one. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
