import { AbiCoder, concat, keccak256 } from 'ethers';

/** What RosRewards pays: all that the account ever earned, wei of ROS, and the way from its leaf to the root. */
export interface RewardsProof {
  readonly account: string;
  readonly cumulative: bigint;
  /** 32 bytes each, 0x and hex. */
  readonly proof: readonly string[];
}

/** keccak256(keccak256(abi.encode(account, cumulative))): as OpenZeppelin's StandardMerkleTree, twice against second preimages. */
export function rewardsLeaf(account: string, cumulative: bigint): string {
  return keccak256(
    keccak256(AbiCoder.defaultAbiCoder().encode(['address', 'uint256'], [account, cumulative])),
  );
}

/** Whether the proof leads to the root; pairs are hashed in the order of their bytes, as OpenZeppelin's MerkleProof. Pure. */
export function proves(root: string, { account, cumulative, proof }: RewardsProof): boolean {
  const top = proof.reduce(
    (hash, sibling) => {
      const other = sibling.toLowerCase();
      return keccak256(hash < other ? concat([hash, other]) : concat([other, hash]));
    },
    rewardsLeaf(account, cumulative),
  );
  return top === root.toLowerCase();
}
