import type { Migration } from './migration.ts';

/**
 * Which orchestrator has which blob on its disk. An upload has one home. Copies from before are entered when their
 * orchestrator starts and finds the files.
 */
export const blobCopies: Migration = {
  version: 40,
  statements: ({ text }) => [
    `CREATE TABLE blob_copies (
      sha256 ${text} NOT NULL REFERENCES blobs(sha256) ON DELETE CASCADE, orchestrator ${text} NOT NULL,
      state ${text} NOT NULL, PRIMARY KEY (sha256, orchestrator))`,
    `CREATE INDEX blob_copies_by_orchestrator ON blob_copies (orchestrator)`,
    `CREATE UNIQUE INDEX blob_uploads ON blob_copies (sha256) WHERE state = 'uploading'`,
  ],
};
