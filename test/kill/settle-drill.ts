import type { Client } from '@rios/sdk/api/client';
import { hasCode } from '@rios/sdk/errors/error';
import { silentLog } from '@rios/sdk/log';
import { auditEpoch } from '@rios/sdk/settlement/audit-epoch';
import { createReconciler } from '../../packages/orchestrator/src/settlement/reconciler.ts';
import { sumLedger } from '../../packages/orchestrator/src/store/ledger.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { until } from '../support/until.ts';
import type { BillingWorld } from './billing-world.ts';
import type { Books } from './books.ts';
import { DAY_SECONDS } from './money-clients.ts';

const SETTLE_MS = 90_000;

/** Waits until no request, deposit, voucher, epoch or transaction is under way any more. */
export async function settleAll(world: BillingWorld): Promise<void> {
  const { client } = world.orchestrator;
  const isAtRest = async () => {
    const { requests } = await client.status({});
    return ((await world.isReady()) && requests.running === 0) || undefined;
  };
  await until('all requests to end', isAtRest, SETTLE_MS);
  await until('all deposits to count', () => areCounted(world), SETTLE_MS);
  await until('all vouchers to be collected', () => isSettled(client), SETTLE_MS);
  await until('the last epoch to be closed', () => closeLast(world), SETTLE_MS);
  await until('the last epoch to be published', () => isSettled(client), SETTLE_MS);
}

async function areCounted({ orchestrator, chain }: BillingWorld): Promise<true | undefined> {
  const settlement = await orchestrator.client.getSettlement();
  return (settlement.chain?.countedTo ?? -1) >= (await chain.provider.getBlockNumber()) || undefined;
}

async function isSettled(client: Client): Promise<true | undefined> {
  const { intents, vouchers, problem, stop } = await client.getSettlement();
  if (problem !== null || stop !== null) throw new Error(JSON.stringify({ problem, stop }));
  return (intents.length === 0 && vouchers.kept + vouchers.sent === 0) || undefined;
}

/** True once there is nothing to close. */
async function closeLast({ orchestrator, advance }: BillingWorld): Promise<true | undefined> {
  try {
    await orchestrator.client.closeEpoch();
  } catch (error) {
    if (hasCode(error, 'SETTLEMENT_NOTHING')) return true;
    if (!hasCode(error, 'SETTLEMENT_WAITS')) throw error;
    if (error.details?.readyAt !== undefined) await advance(DAY_SECONDS);
  }
  return undefined;
}

/** What is wrong with the public files of all epochs, audited as a stranger does: by the file and the chain alone. */
export async function auditEpochFiles({ orchestrator, chainFile }: BillingWorld): Promise<string[]> {
  const { client } = orchestrator;
  const trusted = { chainId: chainFile.chainId, rewards: chainFile.addresses.rewards };
  const wrong: string[] = [];
  const { epochs: newest } = await client.listEpochs({ query: { limit: 1 } });
  for (let epoch = 1; epoch <= (newest[0]?.epoch ?? 0); epoch++) {
    const { state, error } = await client.getEpoch({ params: { epoch } });
    if (state !== 'published') wrong.push(`epoch ${epoch} is ${state}: ${error}`);
    const file = await client.getEpochReceipts({ params: { epoch } });
    const { equal, findings } = await auditEpoch(file, { epoch, rpcUrl: chainFile.rpcUrl, trusted });
    if (!equal) wrong.push(`epoch ${epoch} does not audit: ${JSON.stringify(findings.slice(0, 3))}`);
  }
  return wrong;
}

/** Where ledger and chain differ, and whether the escrow collected what the books say. */
export async function auditChain(world: BillingWorld, store: Store, books: Books): Promise<string[]> {
  const { contracts, chain, payer } = world;
  const { escrow } = contracts;
  const scope = `${chain.chainId}:${escrow.address.toLowerCase()}`;
  const modules = { store, clock: chain.clock, log: silentLog, contracts, scope, readLedger: sumLedger };
  const differences = await createReconciler(modules).run();
  const collected = books.vouchers.filter(({ state }) => state === 'collected');
  const highest = collected
    .map(({ cumulative_wei }) => BigInt(cumulative_wei))
    .toSorted(ascending)
    .at(-1);
  const { spent } = await escrow.account(payer.address);
  return [
    ...differences.map(({ where, expectedWei, foundWei }) => `${where}: ${foundWei}, not ${expectedWei}`),
    ...(spent === (highest ?? 0n)
      ? []
      : [`the escrow collected ${spent}, the highest voucher is ${highest}`]),
  ];
}

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : Number(a > b));
