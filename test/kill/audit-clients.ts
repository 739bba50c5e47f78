import type { Books } from './books.ts';
import { exactlyOnce } from './exactly-once.ts';
import type { Seen } from './seen.ts';

/** What is wrong between the books and what clients were told. Pure; for when nothing is under way. */
export function auditClients(books: Books, seen: Seen): string[] {
  const billed = (outcome: string) =>
    books.bills.filter((bill) => bill.outcome === outcome).map(({ request_id }) => request_id);
  const served = new Set(billed('served'));
  const usageOf = new Map(books.requests.map(({ id, usage_json }) => [id, usage_json]));
  const deposits = books.events
    .filter(({ kind, state }) => kind === 'deposited' && state === 'counted')
    .map(({ transaction_hash }) => transaction_hash);
  const kept = books.vouchers.map(({ payer, cumulative_wei }) => `${payer} ${cumulative_wei}`);
  return [
    ...exactlyOnce(
      'bill of an answered request',
      seen.answered.map(({ id }) => id),
      billed('served'),
    ),
    ...seen.refused.filter((id) => served.has(id)).map((id) => `${id} was refused, and is billed as served`),
    ...seen.answered
      .filter(({ id, tokens }) => tokensOf(usageOf.get(id)) !== tokens)
      .map(({ id }) => `${id}: the client was told another usage`),
    ...exactlyOnce('deposit', seen.deposits, deposits),
    ...exactlyOnce('voucher', seen.vouchers, kept),
    ...books.requests.filter(({ state }) => state === 'running').map(({ id }) => `${id} is still running`),
    ...[...books.ledger.balances]
      .filter(([account, wei]) => account.startsWith('held:') && wei !== 0n)
      .map(([account, wei]) => `${account} is ${wei} at rest`),
  ];
}

/** Bills of requests that were served and whose answer nobody got: an orchestrator died in between. */
export const countUnseen = (books: Books, { answered }: Seen): number => {
  const ids = new Set(answered.map(({ id }) => id));
  return books.bills.filter(({ outcome, request_id }) => outcome === 'served' && !ids.has(request_id)).length;
};

function tokensOf(usageJson: string | null | undefined): number | undefined {
  if (!usageJson) return undefined;
  const { promptTokens, completionTokens } = JSON.parse(usageJson) as Record<string, number>;
  return (promptTokens ?? 0) + (completionTokens ?? 0);
}
