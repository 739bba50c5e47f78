import { firstSystem } from './001-first-system.ts';
import { queue } from './002-queue.ts';
import { leases } from './003-leases.ts';
import { users } from './010-users.ts';
import { idempotency } from './020-idempotency.ts';
import { oauth } from './050-oauth.ts';
import { outside } from './060-outside.ts';
import type { Migration } from './migration.ts';

/** The schema's history, by ascending version. */
export const MIGRATIONS: readonly Migration[] = [
  firstSystem,
  queue,
  leases,
  users,
  idempotency,
  oauth,
  outside,
];
