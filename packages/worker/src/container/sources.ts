import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fromBase64url } from '@rios/sdk/crypto/hash';
import { openSigned } from '@rios/sdk/crypto/signed';
import { RiosError } from '@rios/sdk/errors/error';
import { type FileSource, fetchFile } from '@rios/sdk/p2p/fetch-file';
import { archiveStatementSchema, type StoredFile } from '@rios/sdk/schema/app';
import type { DesiredReplica } from '@rios/sdk/schema/container';
import type { Engine } from './engine.ts';
import { openNameList } from './name-list.ts';
import { rewriteArchive } from './rewrite-archive.ts';
import { unpackFolder } from './unpack-folder.ts';

/** What a container is made of, here and checked. */
export interface PreparedSource {
  /** Id or name that the engine knows. */
  readonly image: string;
  readonly volumes: readonly string[];
  readonly appFolder: string | undefined;
}

/** Folders, archives and images of the containers of this worker: each is had once, and goes when none needs it. */
export interface Sources {
  /** Throws DEPLOY_IMAGE, DEPLOY_FOLDER, INTEGRITY_*, CAPACITY_DISK, PEER_*, USER_INTERRUPTED. */
  prepare(desired: DesiredReplica, engine: Engine, signal: AbortSignal): Promise<PreparedSource>;
  /** Removes what is not in use by any of these. */
  prune(inUse: readonly DesiredReplica[], engines: readonly Engine[]): Promise<void>;
}

export interface SourcesOptions {
  readonly directory: string;
  /** Who has the files. */
  readonly sources: () => readonly FileSource[];
}

const archiveName = (sha256: string) => `localhost/rios/archive:${sha256}`;

/** `directory` holds `files/<sha256>` while they come, `folders/<sha256>`, and the names of images that we brought. */
export function createSources({ directory, sources }: SourcesOptions): Sources {
  const folders = join(directory, 'folders');
  const files = join(directory, 'files');
  const running = new Map<string, Promise<void>>();
  /** Two that need the same thing wait for one. A failure counts for both. */
  const onlyOnce = (key: string, work: () => Promise<void>) => {
    const known = running.get(key);
    if (known !== undefined) return known;
    const begun = work().finally(() => running.delete(key));
    running.set(key, begun);
    return begun;
  };
  const brought = openNameList(join(directory, 'images.json'));

  const fetch = async (file: StoredFile, desired: DesiredReplica, signal: AbortSignal) => {
    if (desired.fetchTicket === null)
      throw new RiosError('AUTH_TICKET_INVALID', 'the wish names a file and brings no ticket for it');
    const destination = join(files, file.sha256);
    await mkdir(files, { recursive: true });
    await fetchFile({
      file: { path: file.sha256, sizeBytes: file.sizeBytes, sha256: file.sha256, chunks: [...file.chunks] },
      modelHash: file.sha256,
      ticket: desired.fetchTicket,
      sources: sources(),
      destination,
      signal,
    });
    if ((await hashFile(destination)) === file.sha256) return destination;
    await rm(destination, { force: true });
    throw new RiosError('INTEGRITY_HASH', 'the file has another digest than the release names');
  };
  const bring = async (name: string, engine: Engine, get: () => Promise<void>) => {
    const found = await engine.image(name);
    if (found !== undefined) return found;
    await brought.change((names) => [...names, name]);
    await get();
    const image = await engine.image(name);
    if (image === undefined) throw new RiosError('DEPLOY_IMAGE', `the engine has not the image ${name}`);
    return image;
  };

  const prepareFolder = async (desired: DesiredReplica, file: StoredFile, signal: AbortSignal) => {
    const folder = join(folders, file.sha256);
    await onlyOnce(folder, async () => {
      if ((await stat(folder).catch(() => undefined)) !== undefined) return;
      const packed = await fetch(file, desired, signal);
      await mkdir(folders, { recursive: true });
      await unpackFolder(packed, folder, signal);
      await rm(packed, { force: true });
    });
    return folder;
  };

  return {
    async prepare(desired, engine, signal) {
      const { source } = desired;
      switch (source.kind) {
        case 'folder': {
          const appFolder = await prepareFolder(desired, source.file, signal);
          return { ...(await findBase(engine, source.base)), appFolder };
        }
        case 'image': {
          const get = () => engine.pull(source.image, signal);
          await onlyOnce(source.image, () => bring(source.image, engine, get).then(() => {}));
          const { volumes } = await bring(source.image, engine, get);
          return { image: source.image, volumes, appFolder: undefined };
        }
        case 'archive': {
          verifyStatement(desired.app, source);
          const name = archiveName(source.file.sha256);
          const load = async () => {
            const packed = await fetch(source.file, desired, signal);
            await engine.load(await rewriteArchive(packed, name, signal), signal);
            await rm(packed, { force: true });
          };
          await onlyOnce(name, () => bring(name, engine, load).then(() => {}));
          const { volumes } = await bring(name, engine, load);
          return { image: name, volumes, appFolder: undefined };
        }
      }
    },
    async prune(inUse, engines) {
      if (running.size > 0) return;
      const wanted = new Set(inUse.flatMap(({ source }) => namesOf(source)));
      for (const parent of [folders, files])
        for (const name of await readdir(parent).catch((): string[] => []))
          if (!wanted.has(name.slice(0, 64))) await rm(join(parent, name), { recursive: true, force: true });
      const useless = (await brought.read()).filter((name) => !wanted.has(name));
      if (useless.length === 0) return;
      for (const name of useless) for (const engine of engines) await engine.removeImage(name);
      await brought.change((names) => names.filter((name) => wanted.has(name)));
    },
  };
}

function namesOf(source: DesiredReplica['source']): string[] {
  if (source.kind === 'image') return [source.image];
  return [source.file.sha256, archiveName(source.file.sha256)];
}

async function findBase(engine: Engine, base: string) {
  const image = (await engine.bases()).get(base);
  if (image !== undefined) return { image, volumes: (await engine.image(image))?.volumes ?? [] };
  throw new RiosError('DEPLOY_IMAGE', `this worker has no base image ${base}`, {
    hint: 'Build it on the worker: node scripts/containers/build-base.mjs.',
  });
}

/** Throws INTEGRITY_SIGNATURE unless the deployer signed this archive for this application. */
function verifyStatement(app: string, source: DesiredReplica['source'] & { kind: 'archive' }): void {
  const key = fromBase64url(source.deployer);
  const statement = openSigned('appArchive', source.statement, key, archiveStatementSchema);
  if (statement.app === app && statement.sha256 === source.file.sha256) return;
  throw new RiosError(
    'INTEGRITY_SIGNATURE',
    'the deployer signed another archive, or for another application',
  );
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
