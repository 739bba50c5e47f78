import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { create } from 'tar';

const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };
const EPOCH = new Date(0);

/**
 * Writes the folder `root` as an image of one layer, in the form of `docker save`, to `file`. Sorted, owned by root
 * and dated 1970: the same folder makes the same bytes. `config` is the image's (Env, Cmd, Labels…).
 */
export async function writeDockerArchive({ root, file, scratch, name, config }) {
  const outer = join(scratch, 'outer');
  mkdirSync(outer);
  const layer = join(outer, 'layer.tar');
  await pack(layer, root);
  const image = Buffer.from(
    JSON.stringify({
      architecture: ARCHITECTURES[process.arch] ?? process.arch,
      os: 'linux',
      created: EPOCH.toISOString(),
      config,
      rootfs: { type: 'layers', diff_ids: [`sha256:${await digestOf(layer)}`] },
    }),
  );
  const configName = `${createHash('sha256').update(image).digest('hex')}.json`;
  writeFileSync(join(outer, configName), image);
  const manifest = [{ Config: configName, RepoTags: [`${name}:latest`], Layers: ['layer.tar'] }];
  writeFileSync(join(outer, 'manifest.json'), JSON.stringify(manifest));
  await pack(file, outer);
}

/** All that is in the folder, sorted. */
function pack(file, cwd) {
  const paths = readdirSync(cwd, { recursive: true }).sort();
  const onWriteEntry = (entry) => {
    entry.mtime = EPOCH;
    Object.assign(entry.stat, { uid: 0, gid: 0, atime: EPOCH, ctime: EPOCH });
    entry.myuser = '';
  };
  // not `portable`: that takes everybody's write access from /tmp
  const options = { file, cwd, noPax: true, mtime: EPOCH, noDirRecurse: true, onWriteEntry };
  return create(options, paths);
}

async function digestOf(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
