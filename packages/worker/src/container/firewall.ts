import { spawn } from 'node:child_process';
import { RiosError } from '@rios/sdk/errors/error';
import { type EgressOf, firewallRules, tableOf } from './firewall-rules.ts';

/** Keeps containers apart from this machine, its network and each other, by an nftables table of the worker's own. */
export interface Firewall {
  /** Resolves once the kernel follows the rules. Throws DEPLOY_ENGINE. */
  apply(containers: readonly EgressOf[]): Promise<void>;
  remove(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
const MAX_ERROR = 500;

/** Does nothing before the first `apply`. Calls follow one another. */
export function createFirewall(worker: string): Firewall {
  let last: Promise<void> = Promise.resolve();
  const next = (script: string) => {
    last = last.catch(() => {}).then(() => runNft(script));
    return last;
  };
  return {
    apply: (containers) => next(firewallRules(worker, containers)),
    remove: () => next(`table inet ${tableOf(worker)} {}\ndelete table inet ${tableOf(worker)}\n`),
  };
}

function runNft(script: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('nft', ['-f', '-'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: TIMEOUT_MS,
      env: { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` },
    });
    let said = '';
    const fail = (why: string) =>
      reject(
        new RiosError(
          'DEPLOY_ENGINE',
          `containers cannot be kept apart: nft: ${why.trim().slice(0, MAX_ERROR)}`,
          {
            hint: 'Install nftables, and give the worker CAP_NET_ADMIN (or run it as root).',
          },
        ),
      );
    child.stderr.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(0, MAX_ERROR);
    });
    child.stdin.on('error', () => {});
    child.once('error', (error) => fail(error.message));
    child.once('close', (code) => (code === 0 ? resolve() : fail(said || `ended with ${code}`)));
    child.stdin.end(script);
  });
}
