import { createHash } from 'node:crypto';
import type { AppSpec } from '@rios/sdk/schema/app';
import type { DeploymentPlan, DeploymentView } from '@rios/sdk/schema/deployment';
import { CHUNK_BYTES } from '@rios/sdk/schema/manifest';
import { type Answers, type ApiServer, sendError, sendJson, startApiServer } from './api-server.ts';
import { deploymentView, releaseView } from './deployment-views.ts';
import { PEERS } from './views.ts';

/** What of the API a deploy needs, over real HTTP: it keeps chunks, and checks them as the store does. */
export interface AppServer extends ApiServer {
  /** Files that came whole, by sha256. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Wishes as they came. */
  readonly deployed: readonly { readonly spec: AppSpec; readonly expectedRelease?: number }[];
  /** Chunks that came. */
  readonly chunks: () => number;
}

export const roomy: DeploymentPlan = {
  placed: [{ worker: PEERS[0], workerName: 'w1', priceWei: '5000000000000000' }],
  unplaced: 0,
  rejected: [{ worker: PEERS[1], workerName: 'w2', reasons: ['memory: 128.0 MiB short', 'no gvisor'] }],
  priceWei: '5000000000000000',
};

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const countOf = (sizeBytes: number) => Math.ceil(sizeBytes / CHUNK_BYTES);

export async function startAppServer(
  options: {
    readonly answers?: Answers;
    readonly plan?: DeploymentPlan;
    /** The deployment as it stands before; undefined = there is none. */
    readonly before?: DeploymentView;
    /** The chunk with this number, counted from 1, is not taken. */
    readonly failChunk?: number;
  } = {},
): Promise<AppServer> {
  const held = new Map<string, Map<number, Buffer>>();
  const files = new Map<string, Buffer>();
  const deployed: { spec: AppSpec; expectedRelease?: number }[] = [];
  let received = 0;
  const viewNow = (): DeploymentView | undefined => {
    const made = deployed.at(-1);
    if (made === undefined) return options.before;
    const release = (options.before?.latestRelease ?? 0) + 1;
    return deploymentView({ spec: made.spec, activeRelease: release, latestRelease: release });
  };
  const server = await startApiServer({
    planDeployment: (_, response) => sendJson(response, options.plan ?? roomy),
    getDeployment: (_, response) => {
      const view = viewNow();
      if (view === undefined) return sendError(response, 404, 'NOT_FOUND_DEPLOYMENT');
      sendJson(response, view);
    },
    listReleases: (_, response) =>
      sendJson(response, { releases: [releaseView({ number: viewNow()?.latestRelease ?? 0 })] }),
    missingChunks: ({ body }, response) => {
      const { blobs } = JSON.parse(String(body)) as { blobs: { sha256: string; sizeBytes: number }[] };
      const missing = blobs.map(({ sha256, sizeBytes }) => ({
        sha256,
        chunks: Array.from({ length: countOf(sizeBytes) }, (_, index) => index).filter(
          (index) => held.get(sha256)?.has(index) !== true,
        ),
      }));
      sendJson(response, { missing: missing.filter(({ chunks }) => chunks.length > 0) });
    },
    putChunk: ({ params, query, body }, response) => {
      received++;
      if (received === options.failChunk) return sendError(response, 502, 'API_REMOTE', 'cut off');
      const { sha256 = '', index } = params;
      const chunks = held.get(sha256) ?? new Map<number, Buffer>();
      held.set(sha256, chunks.set(Number(index), body));
      const complete = chunks.size === countOf(Number(query.get('sizeBytes')));
      const whole = Buffer.concat([...chunks].sort(([a], [b]) => a - b).map(([, bytes]) => bytes));
      if (complete && hashOf(whole) !== sha256) return sendError(response, 422, 'INTEGRITY_HASH');
      if (complete) files.set(sha256, whole);
      sendJson(response, { complete });
    },
    deploy: ({ body }, response) => {
      deployed.push(JSON.parse(String(body)) as (typeof deployed)[number]);
      sendJson(response, viewNow());
    },
    ...options.answers,
  });
  return { ...server, files, deployed, chunks: () => received };
}
