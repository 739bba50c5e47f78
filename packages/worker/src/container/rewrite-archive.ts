import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { RiosError } from '@rios/sdk/errors/error';
import { type SavedManifest, savedManifestSchema, savedPathSchema } from '@rios/sdk/schema/worker-containers';
import { readTar, type TarEntry, type TarLimits } from './read-tar.ts';

const LIMITS: TarLimits = { maxBytes: 16 * 1024 ** 3, maxEntries: 10_000 };
const MANIFEST = 'manifest.json';
const MAX_MANIFEST_BYTES = 1024 * 1024;
/** What else names images. */
const NAMES = new Set([MANIFEST, 'repositories', 'index.json', 'oci-layout']);

/**
 * A saved image (docker-archive) as a stream, under a name that we choose: the names that it brings would take the
 * place of this machine's own images.
 * Throws DEPLOY_IMAGE when it has no manifest or more than one image, DEPLOY_FOLDER when it is no tar; the stream
 * fails with the same.
 */
export async function rewriteArchive(file: string, name: string, signal: AbortSignal): Promise<Readable> {
  const [image] = await readManifest(file, signal);
  const manifest = Buffer.from(JSON.stringify([{ ...image, RepoTags: [name] }]));
  const out = new PassThrough({ highWaterMark: 1024 * 1024 });
  const { Header } = await import('tar');
  const put = async (bytes: Uint8Array) => {
    if (!out.write(bytes)) await once(out, 'drain', { signal });
  };
  const putEntry = async (entry: Omit<TarEntry, 'isExecutable'>) => {
    const block = Buffer.alloc(512);
    const type = entry.kind === 'folder' ? 'Directory' : entry.kind === 'link' ? 'SymbolicLink' : 'File';
    const header = new Header({
      path: entry.path,
      mode: entry.kind === 'folder' ? 0o755 : 0o644,
      size: entry.sizeBytes,
      type,
      mtime: new Date(0),
      ...(type === 'SymbolicLink' ? { linkpath: entry.target } : {}),
    });
    if (header.encode(block)) throw refused(`the path ${entry.path.slice(0, 100)} is too long`);
    await put(block);
    for await (const bytes of entry.bytes) await put(bytes);
    await put(new Uint8Array((512 - (entry.sizeBytes % 512)) % 512));
  };
  const copy = async () => {
    await putEntry({
      path: MANIFEST,
      kind: 'file',
      target: '',
      sizeBytes: manifest.length,
      bytes: one(manifest),
    });
    await readTar(file, LIMITS, (entry) => (isKept(entry) ? putEntry(entry) : Promise.resolve()), signal);
    out.end(new Uint8Array(1024));
  };
  copy().catch((error: unknown) => out.destroy(error instanceof Error ? error : new Error(String(error))));
  return out;
}

/** Layers may be links to each other inside of the archive; nothing else has to be there. */
function isKept({ path, kind, target }: TarEntry): boolean {
  if (kind === 'other' || !savedPathSchema.safeParse(path.replace(/\/$/, '')).success)
    throw refused('an entry of it is no layer');
  if (kind === 'link' && !/^(\.\.\/)?[\w][\w.-]*(\/[\w][\w.-]*)*$/.test(target))
    throw refused('a link leads out of it');
  return !NAMES.has(path);
}

async function readManifest(file: string, signal: AbortSignal): Promise<SavedManifest> {
  const found: Uint8Array[] = [];
  const visit = async ({ path, kind, sizeBytes, bytes }: TarEntry) => {
    if (path !== MANIFEST || kind !== 'file') return;
    if (sizeBytes > MAX_MANIFEST_BYTES || found.length > 0) throw refused('its manifest is too large');
    const parts: Uint8Array[] = [];
    for await (const part of bytes) parts.push(part);
    found.push(Buffer.concat(parts));
  };
  await readTar(file, LIMITS, visit, signal);
  const [text] = found;
  if (text === undefined) throw refused('it has no manifest.json: save it with docker save or podman save');
  const parsed = savedManifestSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw refused('its manifest does not name one image and its layers');
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const refused = (why: string) => new RiosError('DEPLOY_IMAGE', `the archive is refused: ${why}`);
