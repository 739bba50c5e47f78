import { basename } from 'node:path';
import type { Sandbox } from '@rios/sdk/schema/app';

const CLASSES: ReadonlyMap<string, Sandbox> = new Map([
  ['runc', 'standard'],
  ['crun', 'standard'],
  ['runsc', 'gvisor'],
  ['kata', 'kata'],
  ['kata-runtime', 'kata'],
  ['io.containerd.runc.v2', 'standard'],
  ['io.containerd.runsc.v1', 'gvisor'],
  ['io.containerd.kata.v2', 'kata'],
]);

/** The class of a runtime by its name (or path), as the engine says it; undefined = one that we do not know. */
export function sandboxOfRuntime(runtime: string): Sandbox | undefined {
  return CLASSES.get(basename(runtime));
}
