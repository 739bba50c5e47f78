import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRewardsTree } from '@rios/sdk/settlement/rewards-tree';
import { expect } from 'chai';
import { encodeTree, readProof } from '../../src/settlement/tree-file.ts';
import { expectError } from '../support/expect-error.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

const leafOf = (index: number) => ({
  account: `0x${String(index + 1).padStart(40, '0')}`,
  cumulativeWei: BigInt(index + 1) * 10n ** 15n,
});

describe('tree-file', () => {
  let place: Awaited<ReturnType<typeof createTempDirectory>>;
  before(async () => {
    place = await createTempDirectory();
  });
  after(() => place.remove());
  const write = async (bytes: Uint8Array) => {
    const file = join(place.path, 'a.tree');
    await writeFile(file, bytes);
    return file;
  };

  it('default: every leaf has the proof that the tree in memory gives, whatever the number of leaves', async () => {
    for (const count of [1, 2, 3, 4, 5, 7, 8, 33]) {
      const leaves = Array.from({ length: count }, (_, index) => leafOf(index));
      const tree = createRewardsTree(leaves);
      const file = await write(encodeTree(tree.nodes));
      for (const leaf of leaves) {
        expect(await readProof(file, leaf, tree.root), `${leaf.account} of ${count}`).to.deep.equal(
          tree.proofOf(leaf.account),
        );
      }
      expect(await readProof(file, { ...leafOf(0), cumulativeWei: 1n }, tree.root), `${count}`).to.equal(
        undefined,
      );
    }
  });

  it('error INTEGRITY_RECEIPTS: a tree of another root, or one that is cut off', async () => {
    const tree = createRewardsTree([leafOf(0), leafOf(1), leafOf(2)]);
    const file = await write(encodeTree(tree.nodes));
    await expectError(readProof(file, leafOf(0), `0x${'0'.repeat(64)}`), 'INTEGRITY_RECEIPTS');
    for (const sizeBytes of [0, 31, 64]) {
      await write(encodeTree(tree.nodes).subarray(0, sizeBytes));
      await expectError(readProof(file, leafOf(0), tree.root), 'INTEGRITY_RECEIPTS');
    }
  });
});
