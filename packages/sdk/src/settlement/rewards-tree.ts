import { concat, keccak256 } from 'ethers';
import { type RewardsProof, rewardsLeaf } from '../chain/rewards-proof.ts';
import { RiosError } from '../errors/error.ts';

/** All that an account ever earned, wei of ROS. */
export interface Earned {
  /** 0x and 40 hex digits. */
  readonly account: string;
  readonly cumulativeWei: bigint;
}

/** The tree that RosRewards checks claims against: of OpenZeppelin's StandardMerkleTree over (address, uint256). */
export interface RewardsTree {
  /** 0x and 64 hex digits. */
  readonly root: string;
  /** All hashes from the root on: children of `i` at 2i + 1 and 2i + 2, leaves ascending from the end. */
  readonly nodes: readonly string[];
  /** Undefined when the account has no leaf. */
  proofOf(account: string): RewardsProof | undefined;
}

/**
 * Builds the tree. The order of `leaves` makes no difference: hashes are sorted, and laid out as a complete binary
 * tree whose nodes stand before their children. Pure; costs two hashes for a leaf and one for each branch.
 * @throws RiosError USER_INVALID_REQUEST when there is no leaf, or an account has two
 */
export function createRewardsTree(leaves: readonly Earned[]): RewardsTree {
  if (leaves.length === 0) throw new RiosError('USER_INVALID_REQUEST', 'without payees there is no root');
  const hashed = leaves
    .map((leaf) => ({ leaf, hash: rewardsLeaf(leaf.account, leaf.cumulativeWei) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const hashes = layOut(hashed.map(({ hash }) => hash));
  const places = new Map(
    hashed.map(({ leaf }, index) => [leaf.account.toLowerCase(), { leaf, at: hashes.length - 1 - index }]),
  );
  if (places.size < leaves.length) {
    throw new RiosError('USER_INVALID_REQUEST', 'an account has two leaves in one tree');
  }
  const proofOf = (account: string): RewardsProof | undefined => {
    const place = places.get(account.toLowerCase());
    if (place === undefined) return undefined;
    const { leaf, at } = place;
    return { account: leaf.account, cumulative: leaf.cumulativeWei, proof: wayUp(hashes, at) };
  };
  return { root: textAt(hashes, 0), nodes: hashes, proofOf };
}

/** Nodes from the root on; the children of `i` are at 2i + 1 and 2i + 2, the leaves from last to first at the end. */
function layOut(leaves: readonly string[]): string[] {
  const size = 2 * leaves.length - 1;
  const nodes = new Array<string>(size);
  for (const [index, leaf] of leaves.entries()) nodes[size - 1 - index] = leaf;
  for (let at = size - leaves.length - 1; at >= 0; at--) {
    nodes[at] = pairHash(textAt(nodes, 2 * at + 1), textAt(nodes, 2 * at + 2));
  }
  return nodes;
}

function wayUp(nodes: readonly string[], leafAt: number): string[] {
  const proof: string[] = [];
  for (let at = leafAt; at > 0; at = (at - 1) >> 1) proof.push(textAt(nodes, at % 2 === 1 ? at + 1 : at - 1));
  return proof;
}

const pairHash = (a: string, b: string): string => keccak256(a < b ? concat([a, b]) : concat([b, a]));

function textAt(nodes: readonly string[], at: number): string {
  const found = nodes[at];
  if (found === undefined) throw new RiosError('BUG_UNEXPECTED', `a tree has no node ${at}`);
  return found;
}
