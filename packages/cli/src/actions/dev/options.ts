import type { Shape } from '@rios/sdk/schema/route';

/** What `rios dev` is asked for. */
export interface DevOptions {
  readonly workers: number;
  /** Checkpoint directories or bundles. */
  readonly models: readonly string[];
  readonly shape?: Shape | undefined;
  /** No worker holds all experts of any layer. */
  readonly spread: boolean;
  /** Everything that the network writes stands below it. */
  readonly dataDir: string;
  /** With a chain for development. */
  readonly chain: boolean;
  /** Port of the ingress; 0 for any. */
  readonly appsPort: number;
  readonly startTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** A worker of it. `containers` says what runs them; null, with the reason, where it takes none. */
export interface DevWorker {
  readonly name: string;
  readonly id: string;
  readonly containers: string | null;
  readonly containersReason: string | null;
}

/** A network that runs. */
export interface DevReady {
  readonly apiUrl: string;
  readonly openaiUrl: string;
  readonly tokenFile: string;
  readonly networkId: string;
  readonly dataDir: string;
  /** JSON-RPC of the dev chain, and its chain file; null without one. */
  readonly rpcUrl: string | null;
  readonly chainFile: string | null;
  /** Where applications are reached: http://<name>.localhost:<port>; null without an ingress. */
  readonly appsPort: number | null;
  readonly workers: readonly DevWorker[];
  readonly models: readonly { readonly name: string; readonly shape: Shape | null }[];
}
