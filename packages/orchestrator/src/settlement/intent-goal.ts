import type { RosContracts } from '@rios/sdk/chain/contracts';
import { hasCode, RiosError } from '@rios/sdk/errors/error';
import { z } from 'zod';
import { decodeJson } from '../store/json.ts';

const wei = z.string().regex(/^\d{1,39}$/);

/** What is so on the chain once an intent is done, by whomever. Amounts in wei of ROS. */
export const intentGoalSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('publish'), epoch: z.int().min(1), root: z.string(), totalWei: wei }),
  z.strictObject({
    kind: z.literal('collect'),
    vouchers: z.array(z.strictObject({ payer: z.string(), cumulativeWei: wei })).max(1_000),
  }),
  z.strictObject({ kind: z.literal('activate'), epoch: z.int().min(1) }),
  /** Only the transaction itself tells. */
  z.strictObject({ kind: z.literal('call') }),
]);
export type IntentGoal = z.infer<typeof intentGoalSchema>;

/** What a refusal or a revert means in the light of the chain's state. */
export type Verdict =
  | { readonly kind: 'reached' }
  | { readonly kind: 'open' }
  | { readonly kind: 'contradicted'; readonly error: RiosError };

/** As isReached, with the contradiction as a value. @throws RiosError CHAIN_* */
export async function judgeGoal(goalJson: string, contracts: Asked): Promise<Verdict> {
  try {
    const goal = decodeJson(intentGoalSchema, goalJson);
    return { kind: (await isReached(goal, contracts)) ? 'reached' : 'open' };
  } catch (error) {
    if (!hasCode(error, 'SETTLEMENT_UNBALANCED')) throw error;
    return { kind: 'contradicted', error };
  }
}

type Asked = Pick<RosContracts, 'rewards' | 'escrow'>;

/**
 * Whether a goal is reached already: the chain's state decides, not what we remember. A refused duplicate is done.
 * @throws RiosError SETTLEMENT_UNBALANCED when the epoch was published with another root, CHAIN_*
 */
async function isReached(goal: IntentGoal, contracts: Asked): Promise<boolean> {
  switch (goal.kind) {
    case 'publish':
      return isPublished(goal, contracts);
    case 'activate':
      return (await contracts.rewards.live()).epoch >= goal.epoch;
    case 'collect':
      return areCollected(goal.vouchers, contracts);
    case 'call':
      return false;
  }
}

async function isPublished(
  { epoch, root, totalWei }: IntentGoal & { readonly kind: 'publish' },
  { rewards }: Asked,
): Promise<boolean> {
  const [live, pending] = await Promise.all([rewards.live(), rewards.pending()]);
  const head = [live, pending].find((one) => one.epoch === epoch && one.root !== ZERO);
  if (head === undefined) return live.epoch > epoch;
  if (head.root.toLowerCase() === root.toLowerCase() && head.total === BigInt(totalWei)) return true;
  throw new RiosError('SETTLEMENT_UNBALANCED', `epoch ${epoch} was published with another root`, {
    details: { epoch, ours: root, chain: head.root, oursWei: totalWei, chainWei: String(head.total) },
  });
}

const ZERO = `0x${'0'.repeat(64)}`;

async function areCollected(
  vouchers: (IntentGoal & { readonly kind: 'collect' })['vouchers'],
  { escrow }: Asked,
): Promise<boolean> {
  for (const { payer, cumulativeWei } of vouchers) {
    if ((await escrow.account(payer)).spent < BigInt(cumulativeWei)) return false;
  }
  return true;
}
