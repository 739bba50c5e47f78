import type { Migration } from './migration.ts';

/** Who may do what only one orchestrator at a time may do. */
export const leases: Migration = {
  version: 3,
  statements: ({ text, integer }) => [
    `CREATE TABLE leases (
      name ${text} PRIMARY KEY, holder ${text} NOT NULL, token ${integer} NOT NULL, ends_at ${integer} NOT NULL)`,
  ],
};
