import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { proves } from '@rios/sdk/chain/rewards-proof';
import { createRewardsTree } from '@rios/sdk/settlement/rewards-tree';
import { expect } from 'chai';
import { toBeHex } from 'ethers';
import { failureIn } from './support/failure-in.ts';

const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    account: toBeHex(BigInt(index + 1) * 7_919n, 20),
    cumulativeWei: BigInt(index) ** 3n * 10n ** 15n + 1n,
  }));

describe('rewards tree', () => {
  it('default: its root is the one of OpenZeppelin’s StandardMerkleTree, for any number of leaves', () => {
    for (let count = 1; count <= 40; count++) {
      const leaves = leavesOf(count);
      const standard = StandardMerkleTree.of(
        leaves.map(({ account, cumulativeWei }) => [account, String(cumulativeWei)]),
        ['address', 'uint256'],
      );
      expect(createRewardsTree(leaves).root, `${count} leaves`).to.equal(standard.root);
    }
  });

  it('behaviour: each proof leads to the root', () => {
    for (const count of [1, 2, 3, 7, 8, 33]) {
      const leaves = leavesOf(count);
      const tree = createRewardsTree(leaves);
      for (const { account, cumulativeWei } of leaves) {
        const proof = tree.proofOf(account.toUpperCase().replace('0X', '0x'));
        expect(proof?.cumulative, account).to.equal(cumulativeWei);
        expect(proof !== undefined && proves(tree.root, proof), `${account} of ${count}`).to.equal(true);
      }
    }
  });

  it('behaviour: the order of leaves makes no difference; an amount does', () => {
    const leaves = leavesOf(9);
    const { root } = createRewardsTree(leaves);
    const more = leaves.map((leaf, at) =>
      at === 4 ? { ...leaf, cumulativeWei: leaf.cumulativeWei + 1n } : leaf,
    );

    expect(createRewardsTree(leaves.toReversed()).root).to.equal(root);
    expect(createRewardsTree(more).root).to.not.equal(root);
    expect(createRewardsTree(leaves).proofOf(toBeHex(1n, 20))).to.equal(undefined);
  });

  it('error USER_INVALID_REQUEST: no leaf, or two of one account', () => {
    const [one] = leavesOf(1);
    const twice = one === undefined ? [] : [one, { ...one, cumulativeWei: 5n }];

    expect(failureIn(() => createRewardsTree([])).code).to.equal('USER_INVALID_REQUEST');
    expect(failureIn(() => createRewardsTree(twice)).code).to.equal('USER_INVALID_REQUEST');
  });
});
