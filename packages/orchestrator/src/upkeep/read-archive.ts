import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Parser, ReadEntry } from 'tar';
import {
  ABOUT_NAME,
  type About,
  aboutSchema,
  blobOf,
  MANIFEST_NAME,
  MASTER_KEY_NAME,
  type Manifest,
  manifestSchema,
  maxBytesOf,
  refuseArchive,
  type SavedFile,
  STORE_NAME,
} from './backup-manifest.ts';
import { openStream, SEALED_MAGIC } from './passphrase-cipher.ts';

/** Takes the bytes of one file of the archive. */
export type Take = (path: string, bytes: AsyncIterable<Uint8Array>) => Promise<void>;

export interface ReadArchiveOptions {
  readonly file: string;
  /** Asked for only when the archive is sealed. */
  readonly passphrase: () => Promise<string>;
  readonly take: Take;
  readonly onBytes: (count: number) => void;
}

/**
 * Reads a whole archive and checks all of it: names (only those that a backup of ours has), kinds, sizes, hashes,
 * the manifest at the end. What `take` got before it threw must not be used.
 * @throws RiosError INTEGRITY_HASH, AUTH_KEYSTORE_LOCKED
 */
export async function readArchive(
  options: ReadArchiveOptions,
): Promise<{ about: About; files: Manifest['files'] }> {
  const { Parser } = await import('tar');
  const reading = new Reading(options.take);
  const parsing = parseEntries(new Parser({ strict: true }), (entry) => reading.readEntry(entry));
  try {
    const bytes = counted(await openBytes(options), options.onBytes);
    await pipeline(bytes, parsing.sink);
    return reading.finish();
  } catch (error) {
    const reason = await parsing.endBy(error);
    throw reason instanceof Error && 'tarCode' in reason
      ? refuseArchive('it is no tar archive of ours', reason)
      : reason;
  }
}

/** Feeds a parser, and calls `onEntry` for one entry after the other; it must read them to their end. */
function parseEntries(parser: Parser, onEntry: (entry: ReadEntry) => Promise<void>) {
  let chain: Promise<void> = Promise.resolve();
  let failure: { readonly reason: unknown } | undefined;
  let current: ReadEntry | undefined;
  const failed = new Promise<never>((_, reject) => parser.once('error', reject));
  failed.catch(() => {});
  parser.on('entry', (entry: ReadEntry) => {
    current = entry;
    chain = chain.then(() => onEntry(entry));
    chain.catch((reason: Error) => {
      failure ??= { reason };
      parser.abort(reason);
    });
  });
  parser.on('ignoredEntry', ({ type }: ReadEntry) => parser.abort(refuseArchive(`it has a ${type}`)));
  const ended = new Promise<void>((resolve) => parser.once('end', resolve));
  const drained = () => new Promise<void>((resolve) => parser.once('drain', () => resolve()));
  const settle = (work: Promise<void>, done: (error?: Error | null) => void) =>
    void Promise.race([work, failed]).then(() => done(), done);
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => (parser.write(chunk) ? done() : settle(drained(), done)),
    final: (done) => {
      parser.end();
      settle(
        ended.then(() => chain),
        done,
      );
    },
  });
  /** Ends the entry that is being read, so that its file is closed; gives the first thing that went wrong. */
  const endBy = async (error: unknown): Promise<unknown> => {
    if (failure === undefined) current?.destroy(error);
    await chain.catch(() => {});
    return failure?.reason ?? error;
  };
  return { sink, endBy };
}

async function* counted(source: AsyncIterable<Uint8Array>, onBytes: (count: number) => void) {
  for await (const bytes of source) {
    onBytes(bytes.byteLength);
    yield bytes;
  }
}

/** The tar inside: as it is, or opened. Nothing else is even tried, so nothing is decompressed. */
async function openBytes({ file, passphrase }: ReadArchiveOptions): Promise<AsyncIterable<Uint8Array>> {
  let start = '';
  for await (const bytes of createReadStream(file, { end: 63 })) start += String(bytes);
  const source: AsyncIterable<Uint8Array> = createReadStream(file, { highWaterMark: 1024 * 1024 });
  if (start.startsWith(SEALED_MAGIC)) return openStream(source, await passphrase());
  if (start.startsWith(`${ABOUT_NAME}\0`)) return source;
  throw refuseArchive('it is no backup of RiOS');
}

/** What was read so far. */
class Reading {
  readonly #take: Take;
  readonly #files = new Map<string, SavedFile>();
  #about: About | undefined;
  #manifest: Manifest | undefined;

  constructor(take: Take) {
    this.#take = take;
  }

  async readEntry(entry: ReadEntry): Promise<void> {
    const { path, type, size = 0 } = entry;
    if (this.#manifest !== undefined) throw refuseArchive('something follows its manifest');
    if (type !== 'File' || size > maxBytesOf(path)) {
      throw refuseArchive(
        `it has an entry that no backup has: ${type} ${JSON.stringify(path.slice(0, 120))}`,
      );
    }
    if (this.#files.has(path)) throw refuseArchive(`${path} is in it twice`);
    if (path === MANIFEST_NAME) {
      this.#manifest = parse(manifestSchema, await collect(entry));
      return;
    }
    const hash = createHash('sha256');
    if (path === ABOUT_NAME) {
      const bytes = await collect(entry);
      hash.update(bytes);
      this.#about = parse(aboutSchema, bytes);
    } else await this.#take(path, hashed(entry, hash));
    this.#files.set(path, { path, sizeBytes: size, sha256: hash.digest('hex') });
  }

  finish(): { about: About; files: Manifest['files'] } {
    if (this.#about === undefined || this.#manifest === undefined) throw refuseArchive('it was cut off');
    const listed = this.#manifest.files;
    const isAs = ({ path, sizeBytes, sha256 }: SavedFile) => {
      const found = this.#files.get(path);
      return found?.sizeBytes === sizeBytes && found.sha256 === sha256 && (blobOf(path) ?? sha256) === sha256;
    };
    const strange = listed.find((file) => !isAs(file));
    if (strange !== undefined) throw refuseArchive(`${strange.path} is not what its manifest says`);
    if (listed.length !== this.#files.size)
      throw refuseArchive('it has files that its manifest does not name');
    if ((this.#about.store === 'sqlite') !== this.#files.has(STORE_NAME))
      throw refuseArchive('it has no store');
    if ((this.#about.masterKey === 'included') !== this.#files.has(MASTER_KEY_NAME)) {
      throw refuseArchive('it has no master key, or one too many');
    }
    for (const name of ['network.key', 'identity.key']) {
      if (!this.#files.has(name)) throw refuseArchive(`it has no ${name}`);
    }
    return { about: this.#about, files: listed };
  }
}

async function* hashed(
  entry: ReadEntry,
  hash: { update(bytes: Uint8Array): unknown },
): AsyncGenerator<Uint8Array> {
  for await (const bytes of entry) {
    hash.update(bytes);
    yield bytes;
  }
}

async function collect(entry: ReadEntry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const bytes of entry) chunks.push(bytes);
  return Buffer.concat(chunks);
}

function parse<T>(schema: { parse(value: unknown): T }, bytes: Buffer): T {
  try {
    return schema.parse(JSON.parse(bytes.toString()));
  } catch (cause) {
    throw refuseArchive('its list of files is damaged', cause);
  }
}
