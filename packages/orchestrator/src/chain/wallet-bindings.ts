import type { Clock } from '@rios/sdk/clock';
import { hasCode, RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { BindingRevocation } from '@rios/sdk/schema/binding';
import type { Signed } from '@rios/sdk/schema/trust';
import { type Background, createBackground } from '../p2p/background.ts';
import { addEvent } from '../store/events.ts';
import { getMember } from '../store/members.ts';
import type { Store } from '../store/store.ts';
import { type NotedBinding, noteBinding, revokeBinding } from '../store/wallet-bindings.ts';
import type { ChainAccess, CheckedBinding } from './chain-access.ts';

/** A binding waits for the chain so often, and so long between. */
const MAX_TRIES = 60;
const RETRY_MS = 1_000;

/** Which wallets workers are bound to: statements that both keys signed, checked and kept. */
export interface WalletBindings {
  /** What a worker said in its hello. It is listed all the same: a refusal is told in log and events. */
  greet(peerId: string, statement: Signed | null): void;
  /** @throws RiosError AUTH_BINDING, INTEGRITY_SIGNATURE, NOT_FOUND_WORKER, CHAIN_ABSENT */
  bind(peerId: string, statement: Signed): Promise<CheckedBinding>;
  /** Either side takes its word back. @throws as bind */
  revoke(peerId: string, revocation: BindingRevocation): Promise<void>;
  /** Waits for what is under way. Idempotent. */
  stop(): Promise<void>;
}

export interface WalletBindingModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Undefined = the network has no chain. */
  readonly access: ChainAccess | undefined;
  readonly onChange: () => void;
}

interface BindingState {
  readonly modules: WalletBindingModules;
  readonly background: Background;
  /** Why the newest statement of a worker was refused. */
  readonly refused: Map<string, string>;
}

export function createWalletBindings(modules: WalletBindingModules): WalletBindings {
  const state = { modules, background: createBackground(modules), refused: new Map<string, string>() };
  const { background } = state;
  return {
    greet: (peerId, statement) => {
      if (statement === null || modules.access === undefined) return;
      background.cancel(peerId);
      background.run(() => greet(state, peerId, statement, MAX_TRIES));
    },
    bind: (peerId, statement) => bind(state, peerId, statement),
    revoke: (peerId, revocation) => revoke(modules, peerId, revocation),
    stop: () => background.stop(),
  };
}

/** The chain may come after the worker: both start with the network. */
async function greet(
  state: BindingState,
  peerId: string,
  statement: Signed,
  triesLeft: number,
): Promise<void> {
  try {
    await bind(state, peerId, statement);
  } catch (error) {
    if (!hasCode(error, 'CHAIN_ABSENT') || triesLeft <= 1) return refuse(state, peerId, error);
    state.background.later(peerId, RETRY_MS, () => greet(state, peerId, statement, triesLeft - 1));
  }
}

async function bind(
  { modules, refused }: BindingState,
  peerId: string,
  statement: Signed,
): Promise<CheckedBinding> {
  const binding = await accessOf(modules).checkBinding(statement, { peerId, now: modules.clock.now() });
  if (await note(modules, peerId, { ...binding, statement })) modules.onChange();
  refused.delete(peerId);
  return binding;
}

async function refuse(
  { modules: { store, clock, log }, refused }: BindingState,
  peerId: string,
  error: unknown,
): Promise<void> {
  const { code, message } = toRiosError(error);
  // the same again with each hello is told once
  if (refused.get(peerId) === message) return;
  refused.set(peerId, message);
  log.warn('binding.refused', { peerId, code, error: message });
  const kind = 'binding.refused';
  await addEvent(store, { at: clock.now(), kind, subject: peerId, message: `${code}: ${message}` });
}

function accessOf({ access }: WalletBindingModules): ChainAccess {
  if (access !== undefined) return access;
  throw new RiosError(
    'CHAIN_ABSENT',
    'this network settles on no chain: there is nothing to bind a wallet to',
  );
}

/** True when it is news. @throws RiosError AUTH_BINDING, NOT_FOUND_WORKER */
async function note(
  { store, clock, log }: WalletBindingModules,
  peerId: string,
  binding: CheckedBinding & { readonly statement: Signed },
): Promise<boolean> {
  const at = clock.now();
  const message = `bound to ${binding.address} (${binding.sequence}) until ${new Date(binding.expiresAt).toISOString()}`;
  const noted = await store.transaction().execute(async (tx) => {
    await checkMember(tx, peerId);
    const done = await noteBinding(tx, { ...binding, peerId, notedAt: at });
    if (done === 'new') await addEvent(tx, { at, kind: 'worker.bound', subject: peerId, message });
    return done;
  });
  if (noted === 'new')
    log.info('worker.bound', { peerId, address: binding.address, sequence: binding.sequence });
  if (noted === 'new' || noted === 'same') return noted === 'new';
  throw new RiosError('AUTH_BINDING', WHY_NOT[noted], {
    details: { reason: noted === 'revoked' ? 'revoked' : 'sequence', sequence: binding.sequence },
  });
}

const WHY_NOT: Readonly<Record<Exclude<NotedBinding, 'new' | 'same'>, string>> = {
  older: 'a newer binding of this worker is known',
  other: 'another binding of this worker has the same sequence',
  revoked: 'this binding was revoked',
};

async function revoke(
  modules: WalletBindingModules,
  peerId: string,
  revocation: BindingRevocation,
): Promise<void> {
  const { store, clock, log } = modules;
  const taken = await accessOf(modules).checkRevocation(revocation);
  if (taken.peerId !== peerId) {
    throw new RiosError('AUTH_BINDING', 'the revocation is of another worker', {
      details: { reason: 'peer' },
    });
  }
  const at = clock.now();
  const message = `no longer bound to ${taken.address}: the ${revocation.by} took it back`;
  await store.transaction().execute(async (tx) => {
    await checkMember(tx, peerId);
    const done = await revokeBinding(tx, taken);
    if (done === 'unknown') {
      throw new RiosError('AUTH_BINDING', `no binding to ${taken.address} is known`, {
        details: { reason: 'unknown' },
      });
    }
    if (done === 'revoked') await addEvent(tx, { at, kind: 'worker.unbound', subject: peerId, message });
  });
  log.info('worker.unbound', { peerId, address: taken.address, by: revocation.by });
  modules.onChange();
}

async function checkMember(tx: Store, peerId: string): Promise<void> {
  const member = await getMember(tx, peerId);
  if (member !== undefined && member.expelled_at === null) return;
  throw new RiosError('NOT_FOUND_WORKER', `there is no worker ${peerId}`);
}
