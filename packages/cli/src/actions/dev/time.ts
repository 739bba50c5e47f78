import { RiosError } from '@rios/sdk/errors/error';
import type { DevTime } from '@rios/sdk/schema/cli-results';
import { z } from 'zod';
import { callRpc } from './rpc.ts';

const quantitySchema = z
  .string()
  .regex(/^0x[0-9a-f]{1,16}$/)
  .transform(Number);
const blockSchema = z.object({ number: quantitySchema, timestamp: quantitySchema });

/**
 * Moves the time of a dev chain on, and makes a block then.
 * @throws RiosError CHAIN_UNSUPPORTED (a chain whose time cannot be moved), CHAIN_UNREACHABLE, CHAIN_TIMEOUT
 */
export async function advanceTime(rpcUrl: string, advanceMs: number, signal: AbortSignal): Promise<DevTime> {
  if (advanceMs < 1000)
    throw new RiosError('USER_INVALID_REQUEST', 'the time of a chain moves by whole seconds');
  const advancedSeconds = Math.floor(advanceMs / 1000);
  await callRpc({ rpcUrl, method: 'evm_increaseTime', params: [advancedSeconds], signal }, z.unknown());
  await callRpc({ rpcUrl, method: 'evm_mine', params: [], signal }, z.unknown());
  const call = { rpcUrl, method: 'eth_getBlockByNumber', params: ['latest', false], signal };
  const { number, timestamp } = await callRpc(call, blockSchema);
  return { advancedSeconds, height: number, time: timestamp * 1000 };
}
