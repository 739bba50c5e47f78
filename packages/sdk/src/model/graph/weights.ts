import { RiosError } from '../../errors/error.ts';
import type { Shard, ShardTensor } from '../shard-plan.ts';
import type { GraphBuilder } from './builder.ts';

/** Gives a graph its shard's tensors by name, declared once each when asked for. */
export function weightsOf(graph: GraphBuilder, shard: Shard): (name: string) => string {
  return (name) => graph.weight(shard.path, tensorNamed(shard, name));
}

function tensorNamed(shard: Shard, name: string): ShardTensor {
  const tensor = shard.tensors.find((each) => each.name === name);
  if (!tensor) throw new RiosError('BUG_UNEXPECTED', `${shard.path} has no tensor "${name}"`);
  return tensor;
}
