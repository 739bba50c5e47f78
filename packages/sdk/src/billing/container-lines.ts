import { verifyContainerReceipt } from '../crypto/container-receipt.ts';
import { hasCode } from '../errors/error.ts';
import type { BillLine } from '../schema/billing.ts';
import type { ContainerReceipt } from '../schema/container.ts';
import type { Signed } from '../schema/trust.ts';
import { unfairness } from '../settlement/fair-charge.ts';
import { containerUsage } from './container-usage.ts';
import { PRICED_QUANTITY } from './price-table.ts';

/** Kinds of lines of bills that pay for a container's time, one for each of what it has. */
export const CONTAINER_KINDS = ['cores', 'memory', 'gpus'] as const;
export type ContainerKind = (typeof CONTAINER_KINDS)[number];

export const isContainerKind = (kind: string): kind is ContainerKind =>
  CONTAINER_KINDS.some((one) => one === kind);

/** What a container has: the same under one ticket. */
export type ContainerSize = Pick<ContainerReceipt, 'cpuMillicores' | 'memoryBytes' | 'gpus'>;

/**
 * What of each resource was used from one time to a later one, ms that it had run in all: whole seconds, of which one
 * that has begun counts once. So that lines of one ticket together never count more than all of its time. Pure.
 */
export function quantitiesOf(
  { cpuMillicores: millicores, memoryBytes, gpus }: ContainerSize,
  fromMs: number,
  toMs: number,
): { readonly kind: ContainerKind; readonly quantity: number }[] {
  const seconds = Math.ceil(toMs / 1000) - Math.ceil(fromMs / 1000);
  const ofOne = containerUsage({ millicores, memoryBytes, gpus, ranMs: 1000 });
  return ofOne.flatMap(({ resource, quantity }) =>
    isContainerKind(resource) ? [{ kind: resource, quantity: quantity * seconds }] : [],
  );
}

/** The id of a bill for a container's time: the n-th of its replica's ticket. */
export const containerBillId = (replicaId: string, line: number): string =>
  `${billPrefix(replicaId)}${line.toString(36).padStart(8, '0')}`;

const billPrefix = (replicaId: string): string => `run_${replicaId.slice(replicaId.indexOf('_') + 1)}`;

/**
 * Why a line for a container's time cannot be right by what its worker signed; undefined when it can. It is for no more
 * than the receipt's time comes to, at the price that it names. Asks nobody: whoever sends the line may be a liar.
 */
export function faultOfContainerLine(
  line: BillLine & { readonly kind: ContainerKind },
  signed: Signed | undefined,
): string | undefined {
  if (signed === undefined) return 'there is no receipt for it';
  const receipt = open(signed, line.worker);
  if (receipt === undefined) return 'its worker has not signed the receipt';
  if (receipt.ticketNonce !== line.receiptNonce) return 'the receipt is for another ticket';
  if (!line.requestId.startsWith(billPrefix(receipt.replicaId)))
    return 'the receipt is for another container';
  const units = quantitiesOf(receipt, 0, receipt.ranMs).find(({ kind }) => kind === line.kind)?.quantity ?? 0;
  return unfairness(
    {
      units: line.units,
      priceWei: BigInt(line.priceWei),
      amountWei: BigInt(line.amountWei),
      workerWei: BigInt(line.workerWei),
      platformWei: BigInt(line.platformWei),
    },
    { units, price: receipt.prices[line.kind] },
    line.feeBps,
    BigInt(PRICED_QUANTITY[line.kind]),
  );
}

function open(signed: Signed, worker: string): ContainerReceipt | undefined {
  try {
    return verifyContainerReceipt(signed, worker);
  } catch (error) {
    if (hasCode(error, 'INTEGRITY_SIGNATURE') || hasCode(error, 'USER_INVALID_REQUEST')) return undefined;
    throw error;
  }
}
