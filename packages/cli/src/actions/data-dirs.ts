import { resolve } from 'node:path';
import { resolveHome } from '@rios/sdk/config/home';

/** Directory of the local worker: the given one, or the home's. */
export function workerDir(given: string | undefined): string {
  return given === undefined ? resolveHome().workerDir : resolve(given);
}

/** Directory of the local orchestrator: the given one, or the home's. */
export function orchestratorDir(given: string | undefined): string {
  return given === undefined ? resolveHome().orchestratorDir : resolve(given);
}

/** Directory of the dev network: the given one, or the home's. */
export function devDir(given: string | undefined): string {
  return given === undefined ? resolveHome().devDir : resolve(given);
}
