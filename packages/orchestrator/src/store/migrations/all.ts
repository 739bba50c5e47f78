import { firstSystem } from './001-first-system.ts';
import { queue } from './002-queue.ts';
import { leases } from './003-leases.ts';
import { users } from './010-users.ts';
import { idempotency } from './020-idempotency.ts';
import { modelWish } from './021-model-wish.ts';
import { orchestrators } from './030-orchestrators.ts';
import { sharedWork } from './031-shared-work.ts';
import { blobCopies } from './040-blob-copies.ts';
import { oauth } from './050-oauth.ts';
import { outside } from './060-outside.ts';
import { networkKeys } from './070-network-keys.ts';
import { walletBindings } from './080-wallet-bindings.ts';
import { ledger } from './090-ledger.ts';
import { settlement } from './091-settlement.ts';
import { billing } from './092-billing.ts';
import { vouchers } from './093-vouchers.ts';
import { epochs } from './094-epochs.ts';
import { payouts } from './095-payouts.ts';
import { deployments } from './096-deployments.ts';
import type { Migration } from './migration.ts';

/** The schema's history, by ascending version. */
export const MIGRATIONS: readonly Migration[] = [
  firstSystem,
  queue,
  leases,
  users,
  idempotency,
  modelWish,
  orchestrators,
  sharedWork,
  blobCopies,
  oauth,
  outside,
  networkKeys,
  walletBindings,
  ledger,
  settlement,
  billing,
  vouchers,
  epochs,
  payouts,
  deployments,
];
