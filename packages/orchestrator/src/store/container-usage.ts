import { type ContainerReceipt, containerReceiptSchema } from '@rios/sdk/schema/container';
import { type Signed, signedSchema } from '@rios/sdk/schema/trust';
import type { Selectable } from 'kysely';
import type { z } from 'zod';
import type { ContainerUsageTable } from './deployment-tables.ts';
import { decodeJson, decodeOptionalJson, encodeJson } from './json.ts';
import type { Store } from './store.ts';

const termsSchema = containerReceiptSchema.pick({
  cpuMillicores: true,
  memoryBytes: true,
  gpus: true,
  prices: true,
});
/** What a container has, and what is paid for it, wei of ROS per PRICED_QUANTITY of each. */
export type ContainerTerms = z.infer<typeof termsSchema>;

/** What was metered and billed of one container under one ticket. */
export interface ContainerUsage {
  readonly ticketNonce: string;
  readonly replicaId: string;
  readonly deploymentId: string;
  readonly accountId: string;
  /** Peer id. */
  readonly worker: string;
  readonly app: string;
  readonly terms: ContainerTerms;
  readonly openedAt: number;
  /** The newest receipt; null before the first. */
  readonly receipt: Signed | null;
  readonly ranMs: number;
  /** Of ranMs, what has been billed. */
  readonly billedMs: number;
  /** Bills so far, or the number of the one whose hold is open. */
  readonly line: number;
  /** Id of the hold that is open, as the ledger knows it. */
  readonly openHold: string | null;
  readonly heldWei: bigint;
  readonly holdAt: number | null;
  /** When its replica was found to be gone. */
  readonly goneAt: number | null;
  readonly endedAt: number | null;
}

/** Notes a ticket that is to be metered; the same again changes nothing. */
export async function insertUsage(
  tx: Store,
  usage: Pick<
    ContainerUsage,
    'ticketNonce' | 'replicaId' | 'deploymentId' | 'accountId' | 'worker' | 'app' | 'terms' | 'openedAt'
  >,
): Promise<void> {
  await tx
    .insertInto('container_usage')
    .values({
      ticket_nonce: usage.ticketNonce,
      replica_id: usage.replicaId,
      deployment_id: usage.deploymentId,
      account_id: usage.accountId,
      worker: usage.worker,
      app: usage.app,
      terms_json: encodeJson(usage.terms),
      opened_at: usage.openedAt,
      receipt_json: null,
      ran_ms: 0,
      billed_ms: 0,
      line: 0,
      open_hold: null,
      held_wei: '0',
      hold_at: null,
      gone_at: null,
      ended_at: null,
      updated_at: usage.openedAt,
    })
    .onConflict((conflict) => conflict.column('ticket_nonce').doNothing())
    .execute();
}

/** What may change of one; what is left out stays. */
export type UsageChange = Partial<
  Pick<
    ContainerUsage,
    'receipt' | 'ranMs' | 'billedMs' | 'line' | 'openHold' | 'heldWei' | 'holdAt' | 'goneAt' | 'endedAt'
  >
>;

/** In the transaction that read it. */
export async function changeUsage(
  tx: Store,
  ticketNonce: string,
  change: UsageChange,
  now: number,
): Promise<void> {
  const { receipt, ranMs, billedMs, line, openHold, heldWei, holdAt, goneAt, endedAt } = change;
  await tx
    .updateTable('container_usage')
    .set({
      ...(receipt === undefined ? {} : { receipt_json: receipt && encodeJson(receipt) }),
      ...(ranMs === undefined ? {} : { ran_ms: ranMs }),
      ...(billedMs === undefined ? {} : { billed_ms: billedMs }),
      ...(line === undefined ? {} : { line }),
      ...(openHold === undefined ? {} : { open_hold: openHold }),
      ...(heldWei === undefined ? {} : { held_wei: String(heldWei) }),
      ...(holdAt === undefined ? {} : { hold_at: holdAt }),
      ...(goneAt === undefined ? {} : { gone_at: goneAt }),
      ...(endedAt === undefined ? {} : { ended_at: endedAt }),
      updated_at: now,
    })
    .where('ticket_nonce', '=', ticketNonce)
    .execute();
}

