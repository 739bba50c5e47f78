import type { Log, LogDescription } from 'ethers';
import { RiosError } from '../errors/error.ts';
import type { ContractAddresses } from './deployment.ts';
import { rosInterface } from './interfaces.ts';
import { wholeResult } from './whole-result.ts';

/** What happened to an account's money, in its deposit, its wallet and its workers' stake. */
export type HistoryKind =
  | 'received'
  | 'sent'
  | 'deposited'
  | 'collected'
  | 'exit-started'
  | 'exit-cancelled'
  | 'withdrawn'
  | 'session-authorised'
  | 'session-revoked'
  | 'worker-registered'
  | 'worker-deregistered'
  | 'staked'
  | 'unbonding-started'
  | 'unbonded'
  | 'slashed'
  | 'claimed';

export interface HistoryEntry {
  readonly kind: HistoryKind;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly logIndex: number;
  /** Milliseconds since 1970: of its block. */
  readonly at: number;
  /** Wei of ROS, where it is about an amount. */
  readonly amountWei?: bigint;
  /** The other side of a transfer; who paid in; a session's key; where a worker's earnings go. */
  readonly counterparty?: string;
  /** 0x and 64 hex digits. */
  readonly workerId?: string;
}

type Facts = Pick<HistoryEntry, 'kind' | 'amountWei' | 'counterparty' | 'workerId'>;
type Reader = (argument: (name: string) => string) => Facts;

const ESCROW: Readonly<Record<string, Reader>> = {
  Deposited: (of) => ({ kind: 'deposited', amountWei: BigInt(of('amount')), counterparty: of('from') }),
  Collected: (of) => ({ kind: 'collected', amountWei: BigInt(of('amount')) }),
  ExitStarted: (of) => ({ kind: 'exit-started', amountWei: BigInt(of('amount')) }),
  ExitCancelled: () => ({ kind: 'exit-cancelled' }),
  Withdrawn: (of) => ({ kind: 'withdrawn', amountWei: BigInt(of('amount')) }),
  SessionAuthorised: (of) => ({
    kind: 'session-authorised',
    amountWei: BigInt(of('limit')),
    counterparty: of('key'),
  }),
  SessionRevoked: (of) => ({ kind: 'session-revoked', counterparty: of('key') }),
};

const amountOf = (of: (name: string) => string) => ({
  amountWei: BigInt(of('amount')),
  workerId: of('workerId'),
});

const REGISTRY: Readonly<Record<string, Reader>> = {
  Registered: (of) => ({ kind: 'worker-registered', workerId: of('workerId'), counterparty: of('payout') }),
  Deregistered: (of) => ({ kind: 'worker-deregistered', workerId: of('workerId') }),
  Staked: (of) => ({ kind: 'staked', ...amountOf(of) }),
  UnbondingStarted: (of) => ({ kind: 'unbonding-started', ...amountOf(of) }),
  Withdrawn: (of) => ({ kind: 'unbonded', ...amountOf(of) }),
  Slashed: (of) => ({ kind: 'slashed', ...amountOf(of) }),
};

/** One event as an entry without its time; undefined when it is none of ours. */
export function entryOf(
  log: Log,
  addresses: ContractAddresses,
  owner: string,
): Omit<HistoryEntry, 'at'> | undefined {
  const facts = factsOf(log, addresses, owner);
  if (facts === undefined) return undefined;
  const { blockNumber, blockHash, transactionHash, index } = log;
  return { ...facts, blockNumber, blockHash, transactionHash, logIndex: index };
}

function factsOf(log: Log, addresses: ContractAddresses, owner: string): Facts | undefined {
  const name = (['token', 'escrow', 'registry'] as const).find((one) => addresses[one] === log.address);
  const event = name === undefined ? null : parseEvent(log, name);
  if (event === null) return undefined;
  if (name === 'token') return transferOf(event, addresses, owner);
  const readers = name === 'escrow' ? ESCROW : REGISTRY;
  return readers[event.name]?.((argument) => String(event.args.getValue(argument)));
}

function parseEvent(log: Log, name: keyof ContractAddresses): LogDescription | null {
  try {
    const event = rosInterface(name).parseLog(log);
    if (event !== null) wholeResult(event.args);
    return event;
  } catch (cause) {
    const details = { contract: name, transaction: log.transactionHash };
    throw new RiosError('CHAIN_BAD_ANSWER', `the RPC gave an event that ${name} cannot have`, {
      details,
      cause,
    });
  }
}

function transferOf({ args }: LogDescription, { rewards }: ContractAddresses, owner: string): Facts {
  const [from, to] = [String(args.getValue('from')), String(args.getValue('to'))];
  const amountWei = BigInt(String(args.getValue('value')));
  if (from === rewards) return { kind: 'claimed', amountWei };
  return from === owner
    ? { kind: 'sent', amountWei, counterparty: to }
    : { kind: 'received', amountWei, counterparty: from };
}

const TOLD: readonly HistoryKind[] = ['deposited', 'withdrawn', 'staked', 'unbonded'];

/** Leaves out transfers that escrow or registry tell better by an event of their own in the same transaction. */
export function withoutRetold<Entry extends Omit<HistoryEntry, 'at'>>(
  entries: readonly Entry[],
  { escrow, registry }: ContractAddresses,
): Entry[] {
  const told = new Set(entries.filter(({ kind }) => TOLD.includes(kind)).map(nameOf));
  const isRetold = (entry: Entry) =>
    (entry.kind === 'sent' || entry.kind === 'received') &&
    (entry.counterparty === escrow || entry.counterparty === registry) &&
    told.has(nameOf(entry));
  return entries.filter((entry) => !isRetold(entry));
}

const nameOf = ({ transactionHash, amountWei }: Omit<HistoryEntry, 'at'>) =>
  `${transactionHash} ${amountWei}`;
