import type { Migration } from './migration.ts';

/** Where a worker's earnings go by the registry, beside its stake. */
export const payouts: Migration = {
  version: 95,
  statements: ({ text }) => [`ALTER TABLE worker_stakes ADD COLUMN payout ${text}`],
};
