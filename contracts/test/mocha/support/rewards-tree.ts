import { StandardMerkleTree } from '@openzeppelin/merkle-tree';

/** What accounts have earned in all, as [address, base units]. */
export type Earnings = readonly (readonly [account: string, cumulative: bigint])[];

/** The tree that a root is published of, with the claims that it proves. */
export function treeOf(earnings: Earnings) {
  const tree = StandardMerkleTree.of(
    earnings.map(([account, cumulative]) => [account, cumulative.toString()]),
    ['address', 'uint256'],
  );
  const claimOf = (index: number) => {
    const [account, cumulative] = earnings[index];
    return { account, cumulative, proof: tree.getProof(index) };
  };
  return { root: tree.root, total: earnings.reduce((sum, [, one]) => sum + one, 0n), claimOf };
}
