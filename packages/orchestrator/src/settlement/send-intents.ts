import { toRiosError } from '@rios/sdk/errors/error';
import { repeat } from '../services/repeat.ts';
import { listSigned } from '../store/chain-intents.ts';
import { acquireLease } from '../store/leases.ts';
import { followSigned } from './follow-signed.ts';
import { type SendOutcome, sendNext } from './send-next.ts';
import { createSender, type Sender, type SenderModules, type SenderOptions } from './sender.ts';

/** Carries the intents of one account to the chain, each once, whatever dies or breaks on the way. */
export interface IntentSender {
  /**
   * One step: looks what became of what is on its way, or sends the next.
   * @throws RiosError CHAIN_*, QUOTA_BALANCE, SETTLEMENT_*: nothing is lost, the next step goes on
   */
  step(): Promise<SendOutcome>;
  /** Steps again and again. */
  start(): void;
  /** Waits for the step under way. Idempotent. */
  stop(): Promise<void>;
}

/**
 * A transaction is kept in the store, bytes and nonce, before it is sent; after a death the same bytes go out. One of an
 * account is on its way at a time, and one orchestrator of a store sends.
 */
export async function createIntentSender(
  options: SenderOptions,
  modules: SenderModules,
): Promise<IntentSender> {
  const sender = await createSender(options, modules);
  const { clock, chain, log } = modules;
  let end = async () => {};
  let told = '';
  const run = async () => {
    await step(sender);
    told = '';
  };
  const tell = (error: unknown) => {
    const { code, message, details } = toRiosError(error);
    if (code !== told) log.warn('intents cannot be sent now', { code, error: message, ...details });
    told = code;
  };
  return {
    step: () => step(sender),
    start: () => {
      end = repeat(clock, chain.policy.pollMs, run, tell);
    },
    stop: () => end(),
  };
}

async function step(sender: Sender): Promise<SendOutcome> {
  const { store, place, options } = sender;
  const name = `send:${place.chainId}:${place.signer}`;
  const lease = await acquireLease(store, name, options.holder, options.leaseMs);
  if (lease === undefined) return { kind: 'not-held' };
  const signed = await listSigned(store, place);
  if (signed.length === 0) return sendNext(sender, lease);
  let last: SendOutcome = { kind: 'idle' };
  for (const intent of signed) last = await followSigned(sender, intent, lease);
  return last;
}
