import { z } from 'zod';

/**
 * JSON-RPC method of a dev chain: [address, amount in wei of ROS as hex]. Sends that much ROS, and tops the account up
 * to one coin for gas, so that no key leaves the chain's process. Answers with `faucetAnswerSchema`.
 */
export const FAUCET_METHOD = 'rios_faucet';

/** At most so much at once, wei of ROS: 10,000 ROS. */
export const MAX_FAUCET_WEI = 10_000n * 10n ** 18n;

const hashSchema = z.string().regex(/^0x[0-9a-f]{64}$/);

export const faucetAnswerSchema = z.strictObject({
  /** The transaction that sent the ROS; it is in a block. */
  hash: hashSchema,
  /** The one that sent coin, before it; null where there was enough. */
  coinHash: hashSchema.nullable(),
});
export type FaucetAnswer = z.infer<typeof faucetAnswerSchema>;
