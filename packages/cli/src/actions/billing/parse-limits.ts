import { parseRos } from '@rios/sdk/chain/amounts';
import { RiosError } from '@rios/sdk/errors/error';
import type { BudgetChange } from '@rios/sdk/schema/billing';

const PERIODS = ['request', 'day', 'month'] as const;

/** Limits as a person typed them; `none` takes one away. @throws RiosError USER_INVALID_REQUEST */
export function parseLimits(
  given: Readonly<Partial<Record<(typeof PERIODS)[number], string | undefined>>>,
): BudgetChange {
  const change: BudgetChange = {};
  for (const period of PERIODS) {
    const text = given[period];
    if (text !== undefined) change[period] = text === 'none' ? null : String(parseRos(text));
  }
  if (Object.keys(change).length > 0) return change;
  throw new RiosError('USER_INVALID_REQUEST', 'no limit is given', {
    hint: 'Give --request, --day or --month.',
  });
}
