import type { Migration } from './migration.ts';

/** Counts the wishes for a model, so that what was found for an earlier one is known to be old. */
export const modelWish: Migration = {
  version: 21,
  statements: ({ integer }) => [`ALTER TABLE models ADD COLUMN wish ${integer} NOT NULL DEFAULT 0`],
};
