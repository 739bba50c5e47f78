import { createRpcTransport, type RpcTransport } from '@rios/sdk/chain/rpc-transport';
import { systemClock } from '@rios/sdk/clock';
import { parseRpcUrl } from '@rios/sdk/config/connection';
import { RiosError } from '@rios/sdk/errors/error';
import type { DevTime } from '@rios/sdk/schema/cli-results';
import { z } from 'zod';

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1024 * 1024;
const NO_METHOD = -32_601;

const quantitySchema = z
  .string()
  .regex(/^0x[0-9a-f]{1,16}$/)
  .transform(Number);
const blockSchema = z.object({ number: quantitySchema, timestamp: quantitySchema });

/**
 * Moves the time of a dev chain on, and makes a block then. Three plain calls: ethers would be too much to load.
 * @throws RiosError CHAIN_UNSUPPORTED (a chain whose time cannot be moved), CHAIN_UNREACHABLE, CHAIN_TIMEOUT,
 * CHAIN_BAD_ANSWER, USER_INVALID_REQUEST
 */
export async function advanceTime(rpcUrl: string, advanceMs: number, signal: AbortSignal): Promise<DevTime> {
  if (advanceMs < 1000)
    throw new RiosError('USER_INVALID_REQUEST', 'the time of a chain moves by whole seconds');
  const advancedSeconds = Math.floor(advanceMs / 1000);
  const rpc = createRpcTransport(
    { url: new URL(parseRpcUrl(rpcUrl)), timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES },
    systemClock,
  );
  signal.addEventListener('abort', rpc.close, { once: true });
  try {
    await ask(rpc, 'evm_increaseTime', [advancedSeconds]);
    await ask(rpc, 'evm_mine', []);
    const block = blockSchema.safeParse(await ask(rpc, 'eth_getBlockByNumber', ['latest', false]));
    if (!block.success) throw new RiosError('CHAIN_BAD_ANSWER', 'the RPC does not answer as a chain does');
    return { advancedSeconds, height: block.data.number, time: block.data.timestamp * 1000 };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', rpc.close);
  }
}

async function ask(rpc: RpcTransport, method: string, params: readonly unknown[]): Promise<unknown> {
  const answer = await rpc.call({ id: 1, method, params });
  if ('result' in answer) return answer.result;
  const { code, message } = answer.error;
  const kind = code === NO_METHOD ? 'CHAIN_UNSUPPORTED' : 'CHAIN_BAD_ANSWER';
  throw new RiosError(kind, `the chain refused ${method}: ${message.slice(0, 200)}`);
}
