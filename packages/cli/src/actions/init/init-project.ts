import { randomBytes } from 'node:crypto';
import { access, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findMain } from '@rios/sdk/app/find-main';
import { DEFAULT_BASE, resolveAppSpec } from '@rios/sdk/app/resolve-app-spec';
import { formatProject } from '@rios/sdk/config/format-project';
import { PROJECT_FILE } from '@rios/sdk/config/project-file';
import type { ProjectFile } from '@rios/sdk/config/project-schema';
import type { AppSource } from '@rios/sdk/schema/app';
import { type Asking, canPrompt, confirm } from '../../prompts/confirm.ts';
import { nameOf, projectFolder } from '../deploy/find-app.ts';
import { type AppFlags, readAppFlags } from '../deploy/read-app-flags.ts';
import { askProject } from './ask-project.ts';

export interface InitOptions {
  readonly folder: string;
  readonly flags: AppFlags;
  readonly asking: Asking;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Writes rios.yaml of a folder, of the flags and of what is asked for; where nobody can be asked, of the flags and
 * what is found. An older one is replaced only when that is agreed to.
 * @throws RiosError USER_INVALID_REQUEST, USER_CONFIRMATION_NEEDED, NOT_FOUND_FILE
 */
export async function initProject(options: InitOptions): Promise<{ file: string; name: string }> {
  const folder = await projectFolder(options.folder);
  const file = join(folder, PROJECT_FILE);
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) await confirm(`${file} exists. Replace it?`, options.asking);
  const given = oneWay(await readAppFlags(options.flags, options.env));
  const main = given.image === undefined ? await findMain(folder) : undefined;
  const answers = canPrompt(options.asking) ? await askProject(given, offer(folder, given, main)) : {};
  const said = { ...given, ...answers };
  const name = said.name ?? nameOf({ folder, project: said, from: { kind: 'folder' } });
  const run = said.run ?? (main === undefined ? undefined : `node ${main}`);
  const project: ProjectFile = { ...said, name, ...(run === undefined ? {} : { run }) };
  resolveAppSpec(project, { source: unpacked(project) });
  await replaceFile(file, await formatProject(project));
  return { file, name };
}

/** `port: 8080` rather than `ports: [8080]`. */
function oneWay(given: ProjectFile): ProjectFile {
  const { ports, ...others } = given;
  const [port, ...more] = ports ?? [];
  if (ports === undefined || port === undefined) return others;
  return more.length === 0 ? { ...others, port } : { ...others, ports };
}

function offer(folder: string, project: ProjectFile, main: string | undefined) {
  const app = { folder, project, from: { kind: 'folder' as const } };
  let name: string | undefined;
  try {
    name = nameOf(app);
  } catch {
    // no name can be made of the folder's: the question has no default then
  }
  return { name, run: main === undefined ? undefined : `node ${main}` };
}

/** Stands for what will be packed, so that everything else that was said is checked now. */
function unpacked({ image, base }: ProjectFile): AppSource {
  if (image !== undefined) return { kind: 'image', image };
  const none = '0'.repeat(64);
  return {
    kind: 'folder',
    file: { sha256: none, sizeBytes: 1, chunks: [none] },
    base: base ?? DEFAULT_BASE,
  };
}

async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  await writeFile(draft, text, { flag: 'wx' });
  await rename(draft, file);
}
