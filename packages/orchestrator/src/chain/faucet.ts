import { rosTokenAbi } from '@rios/sdk/chain/contracts/ros-token';
import { type FaucetAnswer, MAX_FAUCET_WEI } from '@rios/sdk/chain/faucet';
import { toRiosError } from '@rios/sdk/errors/error';
import { Contract, type Signer } from 'ethers';
import type { RpcAnswer } from './dev-chain.ts';
import { invalidParams } from './rpc-rules.ts';

/** Gives away ROS and coin of a dev chain. */
export interface Faucet {
  /** `params` of `rios_faucet`. One call after the other, so that each has a nonce of its own. */
  give(params: readonly unknown[]): Promise<RpcAnswer>;
}

const COIN = 10n ** 18n;

/** @param signer its account, on the chain. @param token address of the ROS contract */
export function createFaucet(signer: Signer, token: string): Faucet {
  const ros = new Contract(token, rosTokenAbi, signer);
  let turn: Promise<unknown> = Promise.resolve();
  const send = async (to: string, amount: bigint): Promise<FaucetAnswer> => {
    const coinHash = await topUp(signer, to);
    const sent = await ros.getFunction('transfer')(to, amount);
    await sent.wait();
    return { hash: sent.hash, coinHash };
  };
  return {
    give: (params) => {
      const asked = readAsked(params);
      if (asked === undefined) {
        const error = invalidParams('rios_faucet takes an address and at most 10,000 ROS, in wei as hex');
        return Promise.resolve({ error });
      }
      const given = turn.then(() => send(asked.to, asked.amount));
      turn = given.catch(() => {});
      return given.then((result) => ({ result }), failureOf);
    },
  };
}

/** Coin up to one for who has less. */
async function topUp(signer: Signer, to: string): Promise<string | null> {
  const balance = (await signer.provider?.getBalance(to)) ?? COIN;
  if (balance >= COIN) return null;
  const sent = await signer.sendTransaction({ to, value: COIN - balance });
  await sent.wait();
  return sent.hash;
}

function readAsked([to, amount, ...rest]: readonly unknown[]): { to: string; amount: bigint } | undefined {
  const isAddress = typeof to === 'string' && /^0x[0-9a-f]{40}$/i.test(to) && !/^0x0*$/.test(to);
  const isAmount = typeof amount === 'string' && /^0x[0-9a-f]{1,64}$/i.test(amount);
  if (!isAddress || !isAmount || rest.length > 0) return undefined;
  const wei = BigInt(amount);
  return wei > 0n && wei <= MAX_FAUCET_WEI ? { to: to.toLowerCase(), amount: wei } : undefined;
}

const failureOf = (error: unknown): RpcAnswer => ({
  error: { code: -32_000, message: `the faucet could not give: ${toRiosError(error).message.slice(0, 200)}` },
});
