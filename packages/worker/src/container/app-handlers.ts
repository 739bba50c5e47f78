import { RiosError } from '@rios/sdk/errors/error';
import { execRequestSchema, logsRequestSchema } from '@rios/sdk/schema/container';
import type { Handlers, Incoming } from '@rios/sdk/wire/link';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import type { Containers, LogPart } from './contract.ts';

export interface AppHandlersModules {
  readonly containers: Pick<Containers, 'logs' | 'exec'>;
  /** Whether a peer is an orchestrator of this worker's network: nobody else may read or run anything. */
  readonly isOrchestrator: (peerId: string) => boolean;
}

/** Largest body of one part: a link has many readers. */
const MAX_PART_BYTES = 256 * 1024;

/** What a worker answers on /rios/app/1: what a container wrote, and a command in it. */
export function createAppHandlers({ containers, isOrchestrator }: AppHandlersModules): Handlers {
  const admit = (peerId: string) => {
    if (!isOrchestrator(peerId))
      throw new RiosError('AUTH_FORBIDDEN', 'only an orchestrator may ask for this');
  };
  return {
    [Method.logs]: async ({ meta, peerId, signal, part }) => {
      admit(peerId);
      const request = decodeMeta(logsRequestSchema, meta);
      for await (const piece of containers.logs(request, signal)) await send(part, piece);
      return payload();
    },
    [Method.exec]: async ({ meta, body, peerId, signal, part }) => {
      admit(peerId);
      const request = { ...decodeMeta(execRequestSchema, meta), stdin: body };
      const exitCode = await containers.exec(request, (piece) => send(part, piece), signal);
      return payload({ exitCode });
    },
  };
}

async function send(part: Incoming['part'], { stream, at, bytes }: LogPart): Promise<void> {
  for (let from = 0; from < bytes.length; from += MAX_PART_BYTES)
    await part(payload({ stream, at }, bytes.subarray(from, from + MAX_PART_BYTES)));
}
