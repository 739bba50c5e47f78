import { depositEscrowAbi } from '@rios/sdk/chain/contracts/deposit-escrow';
import { RiosError } from '@rios/sdk/errors/error';
import { Interface, type Log, type LogDescription } from 'ethers';
import type { EscrowEvent, EscrowEventKind } from '../store/chain-events.ts';

/** Asks for, and reads, the escrow's events that move a payer's money in or out. */
export interface EscrowEventReader {
  /** For eth_getLogs. */
  readonly topics: (string | string[])[];
  /** @throws RiosError CHAIN_BAD_ANSWER */
  read(log: Log): EscrowEvent;
}

const KINDS: Readonly<Record<string, EscrowEventKind>> = { Deposited: 'deposited', Withdrawn: 'withdrawn' };

export function createEscrowEventReader(): EscrowEventReader {
  const escrow = new Interface(depositEscrowAbi);
  const topicOf = (name: string) => escrow.getEvent(name)?.topicHash ?? '';
  return {
    topics: [Object.keys(KINDS).map(topicOf)],
    read: (log) => {
      const event = parse(escrow, log);
      const { blockNumber, blockHash, transactionHash, index } = log;
      const kind = KINDS[event?.name ?? ''];
      if (event === null || kind === undefined) throw strange(log);
      return {
        kind,
        payer: String(event.args.getValue('payer')),
        amountWei: BigInt(String(event.args.getValue('amount'))),
        blockNumber,
        blockHash,
        transactionHash,
        logIndex: index,
      };
    },
  };
}

function parse(escrow: Interface, log: Log): LogDescription | null {
  try {
    const event = escrow.parseLog(log);
    event?.args.toArray(true);
    return event;
  } catch (cause) {
    throw strange(log, cause);
  }
}

const strange = ({ transactionHash }: Log, cause?: unknown) =>
  new RiosError('CHAIN_BAD_ANSWER', 'the RPC gave an event that the escrow cannot have', {
    details: { transaction: transactionHash },
    cause,
  });
