import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';

/** Inputs of one call, by name. */
export type Feeds = Readonly<Record<string, Tensor>>;

/** The part of an ORT session that the runtime uses. */
export interface OrtSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Runs for one output; blocks this thread meanwhile. */
  run(feeds: Feeds, output: string): Promise<Tensor | undefined>;
  release(): Promise<void>;
}

export type CreateOrtSession = (
  bytes: Uint8Array,
  options: InferenceSession.SessionOptions,
) => Promise<OrtSession>;

/**
 * How sessions are made: straight on the package's native binding where it looks as we know it (10 us a call),
 * else through the public API (18 us: it defers each call by an event-loop turn).
 */
export async function ortSessions(): Promise<CreateOrtSession> {
  const native = nativeBinding();
  return native === undefined ? publicSessions() : nativeSessions(native);
}

async function publicSessions(): Promise<CreateOrtSession> {
  const { InferenceSession } = await import('onnxruntime-node');
  return async (bytes, options) => {
    const session = await InferenceSession.create(bytes, options);
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      run: async (feeds, output) => (await session.run(feeds, [output]))[output] as Tensor | undefined,
      release: () => session.release(),
    };
  };
}

/** onnxruntime-node's private module dist/binding.js. */
interface NativeModule {
  readonly binding: { readonly InferenceSession: new () => NativeSession };
  initOrt(): void;
}

interface NativeSession {
  readonly inputMetadata: readonly { readonly name: string }[];
  readonly outputMetadata: readonly { readonly name: string }[];
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void;
  run(feeds: Feeds, fetches: Record<string, null>, options: object): Record<string, Tensor | undefined>;
  dispose(): void;
}

function nativeSessions({ binding, initOrt }: NativeModule): CreateOrtSession {
  initOrt();
  return async (bytes, options) => {
    const session = new binding.InferenceSession();
    session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, options);
    return {
      inputNames: session.inputMetadata.map(({ name }) => name),
      outputNames: session.outputMetadata.map(({ name }) => name),
      run: async (feeds, output) => session.run(feeds, { [output]: null }, {})[output],
      release: async () => session.dispose(),
    };
  };
}

function nativeBinding(): NativeModule | undefined {
  const require = createRequire(import.meta.url);
  try {
    const module: unknown = require(join(dirname(require.resolve('onnxruntime-node')), 'binding.js'));
    return isNativeModule(module) ? module : undefined;
  } catch {
    return undefined; // another version laid out otherwise: the public API does the same, slower
  }
}

function isNativeModule(module: unknown): module is NativeModule {
  if (typeof module !== 'object' || module === null) return false;
  const { binding, initOrt } = module as Partial<NativeModule>;
  const methods = Object.getOwnPropertyNames(binding?.InferenceSession?.prototype ?? {});
  return (
    typeof initOrt === 'function' && ['loadModel', 'run', 'dispose'].every((name) => methods.includes(name))
  );
}
