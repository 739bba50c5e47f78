import { RiosError } from '@rios/sdk/errors/error';
import { z } from 'zod';

export interface PlainRpcCall {
  readonly rpcUrl: string;
  readonly method: string;
  readonly params: readonly unknown[];
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1024 * 1024;
const NO_METHOD = -32_601;

const answerSchema = z.union([
  z.object({ error: z.object({ code: z.number(), message: z.string() }) }),
  z.object({ result: z.unknown() }),
]);

/**
 * One JSON-RPC call where ethers would be too much to load.
 * @throws RiosError CHAIN_UNREACHABLE, CHAIN_TIMEOUT, CHAIN_BAD_ANSWER, CHAIN_UNSUPPORTED (no such method)
 */
export async function callRpc<T>(call: PlainRpcCall, schema: z.ZodType<T>): Promise<T> {
  const answer = answerSchema.safeParse(await post(call));
  if (!answer.success) throw badAnswer(call);
  if ('error' in answer.data) {
    const { code, message } = answer.data.error;
    const kind = code === NO_METHOD ? 'CHAIN_UNSUPPORTED' : 'CHAIN_BAD_ANSWER';
    throw new RiosError(kind, `the chain refused ${call.method}: ${message.slice(0, 200)}`);
  }
  const result = schema.safeParse(answer.data.result);
  if (result.success) return result.data;
  throw badAnswer(call);
}

const badAnswer = ({ method }: PlainRpcCall, cause?: unknown) =>
  new RiosError('CHAIN_BAD_ANSWER', `the RPC does not answer ${method} as a chain does`, { cause });

async function post({ rpcUrl, method, params, signal }: PlainRpcCall): Promise<unknown> {
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  let text: string;
  try {
    const response = await fetch(rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      redirect: 'error',
      signal: AbortSignal.any([signal, deadline]),
    });
    text = await readBounded(response);
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof RiosError) throw cause;
    if (deadline.aborted) throw new RiosError('CHAIN_TIMEOUT', 'the RPC does not answer in time', { cause });
    throw new RiosError('CHAIN_UNREACHABLE', 'no chain answers at the RPC', { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badAnswer({ rpcUrl, method, params, signal }, cause);
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > MAX_BYTES) {
      throw new RiosError('CHAIN_BAD_ANSWER', `the RPC answered with more than ${MAX_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
