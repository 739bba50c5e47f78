import { systemClock } from '@rios/sdk/clock';
import { createVouchers, type Vouchers } from '../billing/vouchers.ts';
import type { ChainSource } from '../chain/chain-source.ts';
import type { Config } from '../config.ts';
import type { FaultPoint } from '../fault-point.ts';
import type { Epochs } from '../settlement/epochs-port.ts';
import { createFollowedContracts } from '../settlement/followed-contracts.ts';
import { createSettlement, type Settlement } from '../settlement/settlement-loop.ts';
import type { Core } from './core.ts';

const clock = systemClock;
/** Deadline of one call of the RPC. */
const TIMEOUT_MS = 10_000;
const RECONCILE_MS = 600_000;

/** What carries money between chain and ledger, with one connection to the chain. */
export function openSettlement(
  config: Pick<Config, 'chain' | 'settlement'>,
  core: Core & { readonly chain: ChainSource; readonly point: FaultPoint; readonly epochs: Epochs },
): { readonly settlement: Settlement; readonly vouchers: Vouchers } {
  const { networkId } = core.networkKey;
  const contracts = createFollowedContracts(core.chain, { clock, timeoutMs: TIMEOUT_MS });
  const settlement = createSettlement(
    {
      ...config.settlement,
      holder: core.identity.peerId,
      chainFile: config.chain.file,
      reconcileMs: RECONCILE_MS,
    },
    { ...core, clock, contracts },
  );
  const vouchers = createVouchers({
    ...core,
    networkId,
    clock,
    contracts,
    onKept: () => settlement.wake(),
  });
  return { settlement, vouchers };
}