export async function findUsage(store: Store, ticketNonce: string): Promise<ContainerUsage | undefined> {
  const row = await store
    .selectFrom('container_usage')
    .selectAll()
    .where('ticket_nonce', '=', ticketNonce)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** Those that have not ended, the oldest first. */
export async function listOpenUsage(store: Store): Promise<ContainerUsage[]> {
  const rows = await store
    .selectFrom('container_usage')
    .selectAll()
    .where('ended_at', 'is', null)
    .orderBy('opened_at')
    .orderBy('ticket_nonce')
    .execute();
  return rows.map(fromRow);
}

/** The newest of a deployment; undefined when nothing of it ever ran. */
export async function newestUsageOf(store: Store, deploymentId: string): Promise<ContainerUsage | undefined> {
  const row = await store
    .selectFrom('container_usage')
    .selectAll()
    .where('deployment_id', '=', deploymentId)
    .orderBy('opened_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** A replica that is not metered yet, with what its usage starts from. */
export type UnmeteredReplica = Omit<Parameters<typeof insertUsage>[1], 'terms' | 'openedAt'> & {
  readonly pricesJson: string;
  readonly specJson: string;
};

/** Replicas whose tickets have no usage yet; of one ticket, or all. */
export async function listUnmetered(store: Store, ticketNonce?: string): Promise<UnmeteredReplica[]> {
  let query = store
    .selectFrom('replicas')
    .innerJoin('deployments', 'deployments.id', 'replicas.deployment_id')
    .innerJoin('releases', (join) =>
      join
        .onRef('releases.deployment_id', '=', 'replicas.deployment_id')
        .onRef('releases.number', '=', 'replicas.release'),
    )
    .leftJoin('container_usage', 'container_usage.ticket_nonce', 'replicas.ticket_nonce')
    .select([
      'replicas.ticket_nonce as ticketNonce',
      'replicas.id as replicaId',
      'replicas.deployment_id as deploymentId',
      'replicas.worker_id as worker',
      'replicas.prices_json as pricesJson',
      'deployments.account_id as accountId',
      'deployments.name as app',
      'releases.spec_json as specJson',
    ])
    .where('container_usage.ticket_nonce', 'is', null)
    .where('replicas.wish', '!=', 'remove');
  if (ticketNonce !== undefined) query = query.where('replicas.ticket_nonce', '=', ticketNonce);
  return query.execute();
}

/** Tickets whose replicas are there. */
export async function listReplicaTickets(store: Store): Promise<Set<string>> {
  const rows = await store.selectFrom('replicas').select('ticket_nonce').execute();
  return new Set(rows.map(({ ticket_nonce }) => ticket_nonce));
}

/** What an open receipt says of the same. */
export const termsOf = ({ cpuMillicores, memoryBytes, gpus, prices }: ContainerReceipt): ContainerTerms => ({
  cpuMillicores,
  memoryBytes,
  gpus,
  prices,
});

const fromRow = (row: Selectable<ContainerUsageTable>): ContainerUsage => ({
  ticketNonce: row.ticket_nonce,
  replicaId: row.replica_id,
  deploymentId: row.deployment_id,
  accountId: row.account_id,
  worker: row.worker,
  app: row.app,
  terms: decodeJson(termsSchema, row.terms_json),
  openedAt: row.opened_at,
  receipt: decodeOptionalJson(signedSchema, row.receipt_json),
  ranMs: row.ran_ms,
  billedMs: row.billed_ms,
  line: row.line,
  openHold: row.open_hold,
  heldWei: BigInt(row.held_wei),
  holdAt: row.hold_at,
  goneAt: row.gone_at,
  endedAt: row.ended_at,
});
