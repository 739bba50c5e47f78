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
  readonly startTimeoutMs: number;
  readonly signal: AbortSignal;
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
  readonly workers: readonly { readonly name: string; readonly id: string }[];
  readonly models: readonly { readonly name: string; readonly shape: Shape | null }[];
}
