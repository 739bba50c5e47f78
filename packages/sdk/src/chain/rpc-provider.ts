import {
  JsonRpcApiProvider,
  type JsonRpcError,
  type JsonRpcPayload,
  type JsonRpcResult,
  type Network,
} from 'ethers';
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
