import type { Completion } from '@rios/sdk/schema/api';
import type { Devnet, DevWorker } from './devnet.ts';

/** Who answered on an island: `first` runs the trunk, `expert` only computes experts. Throws when there is none such. */
export function servedBy(
  { workers }: Pick<Devnet, 'workers'>,
  { rios }: Completion,
  role: 'first' | 'expert',
): DevWorker {
  const id = rios?.workers.find(({ parts }) => parts.includes('embed') === (role === 'first'))?.id;
  const worker = workers.find(({ peerId }) => peerId === id);
  if (worker === undefined) throw new Error(`no ${role} worker among those that answered`);
  return worker;
}
