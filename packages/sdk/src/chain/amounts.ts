import { RiosError } from '../errors/error.ts';

/** Decimals of ROS: 1 ROS = 10^18 wei. */
export const ROS_DECIMALS = 18;
const WEI_PER_ROS = 10n ** 18n;
/** Longest text that is read as an amount. */
const MAX_CHARS = 128;
/** Amounts on chain are uint128. */
const MAX_WEI = 2n ** 128n - 1n;
const AMOUNT = /^(?<whole>\d+)(?:\.(?<fraction>\d+))?(?:\s*(?<unit>[A-Za-z]+))?$/;

/**
 * Wei of ROS of what a person typed: `1.5`, `1.5 ROS` or `1500000 wei`.
 * @throws RiosError USER_INVALID_REQUEST for an empty, negative or too long text, an exponent, another unit, or more
 * decimals than the unit has (details say how many)
 */
export function parseRos(text: string): bigint {
  const trimmed = text.trim();
  if (trimmed === '') throw refused('there is no amount');
  if (trimmed.length > MAX_CHARS) throw refused(`an amount has at most ${MAX_CHARS} characters`);
  if (trimmed.startsWith('-')) throw refused('an amount cannot be negative', { amount: trimmed });
  if (/^\d*\.?\d*e[+-]?\d+/i.test(trimmed)) throw refused('an amount is written without an exponent');
  const { whole, fraction = '', unit = 'ROS' } = AMOUNT.exec(trimmed)?.groups ?? {};
  if (whole === undefined) throw refused('this is no amount', { amount: trimmed });
  const decimals = decimalsOf(unit);
  if (fraction.length > decimals) {
    const message = `an amount in ${unit} has at most ${decimals} decimals, this one has ${fraction.length}`;
    throw refused(message, { decimals: fraction.length, maxDecimals: decimals });
  }
  const wei = BigInt(whole + fraction.padEnd(decimals, '0'));
  if (wei > MAX_WEI) throw refused('an amount must fit in 128 bits', { maxWei: String(MAX_WEI) });
  return wei;
}

/** Wei of ROS as text without loss: `1.5 ROS`; `unit: false` leaves the unit off. Negative differences are fine. */
export function formatRos(wei: bigint, { unit = true }: { readonly unit?: boolean } = {}): string {
  return formatDecimal(wei) + (unit ? ' ROS' : '');
}

/** Wei of the chain's own coin as text: `0.002 ETH`. */
export function formatCoin(wei: bigint, symbol = 'ETH'): string {
  return `${formatDecimal(wei)} ${symbol}`;
}

function formatDecimal(wei: bigint): string {
  const size = wei < 0n ? -wei : wei;
  const fraction = String(size % WEI_PER_ROS)
    .padStart(ROS_DECIMALS, '0')
    .replace(/0+$/, '');
  const whole = `${wei < 0n ? '-' : ''}${size / WEI_PER_ROS}`;
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

function decimalsOf(unit: string): number {
  if (unit.toLowerCase() === 'ros') return ROS_DECIMALS;
  if (unit.toLowerCase() === 'wei') return 0;
  throw refused(`the unit ${unit.slice(0, 16)} is none of ROS and wei`, { unit: unit.slice(0, 16) });
}

const refused = (message: string, details: Record<string, unknown> = {}) =>
  new RiosError('USER_INVALID_REQUEST', message, {
    hint: 'Write an amount like 1.5, "1.5 ROS" or "1500000 wei".',
    details,
  });
