import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { RiosError } from '@rios/sdk/errors/error';
import type { EpochView, RewardsClaim, RewardsView } from '@rios/sdk/schema/settlement';
import type { ChainSource } from '../chain/chain-source.ts';
import type { BytesAnswer } from '../gateway/endpoint.ts';
import { findIntent } from '../store/chain-intents.ts';
import { findLeaf } from '../store/epoch-leaves.ts';
import { type EpochPlace, findEpoch, idOf, listEpochs, type StoredEpoch } from '../store/epochs.ts';
import { createEnsureFiles, type EnsureFiles } from './ensure-files.ts';
import type { EpochSettler } from './epoch-settler.ts';
import { createStatistics } from './epoch-statistics.ts';
import { viewOfEpoch } from './epoch-view.ts';
import type { Epochs } from './epochs-port.ts';

const PAGE = 20;
/** One can wait, one counts; of a transaction that is not settled yet, nobody knows. */
const CLAIMABLE = 3;

interface FilesOf extends Pick<EpochSettler, 'store' | 'files'> {
  readonly ensure: EnsureFiles;
}

type Views = Pick<Epochs, 'list' | 'show' | 'receipts' | 'proofOf' | 'statistics'>;

/** What everybody may ask about epochs. The chain is not asked: who asks us can ask it. */
export function createEpochViews(settler: EpochSettler, chain: Pick<ChainSource, 'find'>): Views {
  const { store } = settler;
  const files: FilesOf = { ...settler, ensure: createEnsureFiles(settler) };
  const findPlace = async (): Promise<EpochPlace | undefined> => {
    const followed = await chain.find();
    return (
      followed && { chainId: followed.file.chainId, rewards: followed.file.addresses.rewards.toLowerCase() }
    );
  };
  const find = async (epoch: number): Promise<StoredEpoch> => {
    const place = await findPlace();
    const found = place && (await findEpoch(store, { ...place, epoch }));
    if (found !== undefined) return found;
    throw new RiosError('NOT_FOUND_EPOCH', `there is no epoch ${epoch}`);
  };
  return {
    list: async ({ before, limit = PAGE }) => {
      const place = await findPlace();
      const rows = place === undefined ? [] : await listEpochs(store, place, { before, limit });
      return Promise.all(rows.map((row) => show(settler, row)));
    },
    show: async (epoch) => show(settler, await find(epoch)),
    receipts: async (epoch) => openReceipts(files, await find(epoch)),
    proofOf: async (address) => {
      const place = await findPlace();
      const rows = place === undefined ? [] : await listEpochs(store, place, { limit: CLAIMABLE });
      return claimsOf(files, rows, address);
    },
    statistics: createStatistics(settler, findPlace),
  };
}

async function show({ store }: EpochSettler, row: StoredEpoch): Promise<EpochView> {
  return viewOfEpoch(row, row.intent_key === null ? undefined : await findIntent(store, row.intent_key));
}

async function openReceipts({ files, ensure }: FilesOf, epoch: StoredEpoch): Promise<BytesAnswer> {
  const { file_sha256: sha256, file_bytes: sizeBytes } = epoch;
  if (epoch.state !== 'built' || sha256 === null || sizeBytes === null) {
    throw new RiosError('NOT_FOUND_EPOCH', `epoch ${epoch.epoch} has no receipts file: it is ${epoch.state}`);
  }
  await ensure(epoch);
  const file = files.receiptsOf(sha256);
  const open = (from: number, to: number) =>
    to === from ? Readable.from([]) : createReadStream(file, { start: from, end: to - 1 });
  return { kind: 'bytes', contentType: 'application/x-ndjson', sizeBytes, etag: sha256, open };
}

async function claimsOf(from: FilesOf, rows: readonly StoredEpoch[], address: string): Promise<RewardsView> {
  const claims: RewardsClaim[] = [];
  for (const row of rows.filter(({ state }) => state === 'built')) {
    const claim = await claimOf(from, row, address.toLowerCase());
    if (claim !== undefined) claims.push(claim);
  }
  if (claims.length > 0) return { account: address, claims };
  throw new RiosError('NOT_FOUND_REWARDS', `${address} has earned nothing that was settled`);
}

async function claimOf(
  { store, files, ensure }: FilesOf,
  row: StoredEpoch,
  account: string,
): Promise<RewardsClaim | undefined> {
  const { root, file_sha256: sha256, epoch } = row;
  const leaf = await findLeaf(store, idOf(row), account);
  if (leaf === undefined || root === null || sha256 === null) return undefined;
  await ensure(row);
  const { readProof } = await import('./tree-file.ts');
  const found = await readProof(files.treeOf(sha256), leaf, root);
  if (found === undefined) return undefined;
  return { epoch, root, account, cumulativeWei: String(leaf.cumulativeWei), proof: [...found.proof] };
}
