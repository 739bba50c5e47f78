import { RiosError } from '@rios/sdk/errors/error';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { createExitGate, type ExitGate } from '../exit-gate.ts';
import { type Feeds, type OrtSession, ortSessions } from './ort-session.ts';

/** An opened graph with one float32 output. */
export interface Graph {
  /** Blocks this thread while it computes. Throws RUNTIME_SESSION. */
  run(feeds: Feeds): Promise<Float32Array>;
  release(): Promise<void>;
}

/** What an opened graph must take and give: names from sdk/dmoe/graph-contract. */
export interface GraphNames {
  readonly inputs: readonly string[];
  readonly output: string;
}

/** ONNX Runtime in this thread. */
export interface Ort {
  /**
   * Opens a graph from its bytes; its external weights are memory-mapped from files under `directory`.
   * Throws RUNTIME_SESSION, or MODEL_BUNDLE_INVALID when the graph has other inputs or outputs.
   */
  open(bytes: Uint8Array, directory: string, names: GraphNames): Promise<Graph>;
  /** Row-major float32; the array is used in place. */
  tensor(values: Float32Array, dims: readonly number[]): Tensor;
}

/**
 * Loads onnxruntime-node. `provider`: an execution provider of ORT; what it lacks falls back to the CPU.
 * Each call passes `gate`.
 */
export async function loadOrt(provider: string, gate: ExitGate = createExitGate()): Promise<Ort> {
  const { env, Tensor } = await import('onnxruntime-node');
  env.logLevel = 'error';
  const create = await ortSessions();
  return {
    async open(bytes, directory, names) {
      const session = await guarded(gate, () => create(bytes, sessionOptions(provider, directory)));
      checkNames(session, names);
      return {
        run: (feeds) => guarded(gate, async () => floats(await session.run(feeds, names.output))),
        release: () => guarded(gate, () => session.release()),
      };
    },
    tensor: (values, dims) => new Tensor('float32', values, dims),
  };
}

/**
 * One intra-op thread and no spinning: the engine's own threads are the parallelism. Weights are used where
 * they are mapped (no prepacked copy), and scratch memory is given back after each call.
 */
function sessionOptions(provider: string, directory: string): InferenceSession.SessionOptions {
  return {
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    enableCpuMemArena: false,
    logSeverityLevel: 3,
    extra: {
      session: {
        intra_op: { allow_spinning: '0' },
        inter_op: { allow_spinning: '0' },
        disable_prepacking: '1',
        model_external_initializers_file_folder_path: directory,
      },
    },
  };
}

function checkNames(session: OrtSession, names: GraphNames): void {
  const inputs = [...session.inputNames].sort().join();
  const outputs = session.outputNames.join();
  if (inputs === [...names.inputs].sort().join() && outputs === names.output) return;
  throw new RiosError('MODEL_BUNDLE_INVALID', 'a graph has other inputs or outputs than its part must have', {
    details: { inputs, outputs },
  });
}

function floats(output: Tensor | undefined): Float32Array {
  if (output?.data instanceof Float32Array) return output.data;
  throw new RiosError('RUNTIME_SESSION', 'a graph gave no float32 output');
}

async function guarded<T>(gate: ExitGate, act: () => Promise<T>): Promise<T> {
  gate.enter();
  try {
    return await act();
  } catch (cause) {
    if (cause instanceof RiosError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RiosError('RUNTIME_SESSION', `ONNX Runtime failed: ${reason.slice(0, 500)}`, { cause });
  } finally {
    gate.leave();
  }
}
