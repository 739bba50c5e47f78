import type { Identity } from '../crypto/identity.ts';
import { CLOCK_TOLERANCE_MS, networkIdOf } from '../crypto/network.ts';
import { publicKeyOf } from '../crypto/peer-id.ts';
import { openSigned, sign } from '../crypto/signed.ts';
import { RiosError } from '../errors/error.ts';
import { type Quote, type QuoteBundle, type QuoteLine, quoteSchema } from '../schema/quote.ts';
import { certificateSchema, type Signed } from '../schema/trust.ts';
import { priceUsage } from './price-usage.ts';

/** What a quote is to say; the sum and the issuer are added. */
export type QuoteWish = Omit<Quote, 'issuer' | 'mostWei'>;

/** Longest time that a quote holds: half of a certificate's life is always left, and asks change. */
export const MAX_QUOTE_MS = 3_600_000;

/** Why a quote is refused, in details.reason. */
export type QuoteRefusal = 'signature' | 'future' | 'account' | 'model' | 'sum' | 'used';

/** Against what a quote is checked. */
export interface QuoteCheck {
  readonly networkPublicKey: Uint8Array;
  /** Whose request it is to pay for. */
  readonly accountId: string;
  readonly modelHash: string;
  readonly now: number;
}

/**
 * The most that these lines can cost, wei of ROS: each line rounded down as priceUsage does, then added. Receipts of
 * one worker that together stay within its line never cost more than the line.
 * @throws RiosError BILLING_PRICE for a price or units out of bounds
 */
export function mostOf(lines: readonly Pick<QuoteLine, 'maxUnits' | 'priceWei'>[]): bigint {
  const costs = lines.map(({ maxUnits, priceWei }) =>
    priceUsage({ resource: 'units', quantity: maxUnits, priceWei: BigInt(priceWei) }),
  );
  return costs.reduce((sum, wei) => sum + wei, 0n);
}

/**
 * Signs a firm quote with the orchestrator's identity; `certificate` proves the orchestrator and must outlast it.
 * @throws RiosError BILLING_PRICE for lines that cannot be priced, a time over MAX_QUOTE_MS, a wrong form
 */
export function issueQuote(identity: Identity, certificate: Signed, wish: QuoteWish): QuoteBundle {
  const quote: Quote = { ...wish, issuer: identity.peerId, mostWei: String(mostOf(wish.lines)) };
  const parsed = quoteSchema.safeParse(quote);
  const lastsMs = quote.expiresAt - quote.issuedAt;
  if (!parsed.success || lastsMs <= 0 || lastsMs > MAX_QUOTE_MS) {
    throw new RiosError('BILLING_PRICE', 'no quote can be made of this', { cause: parsed.error });
  }
  return { quote: sign('quote', quote, identity.privateKey), certificate };
}

/**
 * Checks a quote by the network key alone: certificate, signature, network, time, account, model, sum. Pure; whether
 * it was used before is for the store to say.
 * @throws RiosError BILLING_QUOTE_EXPIRED, BILLING_QUOTE_INVALID (details.reason is a QuoteRefusal)
 */
export function verifyQuote(bundle: QuoteBundle, check: QuoteCheck): Quote {
  const quote = openQuote(bundle, check.networkPublicKey);
  const { quoteId, expiresAt } = quote;
  if (check.now > expiresAt + CLOCK_TOLERANCE_MS) {
    throw new RiosError('BILLING_QUOTE_EXPIRED', 'the quote has expired', {
      details: { quoteId, expiresAt },
    });
  }
  if (check.now < quote.issuedAt - CLOCK_TOLERANCE_MS) throw refused('future', 'it is from the future');
  if (quote.accountId !== check.accountId) throw refused('account', 'it was made for another account');
  if (quote.modelHash !== check.modelHash) throw refused('model', 'it is for another model');
  if (!isSumOf(quote)) throw refused('sum', 'its sum is not that of its lines');
  return quote;
}

/**
 * The highest price per 1,000,000 units that `worker` may be paid under a quote: its own line's. A worker without a
 * line, which took another's place, gets at most the highest of all lines.
 */
export function priceLimitOf({ lines }: Quote, worker: string): bigint {
  const own = lines.filter((line) => line.worker === worker);
  const prices = (own.length > 0 ? own : lines).map(({ priceWei }) => BigInt(priceWei));
  return prices.reduce((most, price) => {
    if (price <= most) return most;
    return price;
  }, 0n);
}

/**
 * Opens certificate and quote. The quote must lie inside the certificate's time; so an expired one is known as such
 * also when the certificate is over, and a key that is not certified any more makes no quote that holds.
 */
function openQuote({ certificate, quote }: QuoteBundle, networkPublicKey: Uint8Array): Quote {
  try {
    const known = openSigned('certificate', certificate, networkPublicKey, certificateSchema);
    const opened = openSigned('quote', quote, publicKeyOf(known.orchestrator), quoteSchema);
    const isOwn = opened.issuer === known.orchestrator && opened.networkId === networkIdOf(networkPublicKey);
    if (isOwn && opened.issuedAt >= known.notBefore && opened.expiresAt <= known.expiresAt) return opened;
  } catch (cause) {
    throw refused('signature', 'no orchestrator of this network signed it so', cause);
  }
  throw refused('signature', 'its certificate does not cover its issuer, network or time');
}

function isSumOf({ lines, mostWei }: Quote): boolean {
  try {
    return mostOf(lines) === BigInt(mostWei);
  } catch {
    return false; // a line that cannot be priced has no sum
  }
}

const refused = (reason: QuoteRefusal, why: string, cause?: unknown): RiosError =>
  new RiosError('BILLING_QUOTE_INVALID', `the quote is refused: ${why}`, { details: { reason }, cause });
