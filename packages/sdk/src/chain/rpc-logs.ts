import { z } from 'zod';
import { badAnswer, type RpcRequest } from './rpc-transport.ts';

const hash = z.string().regex(/^0x[0-9a-fA-F]{64}$/);
const quantity = z.string().regex(/^0x[0-9a-fA-F]{1,16}$/);
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);

const logSchema = z.object({
  address,
  topics: z.array(hash).max(4),
  data: z.string().regex(/^0x([0-9a-fA-F]{2})*$/),
  blockNumber: quantity,
  blockHash: hash,
  transactionHash: hash,
  logIndex: quantity,
});
const logsSchema = z.array(logSchema);
type RpcLog = z.infer<typeof logSchema>;

const filterSchema = z.object({
  address: z.union([z.string(), z.array(z.string())]).optional(),
  topics: z.array(z.union([z.null(), z.string(), z.array(z.string())])).optional(),
  fromBlock: z.string().optional(),
  toBlock: z.string().optional(),
});
type Filter = z.infer<typeof filterSchema>;

/** Every event must be one that was asked for. @throws RiosError CHAIN_BAD_ANSWER */
export function checkLogs(request: RpcRequest, result: unknown, asked: unknown): void {
  const logs = logsSchema.safeParse(result);
  if (!logs.success) throw badAnswer('it is no list of events', request);
  const filter = filterSchema.parse(asked ?? {});
  const strange = logs.data.find((log) => !isAskedFor(log, filter));
  if (strange === undefined) return;
  throw badAnswer('it holds an event that was not asked for', request, {
    address: strange.address,
    block: Number(strange.blockNumber),
    transaction: strange.transactionHash,
  });
}

function isAskedFor(log: RpcLog, { address, topics = [], fromBlock, toBlock }: Filter): boolean {
  const height = BigInt(log.blockNumber);
  if (isNumber(fromBlock) && height < BigInt(fromBlock)) return false;
  if (isNumber(toBlock) && height > BigInt(toBlock)) return false;
  if (address !== undefined && !includes(address, log.address)) return false;
  return topics.every((topic, index) => topic === null || includes(topic, log.topics[index]));
}

const isNumber = (tag: string | undefined): tag is string => tag?.startsWith('0x') === true;

function includes(allowed: string | readonly string[], value: string | undefined): boolean {
  const wanted = value?.toLowerCase();
  return [allowed].flat().some((one) => one.toLowerCase() === wanted);
}
