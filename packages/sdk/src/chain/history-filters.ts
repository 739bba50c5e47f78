import { type EventFragment, zeroPadValue } from 'ethers';
import { RiosError } from '../errors/error.ts';
import type { ContractAddresses } from './deployment.ts';
import { rosInterface } from './interfaces.ts';

/** Which events to ask for (eth_getLogs): one address, and topics by their places. */
export interface HistoryFilter {
  readonly address: string;
  readonly topics: readonly (string | string[] | null)[];
}

const PAYER_EVENTS = [
  'Deposited',
  'Collected',
  'ExitStarted',
  'ExitCancelled',
  'Withdrawn',
  'SessionAuthorised',
  'SessionRevoked',
];
const WORKER_EVENTS = ['Deregistered', 'Staked', 'UnbondingStarted', 'Withdrawn'];

/** Events that name the account. */
export function historyFilters(
  { token, escrow, registry }: ContractAddresses,
  owner: string,
): HistoryFilter[] {
  const account = zeroPadValue(owner, 32);
  const transfer = topicOf('token', 'Transfer');
  return [
    { address: token, topics: [transfer, account] },
    { address: token, topics: [transfer, null, account] },
    { address: escrow, topics: [PAYER_EVENTS.map((name) => topicOf('escrow', name)), account] },
    { address: registry, topics: [topicOf('registry', 'Registered'), null, account] },
  ];
}

/** Events that name one of the account's workers; a slash names the worker in its third topic. */
export function workerFilters(
  { registry }: ContractAddresses,
  workerIds: readonly string[],
): HistoryFilter[] {
  if (workerIds.length === 0) return [];
  const ids = [...workerIds];
  return [
    { address: registry, topics: [WORKER_EVENTS.map((name) => topicOf('registry', name)), ids] },
    { address: registry, topics: [topicOf('registry', 'Slashed'), null, ids] },
  ];
}

function topicOf(contract: keyof ContractAddresses, name: string): string {
  const event: EventFragment | null = rosInterface(contract).getEvent(name);
  if (event !== null) return event.topicHash;
  throw new RiosError('BUG_UNEXPECTED', `the contract ${contract} has no event ${name}`);
}
