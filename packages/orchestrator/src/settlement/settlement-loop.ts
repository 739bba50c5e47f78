import type { Clock } from '@rios/sdk/clock';
import { type RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { SettlementView } from '@rios/sdk/schema/funds';
import type { FaultPoint } from '../fault-point.ts';
import { createAlarm } from '../queue/alarm.ts';
import type { Store } from '../store/store.ts';
import type { Epochs } from './epochs-port.ts';
import type { FollowedContracts } from './followed-contracts.ts';
import type { SettlementSession } from './settlement-session.ts';
import { readSettlement } from './settlement-view.ts';

export interface SettlementOptions {
  /** Who settles, among all orchestrators of the store. */
  readonly holder: string;
  /** Of the account that publishes: a private key or a keystore, mode 0600; undefined = that of the dev chain, if it is one. */
  readonly keyFile: string | undefined;
  /** With the password of a keystore. */
  readonly passwordFile: string | undefined;
  /** Path of the chain file: the words of a dev chain lie beside it. */
  readonly chainFile: string | undefined;
  /** Most that the publisher's transactions of one day (UTC) may cost, wei of the chain's own coin. */
  readonly gasBudgetWei: bigint;
  /** Most that a unit of gas may cost, wei of the chain's own coin. */
  readonly maxFeePerGas: bigint;
  /** A voucher waits for others so long at most. */
  readonly collectAfterMs: number;
  /** Ledger and chain are compared this often. */
  readonly reconcileMs: number;
}

export interface SettlementModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly contracts: FollowedContracts;
  readonly epochs: Pick<Epochs, 'step'>;
  readonly point: FaultPoint;
}

/** Carries deposits from the chain to the ledger, and vouchers and epochs to the chain. */
export interface Settlement {
  start(): void;
  /** Waits for the step under way. Idempotent. */
  stop(): Promise<void>;
  status(): Promise<SettlementView>;
  /** Takes the next step now. */
  wake(): void;
}

/** A dev chain makes a block for each transaction; others one in some seconds. */
const DEV_TICK_MS = 500;
const TICK_MS = 5_000;

interface LoopState {
  readonly options: SettlementOptions;
  readonly modules: SettlementModules;
  session: SettlementSession | undefined;
  problem: RiosError | undefined;
}

/** Nothing of a chain is loaded before there is one. */
export function createSettlement(options: SettlementOptions, modules: SettlementModules): Settlement {
  const state: LoopState = { options, modules, session: undefined, problem: undefined };
  const alarm = createAlarm(modules.clock);
  let running: Promise<void> | undefined;
  let stopped = false;
  const run = async () => {
    while (!stopped) {
      await step(state);
      const isDev = state.session?.followed.file.isDevChain ?? true;
      if (!stopped) await alarm.wait(isDev ? DEV_TICK_MS : TICK_MS);
    }
  };
  return {
    start: () => {
      running ??= run();
    },
    stop: async () => {
      stopped = true;
      alarm.ring();
      await running;
      modules.contracts.close();
    },
    status: () => readSettlement(modules, options, state),
    wake: () => alarm.ring(),
  };
}

/** What cannot be done now is told once, and tried again the next time. */
async function step(state: LoopState): Promise<void> {
  const { log } = state.modules;
  try {
    await stepOnce(state);
    if (state.problem !== undefined) log.info('settlement goes on');
    state.problem = undefined;
  } catch (error) {
    const known = toRiosError(error);
    if (state.problem?.code !== known.code) {
      log.warn('settlement cannot go on now', { code: known.code, error: known.message, ...known.details });
    }
    state.problem = known;
  }
}

async function stepOnce(state: LoopState): Promise<void> {
  const { options, modules } = state;
  const followed = await modules.contracts.find();
  if (followed === undefined) {
    state.session = undefined;
    return;
  }
  if (state.session?.followed !== followed || (await state.session.isOutdated())) {
    const { openSettlementSession } = await import('./settlement-session.ts');
    state.session = await openSettlementSession(options, { ...modules, followed });
  }
  await state.session.step();
}
