import type { Migration } from './migration.ts';

/** The queue in the store. */
export const queue: Migration = {
  version: 2,
  statements: ({ text, integer, generatedId }) => [
    `CREATE TABLE queue_messages (
      seq ${generatedId}, id ${text} NOT NULL UNIQUE, topic ${text} NOT NULL, body ${text} NOT NULL,
      attempts ${integer} NOT NULL, due_at ${integer} NOT NULL, dead_reason ${text})`,
    `CREATE INDEX queue_messages_by_due ON queue_messages (topic, due_at)`,
  ],
};
