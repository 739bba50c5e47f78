import type { RiosError } from '@rios/sdk/errors/error';
import type { SettlementView } from '@rios/sdk/schema/funds';
import { readCursor } from '../store/chain-blocks.ts';
import { gasOfDay, listOpenIntents, type StoredIntent } from '../store/chain-intents.ts';
import type { Store } from '../store/store.ts';
import { listVouchers } from '../store/vouchers.ts';
import { dayOf } from './gas-budget.ts';
import { readStop } from './publishing-stop.ts';
import type { SettlementModules, SettlementOptions } from './settlement-loop.ts';
import type { SettlementSession } from './settlement-session.ts';

/** Intents, and vouchers, that are told at most. */
const MAX_INTENTS = 50;
const MAX_VOUCHERS = 1_000;

/** How settlement stands: what the store says, and what this orchestrator's loop knows beside it. */
export async function readSettlement(
  { store, clock }: Pick<SettlementModules, 'store' | 'clock'>,
  { gasBudgetWei }: Pick<SettlementOptions, 'gasBudgetWei'>,
  { session, problem }: { session: SettlementSession | undefined; problem: RiosError | undefined },
): Promise<SettlementView> {
  const budgetWei = String(gasBudgetWei);
  const stop = (await readStop(store)) ?? null;
  const told = problem ?? session?.problem();
  const base = { stop, problem: told === undefined ? null : failureOf(told) };
  if (session === undefined) {
    const nothing = { chain: null, signer: null, gas: { spentWei: '0', budgetWei }, intents: [] };
    return { ...base, ...nothing, vouchers: { kept: 0, sent: 0, keptWei: '0' }, comparedAt: null };
  }
  const { followed, signer } = session;
  const { chainId } = followed.chain;
  const { escrow, rewards } = followed.contracts;
  const { countedTo } = await readCursor(store, session.scope);
  const place = signer === undefined ? undefined : { chainId, signer };
  const spentWei = place === undefined ? 0n : await gasOfDay(store, place, dayOf(clock.now()), -1);
  return {
    ...base,
    chain: { chainId, escrow: escrow.address, rewards: rewards.address, countedTo },
    signer: signer ?? null,
    gas: { spentWei: String(spentWei), budgetWei },
    intents: (await listOpenIntents(store, chainId, MAX_INTENTS)).map(viewOf),
    vouchers: await sumVouchers(store, { chainId, escrow: escrow.address }),
    comparedAt: session.comparedAt() ?? null,
  };
}

const failureOf = ({ code, message }: RiosError) => ({ code, message });

function viewOf({
  intent_key,
  state,
  what,
  hash,
  error_json,
}: StoredIntent): SettlementView['intents'][number] {
  const error: unknown = error_json === null ? null : JSON.parse(error_json);
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return {
    key: intent_key,
    state: state === 'done' ? 'signed' : state,
    what,
    hash,
    error: error === null ? null : { code: String(code), message: String(message) },
  };
}

async function sumVouchers(
  store: Store,
  place: { readonly chainId: number; readonly escrow: string },
): Promise<SettlementView['vouchers']> {
  const kept = await listVouchers(store, place, { state: 'kept', limit: MAX_VOUCHERS });
  const sent = await listVouchers(store, place, { state: 'sent', limit: MAX_VOUCHERS });
  const keptWei = kept.reduce((sum, { cumulative_wei }) => sum + BigInt(cumulative_wei), 0n);
  return { kept: kept.length, sent: sent.length, keptWei: String(keptWei) };
}
