import { proves, rewardsLeaf } from '@rios/sdk/chain/rewards-proof';
import { expect } from 'chai';
import { concat, keccak256, toBeHex } from 'ethers';

const ROS = 10n ** 18n;
const accounts = [1n, 2n, 3n].map((n) => toBeHex(n, 20));
const leaves = accounts.map((account, index) => rewardsLeaf(account, BigInt(index + 1) * ROS));
const [a = '', b = '', c = ''] = leaves;
const joined = (x: string, y: string) => keccak256(concat(BigInt(x) < BigInt(y) ? [x, y] : [y, x]));
const ROOT = joined(joined(a, b), c);

/** StandardMerkleTree.of([['0x…01', '1000000000000000000']], ['address', 'uint256']).root */
const STANDARD_LEAF = '0x6081e60a560cf21a6ea538bd62fec907bc40d5711c5e8c7e8fbe6dc134b72608';

describe('rewards proof', () => {
  it('default: leads from each leaf to the root', () => {
    const proofs = [[b, c], [a, c], [joined(a, b)]];

    for (const [index, proof] of proofs.entries()) {
      const claim = { account: accounts[index] ?? '', cumulative: BigInt(index + 1) * ROS, proof };
      expect(proves(ROOT, claim), `leaf ${index}`).to.equal(true);
    }
  });

  it('behaviour: the leaf is the one of OpenZeppelin’s StandardMerkleTree', () => {
    expect(rewardsLeaf(accounts[0] ?? '', ROS)).to.equal(STANDARD_LEAF);
  });

  it('behaviour: another amount, account, proof or root does not', () => {
    const claim = { account: accounts[0] ?? '', cumulative: ROS, proof: [b, c] };

    expect(proves(ROOT, { ...claim, cumulative: ROS + 1n })).to.equal(false);
    expect(proves(ROOT, { ...claim, account: accounts[1] ?? '' })).to.equal(false);
    expect(proves(ROOT, { ...claim, proof: [c, b] })).to.equal(false);
    expect(proves(ROOT, { ...claim, proof: [] })).to.equal(false);
    expect(proves(a, claim)).to.equal(false);
  });
});
