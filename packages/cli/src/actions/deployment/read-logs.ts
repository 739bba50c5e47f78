import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@rios/sdk/api/client';
import { hasCode, RiosError } from '@rios/sdk/errors/error';
import type { DeploymentLog } from '@rios/sdk/schema/deployment';

const RETRY_MS = 1000;
/** So often in a row a lost connection is made anew. */
const MAX_RETRIES = 10;
const LOST = ['PEER_LOST', 'API_UNREACHABLE', 'API_TIMEOUT'] as const;

export interface LogsOptions {
  readonly client: Client;
  readonly name: string;
  readonly follow: boolean;
  /** Lines of each replica to begin with. */
  readonly tail: number;
  /** Only what was written after this time, ms. */
  readonly since?: number | undefined;
  readonly replica?: string | undefined;
  readonly signal: AbortSignal;
  readonly onPiece: (piece: DeploymentLog) => void;
  /** The connection was lost and is made anew. */
  readonly onLost: (error: RiosError) => void;
}

async function readOnce(options: LogsOptions, since: number | undefined): Promise<void> {
  const { client, name, follow, tail, replica, signal, onPiece } = options;
  const query = {
    follow,
    // after a break everything since then counts, not the last lines
    ...(since === options.since ? { tail } : {}),
    ...(since === undefined ? {} : { since }),
    ...(replica === undefined ? {} : { replica }),
  };
  for await (const piece of client.stream('deploymentLogs', { params: { name }, query, signal }))
    onPiece(piece);
}

/**
 * Reads what the containers of a deployment write, and with `follow` what comes, until `signal` fires: a lost
 * connection is then made anew from where it broke.
 * @throws RiosError NOT_FOUND…, API_UNREACHABLE after ten tries, and what the orchestrator says
 */
export async function readLogs(options: LogsOptions): Promise<void> {
  const { signal, follow } = options;
  let since = options.since;
  let tries = 0;
  const onPiece = (piece: DeploymentLog) => {
    since = Math.max(since ?? 0, piece.at + 1);
    tries = 0;
    options.onPiece(piece);
  };
  for (;;) {
    try {
      await readOnce({ ...options, onPiece }, since);
      return;
    } catch (error) {
      if (follow && signal.aborted) return;
      // it was there, and was deleted since
      if (follow && tries > 0 && error instanceof RiosError && error.status === 404) return;
      const isLost = LOST.some((code) => hasCode(error, code));
      if (!follow || !isLost || !(error instanceof RiosError) || tries >= MAX_RETRIES) throw error;
      tries++;
      options.onLost(error);
      await delay(RETRY_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
    }
  }
}
