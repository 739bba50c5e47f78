import { RiosError } from '@rios/sdk/errors/error';
import { engineFailureSchema } from '@rios/sdk/schema/worker-containers';
import type Docker from 'dockerode';
import { callEngine } from './docker-client.ts';
import type { Engine, ImageFacts } from './engine.ts';
import { engineError, statusOf } from './engine-error.ts';

/** The label by which this machine's owner says that an image is a base; its value is the base's name. */
export const BASE_LABEL = 'net.rios.base';

type Images = Pick<Engine, 'bases' | 'image' | 'pull' | 'load' | 'removeImage'>;

/** What an engine does with images. */
export function createImages(docker: Docker): Images {
  const image: Images['image'] = async (name) => {
    try {
      return factsOf(await callEngine('an image', () => docker.getImage(name).inspect()));
    } catch (error) {
      if (error instanceof RiosError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  };
  return {
    image,
    bases: () => findBases(docker),
    pull: (name, signal) => pull(docker, name, signal, image),
    async load(archive, signal) {
      const answer = await docker.loadImage(archive, { abortSignal: signal }).catch((error: unknown) => {
        throw engineError(error, 'the archive cannot be loaded', 'DEPLOY_IMAGE');
      });
      await readProgress(answer, 'the archive cannot be loaded');
    },
    async removeImage(name) {
      const found = await image(name);
      // whoever pulls a base under another name has the owner's own: Podman would remove that with its last digest
      if (found === undefined || isBase(found.labels, found.tags)) return;
      await docker
        .getImage(name)
        .remove()
        .catch((error: unknown) => {
          if (statusOf(error) !== 404 && statusOf(error) !== 409) throw engineError(error, 'an image');
        });
    },
  };
}

function factsOf(image: Docker.ImageInspectInfo): ImageFacts {
  const { Volumes, Labels } = image.Config ?? {};
  return {
    id: image.Id,
    tags: image.RepoTags ?? [],
    labels: Labels ?? {},
    volumes: Object.keys(Volumes ?? {}),
  };
}

/**
 * A label alone does not make a base: a tenant's image could have it. Only this machine's owner names images, so the
 * name has to be the base's too.
 */
async function findBases(docker: Docker): Promise<ReadonlyMap<string, string>> {
  const filters = { label: [BASE_LABEL] };
  const images = await callEngine('the images', (options) => docker.listImages({ ...options, filters }));
  const bases = new Map<string, string>();
  for (const { Id, RepoTags, Labels } of images) {
    const base = Labels?.[BASE_LABEL];
    if (base !== undefined && isBase(Labels ?? {}, RepoTags ?? [])) bases.set(base, Id);
  }
  return bases;
}

function isBase(labels: Readonly<Record<string, string>>, tags: readonly string[]): boolean {
  const base = labels[BASE_LABEL];
  return base !== undefined && tags.some((tag) => nameOfTag(tag) === base);
}

const nameOfTag = (tag: string) =>
  tag.replace(/:[^:/]*$/, '').replace(/^(localhost|docker\.io\/library|docker\.io)\//, '');

async function pull(docker: Docker, name: string, signal: AbortSignal, find: Images['image']) {
  if ((await find(name)) !== undefined) return;
  const what = `the image ${name} cannot be had`;
  try {
    await readProgress(await docker.pull(name, { abortSignal: signal }), what);
  } catch (error) {
    throw statusOf(error) === 404
      ? new RiosError('DEPLOY_IMAGE', `${what}: its registry does not have it`, { cause: error })
      : engineError(error, what, 'DEPLOY_IMAGE');
  }
  if ((await find(name)) === undefined) throw new RiosError('DEPLOY_IMAGE', `${what}: another one came`);
}

const MAX_LINE = 64 * 1024;

/** Engines answer 200 first and say what went wrong in a line of JSON later. */
async function readProgress(answer: NodeJS.ReadableStream, what: string): Promise<void> {
  let rest = '';
  for await (const piece of answer) {
    const lines = (rest + String(piece)).split('\n');
    rest = (lines.pop() ?? '').slice(-MAX_LINE);
    for (const line of lines) refuseError(line, what);
  }
  refuseError(rest, what);
}

function refuseError(line: string, what: string): void {
  const parsed = engineFailureSchema.safeParse(parseJson(line));
  if (parsed.success) throw new RiosError('DEPLOY_IMAGE', `${what}: ${parsed.data.error.slice(0, 300)}`);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
