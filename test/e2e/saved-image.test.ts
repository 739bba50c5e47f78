import { sha256Of, toBase64url } from '@rios/sdk/crypto/hash';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { publicKeyOf } from '@rios/sdk/crypto/peer-id';
import { sign } from '@rios/sdk/crypto/signed';
import { expect } from 'chai';
import { KERNEL_PATH, kernelImage } from '../../packages/worker/src/container/kernel-image.ts';
import { kernelProgram } from '../../packages/worker/src/container/kernel-program.ts';
import { type ContainerRig, openContainerRig } from '../support/container-rig.ts';
import { describeWithContainers } from '../support/with-containers.ts';

describeWithContainers('a saved image', (servers) => {
  const deployer = createIdentity();
  let rig: ContainerRig;
  let archive: Uint8Array;
  before(async () => {
    rig = await openContainerRig(servers);
    const program = kernelProgram('x64');
    // it would take the place of the base image
    if (program !== undefined) archive = await kernelImage(program, 'localhost/rios/node:latest');
  });
  after(() => rig.stop());

  const replica = (
    id: string,
    signed: { readonly app: string; readonly sha256: string },
    bytes = archive,
  ) => {
    const sha256 = sha256Of(archive);
    rig.place(sha256, bytes);
    return {
      id,
      source: {
        kind: 'archive' as const,
        file: { sha256, sizeBytes: archive.length, chunks: [sha256] },
        deployer: toBase64url(publicKeyOf(deployer.peerId)),
        statement: sign('appArchive', signed, deployer.privateKey),
      },
      run: [KERNEL_PATH],
      ports: [],
      health: { kind: 'none' as const },
    };
  };

  it('default: loaded when its digest and the deployer’s signature are right, under a name of its own', async () => {
    const engine = rig.prepared.engines.get('standard');
    const base = (await engine?.bases())?.get('rios/node');

    await rig.run([replica('rep_archive000', { app: 'hello', sha256: sha256Of(archive) })], 'exited');

    expect(rig.seen('rep_archive000')).to.include({ exitCode: 0, sandbox: 'standard' });
    expect(rig.seen('rep_archive000')?.tail).to.match(/^\d+\.\d+/);
    expect((await engine?.bases())?.get('rios/node')).to.equal(base);

    const name = `localhost/rios/archive:${sha256Of(archive)}`;
    expect(await engine?.image(name)).to.not.equal(undefined);
    await rig.run([]);
    await rig.until('the container is gone', () => rig.containers.report().replicas.length === 0);
  });

  it('error INTEGRITY_SIGNATURE: signed for another application, or another archive', async () => {
    await rig.run(
      [
        replica('rep_foreignapp', { app: 'other', sha256: sha256Of(archive) }),
        replica('rep_foreignsum', { app: 'hello', sha256: '0'.repeat(64) }),
      ],
      'failed',
    );

    expect(rig.seen('rep_foreignapp')?.error?.code).to.equal('INTEGRITY_SIGNATURE');
    expect(rig.seen('rep_foreignsum')?.error?.code).to.equal('INTEGRITY_SIGNATURE');
  });

  it('error INTEGRITY_HASH: other bytes than the release names', async () => {
    const other = Uint8Array.from(archive);
    other.fill(1, 600, 700);
    // what is there already is used: it must not be there under its name
    await rig.run([]);
    await rig.run([replica('rep_otherbytes', { app: 'hello', sha256: sha256Of(archive) }, other)], 'failed');

    expect(rig.seen('rep_otherbytes')?.error?.code).to.equal('INTEGRITY_HASH');
  });
});
