import {
  type Block,
  type BlockParams,
  JsonRpcApiProvider,
  type JsonRpcError,
  type JsonRpcPayload,
  type JsonRpcResult,
  type Log,
  type LogParams,
  type Network,
  type TransactionReceipt,
  type TransactionReceiptParams,
  type TransactionResponse,
  type TransactionResponseParams,
} from 'ethers';
import { RiosError } from '../errors/error.ts';
import type { AnswerCheck } from './rpc-answer.ts';
import type { RpcTransport } from './rpc-transport.ts';

export interface RpcProviderOptions {
  readonly network: Network;
  readonly pollMs: number;
}

/** ethers' provider over our own transport: nothing is cached, nothing batched, each answer is checked. */
export class RpcProvider extends JsonRpcApiProvider {
  readonly #transport: RpcTransport;
  readonly #check: AnswerCheck;

  constructor(transport: RpcTransport, check: AnswerCheck, { network, pollMs }: RpcProviderOptions) {
    super(network, { staticNetwork: network, batchMaxCount: 1, cacheTimeout: -1, pollingInterval: pollMs });
    this.#transport = transport;
    this.#check = check;
  }

  override async send(method: string, params: unknown[] | Record<string, unknown>): Promise<unknown> {
    this._start();
    return super.send(method, params);
  }

  override async _send(
    payload: JsonRpcPayload | JsonRpcPayload[],
  ): Promise<(JsonRpcResult | JsonRpcError)[]> {
    return Promise.all([payload].flat().map((one) => this.#callOne(one)));
  }

  override _wrapBlock(value: BlockParams, network: Network): Block {
    return formed('block', () => super._wrapBlock(value, network));
  }

  override _wrapLog(value: LogParams, network: Network): Log {
    return formed('event', () => super._wrapLog(value, network));
  }

  override _wrapTransactionReceipt(value: TransactionReceiptParams, network: Network): TransactionReceipt {
    return formed('receipt', () => super._wrapTransactionReceipt(value, network));
  }

  override _wrapTransactionResponse(value: TransactionResponseParams, network: Network): TransactionResponse {
    return formed('transaction', () => super._wrapTransactionResponse(value, network));
  }

  override destroy(): void {
    this.#transport.close();
    super.destroy();
  }

  async #callOne({ id, method, params }: JsonRpcPayload): Promise<JsonRpcResult | JsonRpcError> {
    const answer = await this.#transport.call({ id, method, params });
    if ('result' in answer) this.#check({ id, method, params }, answer.result);
    return answer;
  }
}

/** ethers reads the fields of an answer by many rules of its own, whose errors would be taken for the caller's. */
function formed<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new RiosError('CHAIN_BAD_ANSWER', `the RPC gave a ${what} of a strange form`, { cause });
  }
}
