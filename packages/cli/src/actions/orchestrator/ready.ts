import { RiosError } from '@rios/sdk/errors/error';
import type { ChildEvent } from '../../launch.ts';

/** What an orchestrator says when it is up. */
export interface OrchestratorReady {
  readonly apiUrl: string;
  readonly tokenFile: string;
  readonly networkId: string;
}

/** Reads the ready event of `rios-orchestrator`. */
export function parseReady(event: ChildEvent): OrchestratorReady {
  const { apiUrl, tokenFile, networkId } = event;
  if (typeof apiUrl === 'string' && typeof tokenFile === 'string' && typeof networkId === 'string') {
    return { apiUrl, tokenFile, networkId };
  }
  throw new RiosError('BUG_UNEXPECTED', 'rios-orchestrator became ready without an address', {
    details: { ...event },
  });
}
