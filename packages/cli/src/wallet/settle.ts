import type { TransactionCall } from '@rios/sdk/chain/transaction';
import type { Account } from './open.ts';
import { isAllRefused, lastOf, type Sent, type SentStore } from './sent-store.ts';
import { isRefusal } from './sign-and-send.ts';

/** What is known about a transaction that an earlier run sent, or was about to send. */
export type Standing = 'waits' | 'refused' | 'in a block' | 'displaced';

/**
 * Looks after what earlier runs left: what no longer waits is told on stderr and forgotten, what the chain does not
 * know is sent again, byte for byte. Returns the one that is equal to `call`; it is neither told nor forgotten.
 */
export async function settleEarlier(
  account: Account,
  store: SentStore,
  call: TransactionCall | undefined,
  { quiet }: { readonly quiet: boolean },
): Promise<Sent | undefined> {
  let equal: Sent | undefined;
  for (const sent of await store.list()) {
    const standing = await standingOf(account, sent);
    if (standing === 'waits') await sendAgain(account, sent);
    if (standing === 'refused') continue;
    const isGone = standing === 'displaced' && isAllRefused(sent);
    if (!isGone && equal === undefined && isEqual(sent, standing, call)) equal = sent;
    else if (standing !== 'waits') await store.remove(sent);
    if (!quiet && !isGone) process.stderr.write(`${describe(sent, standing)}\n`);
  }
  return equal;
}

/** What was refused counts only where it came through after all. */
function isEqual(sent: Sent, standing: Standing, call: TransactionCall | undefined): boolean {
  const counted = sent.attempts.filter(({ isRefused }) => !isRefused || standing === 'in a block');
  return counted.some(({ what, to }) => what === call?.what && to === call.to);
}

/** The count is read first: what comes through between the two calls is then seen as such. */
export async function standingOf(
  { chain, address }: Pick<Account, 'chain' | 'address'>,
  sent: Sent,
): Promise<Standing> {
  const count = await chain.provider.getTransactionCount(address, 'latest');
  for (const { hash } of sent.attempts) {
    if ((await chain.provider.getTransactionReceipt(hash)) !== null) return 'in a block';
  }
  if (count > sent.nonce) return 'displaced';
  return isAllRefused(sent) ? 'refused' : 'waits';
}

/** Whether it is taken or not, it stays kept, and a wait or a bump says how it goes on. */
async function sendAgain({ chain }: Account, sent: Sent): Promise<void> {
  const { broadcastTransaction } = await import('@rios/sdk/chain/transaction');
  try {
    await broadcastTransaction(chain, lastOf(sent).raw);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

const TOLD = {
  waits: 'waits still; rios wallet bump raises its fee',
  'in a block': 'came through',
  displaced: 'did not come through: another program used its place',
} as const;

const describe = (sent: Sent, standing: keyof typeof TOLD) =>
  `earlier: ${lastOf(sent).what} (${lastOf(sent).hash}) ${TOLD[standing]}`;
