import { join } from 'node:path';
import { RiosError } from '@rios/sdk/errors/error';
import type { StopReport } from '@rios/sdk/schema/cli-results';
import { endProcess, readRunningPid, type StopOptions } from '../end-process.ts';

/**
 * Stops the orchestrator of a data directory; it finishes its streams first.
 * @throws RiosError NOT_FOUND, PEER_TIMEOUT
 */
export async function stopOrchestrator(options: StopOptions): Promise<StopReport> {
  const pid = await readRunningPid(join(options.dataDir, 'orchestrator.json'), 'rios-orchestrator');
  if (pid !== undefined) return endProcess(pid, options);
  throw new RiosError('NOT_FOUND', `no orchestrator runs on ${options.dataDir}`, {
    hint: 'Start one: rios orchestrator start; or name its --data-dir.',
  });
}
