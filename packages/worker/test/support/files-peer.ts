import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { RiosError } from '@rios/sdk/errors/error';
import { silentLog } from '@rios/sdk/log';
import { createPeer, type Peer } from '@rios/sdk/p2p/peer';
import { createChunkHandler } from '@rios/sdk/p2p/serve-file';
import { MANIFEST_PATH } from '@rios/sdk/schema/manifest';
import type { TicketBundle } from '@rios/sdk/schema/trust';
import type { PeerAddress } from '@rios/sdk/schema/worker';
import type { Handler, Handlers } from '@rios/sdk/wire/link';
import { BLOB, Method } from '@rios/sdk/wire/methods';
import type { AssignedModel } from '../../src/model-store.ts';
import type { ModelFiles } from '../../src/runtime/engine.ts';

/** A ticket in form only: for peers that do not look at it. */
export const EMPTY_TICKET: TicketBundle = {
  ticket: { payload: '', signature: '' },
  certificate: { payload: '', signature: '' },
};

/** A real peer on loopback that gives out a bundle's files. */
export interface FilesPeer {
  readonly peer: Peer;
  readonly address: PeerAddress;
  /** Hashes of the chunks that were asked for, in order. */
  readonly asked: string[];
  stop(): Promise<void>;
}

export type ChangeChunk = (sha256: string, answer: Handler) => Handler;

/** Starts one; `change` may alter its answers. */
export async function startFilesPeer(
  model: ModelFiles,
  change: ChangeChunk = (_, answer) => answer,
): Promise<FilesPeer> {
  const identity = createIdentity();
  const peer = await createPeer({
    identity,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    accept: () => true,
    log: silentLog,
  });
  const asked: string[] = [];
  const real = bundleHandlers(model);
  const chunk: Handler = (incoming, link) => {
    const { sha256 } = JSON.parse(new TextDecoder().decode(incoming.meta)) as { sha256: string };
    asked.push(sha256);
    return change(sha256, required(real[Method.chunk]))(incoming, link);
  };
  await peer.serve(BLOB, { ...real, [Method.chunk]: chunk });
  await peer.start();
  return {
    peer,
    address: { peerId: peer.peerId, addresses: peer.addresses },
    asked,
    stop: () => peer.stop(),
  };
}

function required(handler: Handler | undefined): Handler {
  if (handler === undefined) throw new RiosError('BUG_UNEXPECTED', 'the chunk handler is missing');
  return handler;
}

/** Gives every file of a bundle to anybody who may connect. */
export function bundleHandlers({ directory, manifest, modelHash }: ModelFiles): Handlers {
  const paths = new Map(manifest.files.map((file) => [file.sha256, file.path]));
  paths.set(modelHash, MANIFEST_PATH);
  return createChunkHandler({
    authorise: () => {},
    async openFile(sha256) {
      const path = paths.get(sha256);
      if (path === undefined) return undefined;
      const file = join(directory, path);
      return { path: file, sizeBytes: (await stat(file)).size };
    },
    listFiles: async () => [...paths.keys()],
  });
}

/** What an assignment says of a model. */
export async function assignedModel(
  model: ModelFiles,
  parts: readonly string[],
  overrides: Partial<AssignedModel> = {},
): Promise<AssignedModel> {
  const { size } = await stat(join(model.directory, MANIFEST_PATH));
  return {
    modelHash: model.modelHash,
    manifestBytes: size,
    name: 'tiny',
    parts: [...parts],
    fetchTicket: EMPTY_TICKET,
    sources: [],
    ...overrides,
  };
}
