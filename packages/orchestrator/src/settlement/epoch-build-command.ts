import { type FileHandle, open, rm, writeFile } from 'node:fs/promises';
import { RiosError } from '@rios/sdk/errors/error';
import { networkIdSchema } from '@rios/sdk/schema/common';
import { buildEpoch, type Epoch } from '@rios/sdk/settlement/epoch';
import { formatReceiptsFile, type WrittenReceipts } from '@rios/sdk/settlement/receipts-file';
import { z } from 'zod';
import { pathsOf } from '../config.ts';
import { type EpochId, findEpoch } from '../store/epochs.ts';
import { openStoreToRead, type Store } from '../store/store.ts';
import type { Printer } from '../upkeep/print.ts';
import { readOptions } from '../upkeep/read-options.ts';
import type { BuiltEpoch } from './built-epoch.ts';
import { readRange } from './epoch-range.ts';
import { encodeTree } from './tree-file.ts';

const FLAGS = {
  'chain-id': { type: 'string' },
  rewards: { type: 'string' },
  epoch: { type: 'string' },
  'network-id': { type: 'string' },
  out: { type: 'string' },
  verify: { type: 'string' },
} as const;

const wishSchema = z.object({
  'chain-id': z.coerce.number().pipe(z.int().positive()),
  rewards: z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}$/)
    .toLowerCase(),
  epoch: z.coerce.number().pipe(z.int().positive()),
  'network-id': networkIdSchema,
  verify: z.enum(['even', 'odd']),
});

export const EPOCH_BUILD_USAGE = `usage: rios-orchestrator epoch-build [options]

Computes a closed epoch out of the store, beside the orchestrator that runs, and prints what it comes to. An
orchestrator starts it twice, and publishes only what both say.

  --data-dir <dir>     the orchestrator's
  --chain-id <id>      the chain, and
  --rewards <address>  the contract that it is published at
  --epoch <n>          its number
  --network-id <id>    the network, as its receipts name it
  --out <file>         write the receipts file there, and its tree beside it (.tree)
  --verify <half>      check the signatures of even or odd receipts once more: each process does one half

DATABASE_URL is read as at its start. Nothing is changed in the store.
`;

/** The command `epoch-build`: prints one event, `built`. @throws RiosError NOT_FOUND_EPOCH, as readRange, buildEpoch */
export async function epochBuildCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { print }: Printer,
): Promise<void> {
  const { premises, values } = readOptions(args, env, FLAGS);
  const { epoch: number, rewards, verify, ...named } = parseWish(values);
  const id = { chainId: named['chain-id'], rewards, epoch: number };
  const options = { networkId: named['network-id'], verify };
  const { database } = premises.engines;
  const store = openStoreToRead(
    database === undefined ? { file: pathsOf(premises.dataDir).storeFile } : { url: database },
  );
  try {
    const epoch = await compute(store, id, options);
    const written = await (values.out === undefined ? drain(epoch) : writeFiles(epoch, values.out));
    print({ event: 'built', ...describe(epoch, written) });
  } finally {
    await store.destroy();
  }
}

function parseWish(values: object): z.infer<typeof wishSchema> {
  const parsed = wishSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RiosError('USER_INVALID_REQUEST', `--${String(issue?.path[0])}: ${issue?.message}`);
}

async function compute(store: Store, id: EpochId, options: Parameters<typeof readRange>[2]): Promise<Epoch> {
  const row = await findEpoch(store, id);
  if (row === undefined) throw new RiosError('NOT_FOUND_EPOCH', `there is no epoch ${id.epoch}`);
  return buildEpoch(await readRange(store, row, options));
}

function drain(epoch: Epoch): WrittenReceipts {
  const lines = formatReceiptsFile(epoch);
  for (;;) {
    const next = lines.next();
    if (next.done === true) return next.value;
  }
}

/** Both files are on the disk when this resolves. */
async function writeFiles(epoch: Epoch, out: string): Promise<WrittenReceipts> {
  await rm(out, { force: true });
  const file = await open(out, 'wx', 0o600);
  try {
    const written = await writeLines(epoch, file);
    await file.sync();
    await writeFile(`${out}.tree`, encodeTree(epoch.tree.nodes), { flush: true, mode: 0o600 });
    return written;
  } finally {
    await file.close();
  }
}

const BLOCK_BYTES = 1024 * 1024;

async function writeLines(epoch: Epoch, file: FileHandle): Promise<WrittenReceipts> {
  const lines = formatReceiptsFile(epoch);
  let block: string[] = [];
  let sizeBytes = 0;
  const flush = async () => {
    await file.writeFile(block.join(''));
    block = [];
    sizeBytes = 0;
  };
  for (;;) {
    const next = lines.next();
    if (next.done === true) {
      await flush();
      return next.value;
    }
    block.push(next.value);
    sizeBytes += next.value.length;
    if (sizeBytes >= BLOCK_BYTES) await flush();
  }
}

const describe = ({ header, sums, tree }: Epoch, written: WrittenReceipts): BuiltEpoch => ({
  root: tree.root,
  receiptsRoot: written.receiptsRoot,
  sha256: written.sha256,
  sizeBytes: written.sizeBytes,
  payees: header.payees,
  receipts: header.receipts,
  paidWei: String(sums.paidWei),
  earnedWei: String(sums.earnedWei),
  platformWei: String(sums.platformWei),
  carriedWei: String(sums.carriedWei),
  totalWei: String(sums.totalWei),
});
