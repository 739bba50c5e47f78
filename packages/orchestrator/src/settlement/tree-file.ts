import { type FileHandle, open } from 'node:fs/promises';
import { proves, type RewardsProof, rewardsLeaf } from '@rios/sdk/chain/rewards-proof';
import { RiosError } from '@rios/sdk/errors/error';
import type { Earned } from '@rios/sdk/settlement/rewards-tree';

/** Bytes of a hash. */
const NODE = 32;

/** The tree of an epoch as bytes: its hashes from the root on, 32 bytes each. Proofs are read out of it one by one. */
export function encodeTree(nodes: readonly string[]): Buffer {
  return Buffer.from(nodes.map((node) => node.slice(2)).join(''), 'hex');
}

/**
 * The proof of one leaf, in some 40 short reads however many leaves there are; undefined when the tree has no such
 * leaf. @throws RiosError INTEGRITY_RECEIPTS when the file is no tree of that root
 */
export async function readProof(file: string, leaf: Earned, root: string): Promise<RewardsProof | undefined> {
  const opened = await open(file, 'r');
  try {
    const { size } = await opened.stat();
    const nodes = size / NODE;
    if (nodes % 2 !== 1) throw damaged(root);
    const at = await findNode(opened, nodes, rewardsLeaf(leaf.account, leaf.cumulativeWei));
    if (at === undefined) return undefined;
    const proof: string[] = [];
    for (let node = at; node > 0; node = (node - 1) >> 1) {
      proof.push(await nodeAt(opened, node % 2 === 1 ? node + 1 : node - 1));
    }
    const found = { account: leaf.account, cumulative: leaf.cumulativeWei, proof };
    if (proves(root, found)) return found;
    throw damaged(root);
  } finally {
    await opened.close();
  }
}

/** Leaves are the last half of the nodes and one, ascending from the end. */
async function findNode(file: FileHandle, nodes: number, hash: string): Promise<number | undefined> {
  let low = 0;
  let high = (nodes + 1) / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = nodes - 1 - middle;
    const found = await nodeAt(file, at);
    if (found === hash) return at;
    if (found < hash) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

async function nodeAt(file: FileHandle, index: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(NODE), 0, NODE, index * NODE);
  if (bytesRead === NODE) return `0x${buffer.toString('hex')}`;
  throw new RiosError('INTEGRITY_RECEIPTS', 'the tree of an epoch is cut off');
}

const damaged = (root: string) =>
  new RiosError('INTEGRITY_RECEIPTS', 'the tree of an epoch is damaged', { details: { root } });
