import { createHash } from 'node:crypto';
import type { AnyRoute } from '@rios/sdk/api/route';
import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import { type ClaimedKey, finishKey, type IdempotencyStore } from '../store/idempotency.ts';
import { type KeepAnswer, keepNothing } from '../store/keep-answer.ts';
import { type Caller, isStreamAnswer, type StreamAnswer } from './endpoint.ts';
import { openAnswer, sealAnswer } from './sealed-answer.ts';

/** How long the same key gives the same answer. */
export const KEEP_MS = 24 * 3_600_000;

/** Longer than any call takes. The key of a call whose orchestrator died is free as soon as that is known. */
const LEASE_MS = 900_000;

/** Larger answers are not kept; the key still stands for their call. */
const MAX_KEPT_BYTES = 1024 * 1024;

/** Unguessable, since it also opens the answer that is kept under it. */
const KEY = /^[!-~]{16,128}$/;

export interface KeyedCall {
  readonly route: AnyRoute;
  readonly caller: Caller;
  /** Network address of the client. */
  readonly address: string;
  /** The header Idempotency-Key. */
  readonly key: string | undefined;
  /** Method and path with query, and the body: what must be the same for the same key. */
  readonly target: string;
  readonly body: Uint8Array;
}

export interface Outcome {
  readonly answer: unknown;
  /** True when the answer is that of an earlier call. */
  readonly replayed: boolean;
}

/** Makes a call at most once per account and key; of a public route, per address, route and key. */
export interface Idempotency {
  /**
   * Does `work`, or gives the answer kept for its key. Reads and calls without a key are just done.
   * A call that fails frees its key; a stream keeps it, but is not kept itself. Work that must never be done twice,
   * not even when this orchestrator dies before it can say so, gives its answer to `keep` in its own transaction.
   * @throws RiosError CONFLICT_IDEMPOTENCY (the key stands for another call, or its answer was not kept),
   * CONFLICT_IN_FLIGHT, USER_INVALID_REQUEST (a key of a wrong form), and what `work` throws
   */
  run(call: KeyedCall, work: (keep: KeepAnswer) => Promise<unknown>): Promise<Outcome>;
}

export interface IdempotencyModules {
  readonly store: IdempotencyStore;
  readonly clock: Clock;
  /** Peer id of this orchestrator: what it was doing when it died may be done by another. */
  readonly orchestrator: string;
}

/** Keys in the store: any orchestrator that shares it knows them. Answers are sealed by the caller's own key. */
export function createIdempotency(modules: IdempotencyModules): Idempotency {
  const { store, clock, orchestrator } = modules;
  return {
    run: async (call, work) => {
      const { route, caller, key } = call;
      if (key === undefined || route.method === 'GET') {
        return { answer: await work(keepNothing), replayed: false };
      }
      if (!KEY.test(key)) throw malformedKey();
      const now = clock.now();
      const claim: ClaimedKey = {
        id: hashOf('id', ...ownerOf(call), key),
        claimId: createId('clm', now),
      };
      const stored = await store.claim(claim, {
        accountId: caller.accountId,
        fingerprint: fingerprintOf(call, key),
        now,
        leaseUntil: now + LEASE_MS,
        expiresAt: now + KEEP_MS,
        orchestrator,
      });
      if (stored.claimId === claim.claimId)
        return { answer: await once(store, claim, call, key, work), replayed: false };
      if (stored.fingerprint !== fingerprintOf(call, key)) throw otherCall();
      if (stored.state === 'running') throw inFlight();
      if (stored.answer === null) throw notKept();
      return { answer: openAnswer(key, stored.answer), replayed: true };
    },
  };
}

async function once(
  store: IdempotencyStore,
  claim: ClaimedKey,
  { route }: KeyedCall,
  key: string,
  work: (keep: KeepAnswer) => Promise<unknown>,
): Promise<unknown> {
  const keep: KeepAnswer = async (tx, answer) => {
    if (!(await finishKey(tx, claim, sealAnswer(key, answer)))) throw inFlight();
  };
  try {
    const answer = await work(keep);
    if (isStreamAnswer(answer)) return keptWhenDone(store, claim, answer);
    const sealed = sealAnswer(key, answer);
    await store.finish(claim, route.answerKind === 'bytes' || sealed.length > MAX_KEPT_BYTES ? null : sealed);
    return answer;
  } catch (error) {
    await store.release(claim);
    throw error;
  }
}

/** A stream's call ends with its last event. */
function keptWhenDone(store: IdempotencyStore, claim: ClaimedKey, answer: StreamAnswer): StreamAnswer {
  return {
    ...answer,
    run: async (send) => {
      try {
        await answer.run(send);
      } catch (error) {
        await store.release(claim);
        throw error;
      }
      await store.finish(claim, null);
    },
  };
}

function hashOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex');
}

/** Nobody is known on public routes: there a key is good for the address and the route that it came by. */
const ownerOf = ({ route, caller, address }: KeyedCall): string[] =>
  route.scope === 'public' ? ['public', route.name, address] : [caller.accountId];

/** Bodies hold passwords, so the hash that is kept has the key in it, which is not kept: nobody can guess along. */
const fingerprintOf = ({ target, body }: KeyedCall, key: string): string => hashOf('call', key, target, body);

const malformedKey = () =>
  new RiosError('USER_INVALID_REQUEST', 'the Idempotency-Key must be 16 to 128 visible ASCII characters', {
    hint: 'Use a new UUID for each call.',
  });
const otherCall = () =>
  new RiosError('CONFLICT_IDEMPOTENCY', 'the Idempotency-Key was used for another call');
const inFlight = () =>
  new RiosError('CONFLICT_IN_FLIGHT', 'a call with this Idempotency-Key is being answered');
const notKept = () =>
  new RiosError(
    'CONFLICT_IDEMPOTENCY',
    'the call was done, but its answer was streamed or too large to keep',
    {
      hint: 'It is not done again. Use a new Idempotency-Key to make it anew.',
    },
  );
