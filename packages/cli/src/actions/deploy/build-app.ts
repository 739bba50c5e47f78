import { basename, dirname, join } from 'node:path';
import { DEFAULT_BASE, resolveAppSpec } from '@rios/sdk/app/resolve-app-spec';
import { RiosError } from '@rios/sdk/errors/error';
import type { AppSource, AppSpec } from '@rios/sdk/schema/app';
import type { ManifestFile } from '@rios/sdk/schema/manifest';
import type { Progress } from '../../progress/progress.ts';
import { type App, nameOf } from './find-app.ts';

/** A release as it will be asked for, and the file that must be in the store before. */
export interface BuiltApp {
  readonly name: string;
  readonly spec: AppSpec;
  readonly upload: { readonly folder: string; readonly file: ManifestFile } | undefined;
}

export interface BuildOptions {
  readonly app: App;
  /** For what is packed; who calls removes it. */
  readonly scratch: string;
  readonly deployerKeyFile: string;
  readonly signal: AbortSignal;
}

type Sourced = Pick<BuiltApp, 'upload'> & { readonly source: AppSource; readonly main?: string | undefined };

/**
 * Packs the folder, or hashes and signs the saved image, and says the whole wish.
 * @throws RiosError as listFolder, packFolder, hashArchive, resolveAppSpec
 */
export async function buildApp(options: BuildOptions, progress: Progress): Promise<BuiltApp> {
  const { app } = options;
  const name = nameOf(app);
  const { source, main, upload } = await findSource(options, name, progress);
  return { name, spec: resolveAppSpec(app.project, { source, main }), upload };
}

async function findSource(options: BuildOptions, name: string, progress: Progress): Promise<Sourced> {
  const { from } = options.app;
  switch (from.kind) {
    case 'image':
      return { source: { kind: 'image', image: from.image }, upload: undefined };
    case 'archive':
      return signedArchive(options, name, from.path, progress);
    case 'folder':
      return packedFolder(options, name, progress);
    case 'model':
      throw new RiosError('USER_INVALID_REQUEST', 'a model is placed, not planned as an application', {
        hint: 'Leave out --dry-run, or use rios model push and rios model place.',
      });
  }
}

async function packedFolder(options: BuildOptions, name: string, progress: Progress): Promise<Sourced> {
  const { packFolder } = await import('@rios/sdk/app/pack-folder');
  const { findMain } = await import('@rios/sdk/app/find-main');
  const { app, scratch, signal } = options;
  const path = `${name}.tar.gz`;
  progress.step(`Packing ${app.folder}`);
  const { file } = await packFolder({
    folder: app.folder,
    target: join(scratch, path),
    signal,
    onBytes: (doneBytes, totalBytes) => progress.bytes(doneBytes, totalBytes),
  });
  return {
    source: { kind: 'folder', file, base: app.project.base ?? DEFAULT_BASE },
    main: await findMain(app.folder),
    upload: { folder: scratch, file: { path, ...file } },
  };
}

async function signedArchive(
  options: BuildOptions,
  name: string,
  archive: string,
  progress: Progress,
): Promise<Sourced> {
  const { hashArchive } = await import('./hash-archive.ts');
  const { loadOrCreateIdentity } = await import('@rios/sdk/crypto/identity');
  const { signArchive } = await import('@rios/sdk/app/archive-signature');
  progress.step(`Reading ${archive}`);
  const file = await hashArchive(archive, { signal: options.signal, progress });
  const deployer = await loadOrCreateIdentity(options.deployerKeyFile);
  return {
    source: signArchive(deployer, name, file),
    upload: { folder: dirname(archive), file: { path: basename(archive), ...file } },
  };
}
