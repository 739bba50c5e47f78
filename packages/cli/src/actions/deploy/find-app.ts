import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { mergeProject } from '@rios/sdk/app/merge-project';
import { readProject } from '@rios/sdk/config/project-file';
import type { ProjectFile } from '@rios/sdk/config/project-schema';
import { RiosError } from '@rios/sdk/errors/error';
import { appNameSchema } from '@rios/sdk/schema/app';

/** What is to be deployed, and where it lies. */
export interface App {
  /** Of rios.yaml. */
  readonly folder: string;
  readonly project: ProjectFile;
  readonly from:
    | { readonly kind: 'folder' }
    | { readonly kind: 'image'; readonly image: string }
    | { readonly kind: 'archive' | 'model'; readonly path: string };
}

/** Where rios.yaml is looked for: in the folder that is named, or here for an archive. */
export async function projectFolder(path: string): Promise<string> {
  const found = await stat(path).catch((error: unknown) => {
    throw new RiosError('NOT_FOUND_FILE', `${path} does not exist`, { cause: error });
  });
  return resolve(found.isDirectory() ? path : '.');
}

/**
 * What a path, its rios.yaml and the flags over it name together.
 * @throws RiosError NOT_FOUND_FILE, USER_INVALID_REQUEST
 */
export async function findApp(options: {
  /** A folder, or a saved image. */
  readonly path: string;
  readonly given: ProjectFile;
  /** --model. */
  readonly model?: string | undefined;
}): Promise<App> {
  const { path, given, model } = options;
  const folder = await projectFolder(path);
  const project = mergeProject(await readProject(folder), given);
  if (model !== undefined) return { folder, project, from: { kind: 'model', path: resolve(model) } };
  if (resolve(path) !== folder) return { folder, project, from: { kind: 'archive', path: resolve(path) } };
  return { folder, project, from: sourceOf(folder, project) };
}

function sourceOf(folder: string, { image, archive, model, base }: ProjectFile): App['from'] {
  const said = Object.entries({ image, archive, model, base }).flatMap(([key, value]) =>
    value ? [key] : [],
  );
  if (said.length > 1) {
    throw new RiosError('USER_INVALID_REQUEST', `${said.join(' and ')}: say one of them`, {
      hint: 'An application is a folder in a base image, an image, or a saved image.',
    });
  }
  if (image !== undefined) return { kind: 'image', image };
  if (archive !== undefined) return { kind: 'archive', path: join(folder, archive) };
  return model === undefined ? { kind: 'folder' } : { kind: 'model', path: join(folder, model) };
}

/**
 * The name that was given, else one made of the folder's (or the archive's).
 * @throws RiosError USER_INVALID_REQUEST
 */
export function nameOf({ folder, project, from }: App): string {
  if (project.name !== undefined) return project.name;
  const place = from.kind === 'archive' ? basename(from.path).replace(/\..*$/, '') : basename(folder);
  const name = place
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '');
  if (appNameSchema.safeParse(name).success) return name;
  throw new RiosError('USER_INVALID_REQUEST', `no name can be made of ${JSON.stringify(place)}`, {
    hint: 'Give one: --name hello, or name: hello in rios.yaml.',
    details: { folder: dirname(folder) },
  });
}
