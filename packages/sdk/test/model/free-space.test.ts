import { assert } from 'chai';
import { checkFreeSpace } from '../../src/model/free-space.ts';
import { readModelSpec } from '../../src/model/model-spec.ts';
import { planParts } from '../../src/model/shard-plan.ts';
import { withTemp } from '../support/temp-folder.ts';
import { mixtralConfig } from './support/mixtral-checkpoint.ts';
import { rejects } from './support/throws.ts';

const { family, spec } = readModelSpec(mixtralConfig());
const plans = planParts(family, spec, 2);
const text = [{ bytes: new Uint8Array(100) }];

describe('checkFreeSpace', () => {
  it('default: a small bundle fits on the real disk', () =>
    withTemp((directory) => checkFreeSpace(directory, plans, text)));

  it('error CAPACITY_DISK: says what is needed and what is free', async () => {
    const error = await rejects('CAPACITY_DISK', () => checkFreeSpace('/x', plans, text, async () => 1000));
    assert.equal(error.details?.freeBytes, 1000);
    const shards = plans.reduce((sum, { shard }) => sum + shard.sizeBytes, 0);
    assert.isAtLeast(Number(error.details?.neededBytes), shards + 100);
  });
});
