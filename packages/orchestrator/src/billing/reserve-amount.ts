import { agreedPrice, MAX_AMOUNT_WEI, type PriceTable } from '@rios/sdk/billing/price-table';
import { mostOf, priceLimitOf } from '@rios/sdk/billing/quote';
import { RiosError } from '@rios/sdk/errors/error';
import type { Quote } from '@rios/sdk/schema/quote';
import type { BilledTicket } from './billed-request.ts';

/**
 * What must be reserved before a request starts, wei of ROS: the most that its tickets can cost, each rounded down as
 * its charge will be. No bill of these tickets is higher. Under a quote it is never above the quote.
 * @throws RiosError BILLING_PRICE for an ask beyond the price table or a sum beyond MAX_AMOUNT_WEI, BILLING_QUOTE_MISSED when the quote cannot be kept
 */
export function reserveAmount(tickets: readonly BilledTicket[], table: PriceTable, quote?: Quote): bigint {
  const lines = tickets.map(({ worker, maxUnits, askWei }) => ({
    worker,
    maxUnits,
    priceWei: String(agreedPrice(table, 'units', askWei)),
  }));
  const amountWei = mostOf(lines);
  if (amountWei > MAX_AMOUNT_WEI) {
    throw new RiosError('BILLING_PRICE', `no request can cost ${amountWei} wei`, {
      details: { amountWei: String(amountWei), mostWei: String(MAX_AMOUNT_WEI) },
    });
  }
  if (quote === undefined) return amountWei;
  const dearer = lines.find(({ worker, priceWei }) => BigInt(priceWei) > priceLimitOf(quote, worker));
  if (dearer !== undefined) {
    throw missed(quote, `worker ${dearer.worker} asks for more than was quoted`, { worker: dearer.worker });
  }
  if (amountWei <= BigInt(quote.mostWei)) return amountWei;
  throw missed(quote, 'the request may cost more than was quoted', { amountWei: String(amountWei) });
}

const missed = ({ quoteId, mostWei }: Quote, why: string, details: Record<string, unknown>): RiosError =>
  new RiosError('BILLING_QUOTE_MISSED', `the quote cannot be kept: ${why}`, {
    details: { quoteId, mostWei, ...details },
  });
