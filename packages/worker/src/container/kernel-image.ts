import { sha256Of } from '@rios/sdk/crypto/hash';
import { tarOf } from './tar-of.ts';

/** Where the program is in its image. */
export const KERNEL_PATH = '/kernel';

/** The image of `kernelProgram` under that name, as a docker-archive: one layer, which has one file. */
export async function kernelImage(program: Uint8Array, name: string): Promise<Uint8Array> {
  const layer = await tarOf(new Map([[KERNEL_PATH.slice(1), program]]));
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256Of(layer)}`] },
    }),
  );
  const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }];
  const files = new Map([
    ['manifest.json', Buffer.from(JSON.stringify(manifest))],
    ['config.json', config],
    ['layer.tar', layer],
  ]);
  return await tarOf(files);
}
