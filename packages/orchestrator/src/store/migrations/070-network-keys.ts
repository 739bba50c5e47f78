import type { Migration } from './migration.ts';

/** The network key, sealed, for the orchestrators that share a store and a master key. */
export const networkKeys: Migration = {
  version: 70,
  statements: ({ text, integer }) => [
    `CREATE TABLE network_keys (
      network_id ${text} PRIMARY KEY, private_envelope ${text} NOT NULL, created_at ${integer} NOT NULL)`,
  ],
};
