import { RiosError } from '@rios/sdk/errors/error';
import { countSchema, sha256Schema } from '@rios/sdk/schema/common';
import { z } from 'zod';

/** The first entry: whose backup it is. A plain archive begins with this name. */
export const ABOUT_NAME = 'rios-backup.json';
/** The last entry: every other with its size and sha256. Without it the archive was cut off. */
export const MANIFEST_NAME = 'manifest.json';
export const STORE_NAME = 'rios.db';

/** Files of a data directory beside the store and the blobs. */
export const KEY_NAMES = ['network.key', 'identity.key', 'api-token', 'master.key'] as const;
export const MASTER_KEY_NAME = 'master.key';

export const aboutSchema = z.strictObject({
  format: z.literal('rios-backup/1'),
  networkId: z.string().max(100),
  createdAt: countSchema,
  version: z.string().max(50),
  /** Where the store is: in the archive, or in a PostgreSQL that was saved by itself. */
  store: z.enum(['sqlite', 'postgres']),
  /** `none`: no secret was ever sealed. */
  masterKey: z.enum(['included', 'left out', 'none']),
});
export type About = z.infer<typeof aboutSchema>;

export const manifestSchema = z.strictObject({
  files: z
    .array(z.strictObject({ path: z.string().max(100), sizeBytes: countSchema, sha256: sha256Schema }))
    .max(1_000_000),
});
export type Manifest = z.infer<typeof manifestSchema>;
export type SavedFile = Manifest['files'][number];

/** The largest entry of each kind; blobs and the store are bound by the disk. */
const MAX_SMALL_BYTES = 65_536;
export const MAX_MANIFEST_BYTES = 256 * 1024 * 1024;

const BLOB = /^blobs\/([0-9a-f]{2})\/([0-9a-f]{64})$/;

/** The path of a blob in an archive, as in the data directory. */
export const blobPath = (sha256: string) => `blobs/${sha256.slice(0, 2)}/${sha256}`;

/** The sha256 that a path promises; undefined when it is no blob's. */
export function blobOf(path: string): string | undefined {
  const [, folder, sha256] = BLOB.exec(path) ?? [];
  return sha256?.startsWith(folder ?? ' ') === true ? sha256 : undefined;
}

/** How long an entry may be; 0 for paths that no archive of ours has, however they are written. */
export function maxBytesOf(path: string): number {
  if (path === STORE_NAME || blobOf(path) !== undefined) return Number.MAX_SAFE_INTEGER;
  if (path === MANIFEST_NAME) return MAX_MANIFEST_BYTES;
  return path === ABOUT_NAME || (KEY_NAMES as readonly string[]).includes(path) ? MAX_SMALL_BYTES : 0;
}

/** The error of an archive that is not as we write them. */
export const refuseArchive = (why: string, cause?: unknown) =>
  new RiosError('INTEGRITY_HASH', `the archive cannot be trusted: ${why}`, {
    hint: 'Take another copy of it.',
    cause,
  });
