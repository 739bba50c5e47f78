import { createHash } from 'node:crypto';
import { CHUNK_BYTES } from '@rios/sdk/schema/manifest';
import { type ApiServer, sendError, sendJson, startApiServer } from './api-server.ts';
import { modelView } from './views.ts';

/** The store side of the API in memory: chunks, manifests, ranges. */
export interface BlobStore {
  /** Names registered so far. */
  readonly registered: string[];
  /** From that chunk on, uploads fail. */
  failAfterChunks: number | undefined;
  /** That chunk, counted from 1, is lost, as when the orchestrator that took it dies. */
  loseChunk: number | undefined;
  /** Applied to every blob range that is sent. */
  corrupt: ((bytes: Buffer) => Buffer) | undefined;
  serve(): Promise<ApiServer>;
}

interface Blob {
  readonly sizeBytes: number;
  readonly chunks: Map<number, Buffer>;
}

const chunkCount = (sizeBytes: number) => Math.max(1, Math.ceil(sizeBytes / CHUNK_BYTES));

function wholeBlob(blob: Blob): Buffer {
  return Buffer.concat([...blob.chunks].sort(([a], [b]) => a - b).map(([, bytes]) => bytes));
}

export function createBlobStore(): BlobStore {
  const blobs = new Map<string, Blob>();
  const manifests = new Map<string, Buffer>();
  const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  let received = 0;

  const store: BlobStore = {
    registered: [],
    failAfterChunks: undefined,
    loseChunk: undefined,
    corrupt: undefined,
    serve: () =>
      startApiServer({
        missingChunks: ({ body }, response) => {
          const asked = JSON.parse(String(body)) as { blobs: { sha256: string; sizeBytes: number }[] };
          const missing = asked.blobs.map(({ sha256, sizeBytes }) => ({
            sha256,
            chunks: Array.from({ length: chunkCount(sizeBytes) }, (_, index) => index).filter(
              (index) => blobs.get(sha256)?.chunks.has(index) !== true,
            ),
          }));
          sendJson(response, { missing: missing.filter(({ chunks }) => chunks.length > 0) });
        },
        putChunk: ({ params, query, body }, response) => {
          received++;
          if (store.failAfterChunks !== undefined && received > store.failAfterChunks) {
            return sendError(response, 502, 'API_REMOTE', 'cut off');
          }
          if (received === store.loseChunk) return sendJson(response, { complete: false });
          const sha256 = params.sha256 ?? '';
          const blob = blobs.get(sha256) ?? { sizeBytes: Number(query.get('sizeBytes')), chunks: new Map() };
          blob.chunks.set(Number(params.index), body);
          blobs.set(sha256, blob);
          const complete = blob.chunks.size === chunkCount(blob.sizeBytes);
          if (complete && hashOf(wholeBlob(blob)) !== sha256)
            return sendError(response, 422, 'INTEGRITY_HASH');
          sendJson(response, { complete });
        },
        registerModel: ({ params, body }, response) => {
          const name = params.name ?? '';
          manifests.set(name, body);
          if (!store.registered.includes(name)) store.registered.push(name);
          sendJson(response, modelView({ name, modelHash: hashOf(body), state: 'stored' }));
        },
        getModel: ({ params }, response) => {
          const bytes = manifests.get(params.name ?? '');
          if (bytes === undefined) return sendError(response, 404, 'NOT_FOUND_MODEL');
          sendJson(
            response,
            modelView({ name: params.name ?? '', modelHash: hashOf(bytes), state: 'stored' }),
          );
        },
        getManifest: ({ params }, response) => {
          response.writeHead(200).end(manifests.get(params.name ?? ''));
        },
        getBlob: ({ params, headers }, response) => {
          const blob = blobs.get(params.sha256 ?? '');
          const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '');
          if (blob === undefined || range === null) return sendError(response, 404, 'NOT_FOUND_BLOB');
          const bytes = wholeBlob(blob).subarray(Number(range[1]), Number(range[2]) + 1);
          response.writeHead(206).end(store.corrupt?.(bytes) ?? bytes);
        },
        removeModel: (_, response) => sendJson(response, { ok: true }),
      }),
  };
  return store;
}
