import { hasCode, RiosError } from '@rios/sdk/errors/error';
import { changeEpoch, idOf, type StoredEpoch } from '../store/epochs.ts';
import { addEvent } from '../store/events.ts';
import { type BuiltEpoch, differencesOf } from './built-epoch.ts';
import { hashFile } from './epoch-files.ts';
import type { EpochSettler } from './epoch-settler.ts';
import type { EpochStep, EpochTarget } from './epochs-port.ts';
import { readFileLeaves } from './read-leaves.ts';
import { writeEpoch } from './write-epoch.ts';

/** Longest time that two processes may take. */
const DEADLINE_MS = 600_000;

/**
 * Has a closed epoch computed by two processes, each by itself, and enters it if both say the same. Whatever contradicts
 * itself stops the epoch, and nothing is published.
 * @throws RiosError SERVICE_UNAVAILABLE when a process died: the next step does it again; SETTLEMENT_UNBALANCED
 */
export async function buildClosed(
  settler: EpochSettler,
  epoch: StoredEpoch,
  target: EpochTarget,
): Promise<EpochStep> {
  const { store, clock, point, files } = settler;
  try {
    const { draft, built } = await computeTwice(settler, epoch);
    await point('epoch.built');
    const leaves = await readFileLeaves(draft);
    await files.keep(draft, built.sha256);
    await point('epoch.writing');
    const writing = { epoch, built, leaves, target, now: clock.now() };
    const isNew = await store.transaction().execute((tx) => writeEpoch(tx, writing));
    await point('epoch.written');
    return isNew ? { kind: 'built', epoch: epoch.epoch } : { kind: 'idle' };
  } catch (error) {
    if (!contradicts(error)) throw error;
    return stop(settler, epoch, error);
  }
}

/** @throws RiosError SETTLEMENT_EPOCH when they differ */
export async function computeTwice(
  { options, files, runBuild, aborted }: EpochSettler,
  epoch: StoredEpoch,
): Promise<{ readonly draft: string; readonly built: BuiltEpoch }> {
  const draft = await files.newDraft();
  const { networkId, dataDir, engines } = options;
  const wish = { id: idOf(epoch), networkId, dataDir, databaseUrl: engines.database };
  const either = new AbortController();
  const signal = AbortSignal.any([aborted, either.signal, AbortSignal.timeout(DEADLINE_MS)]);
  const end = (error: unknown) => {
    either.abort();
    throw error;
  };
  const both = await Promise.allSettled([
    runBuild({ ...wish, verify: 'even', out: draft }, signal).catch(end),
    runBuild({ ...wish, verify: 'odd', out: undefined }, signal).catch(end),
  ]);
  const [one, other] = resultsOf(both);
  const differ = differencesOf(one, other);
  if (differ.length > 0) throw refused(`two processes that built it differ: ${differ.join(', ')}`);
  if ((await hashFile(draft)) !== one.sha256) throw refused('its file is not what was written');
  return { draft, built: one };
}

/** The first reason counts: the other process was killed for it. */
function resultsOf(
  both: readonly [PromiseSettledResult<BuiltEpoch>, PromiseSettledResult<BuiltEpoch>],
): [BuiltEpoch, BuiltEpoch] {
  const reasons = both.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  const reason = reasons.find(contradicts) ?? reasons[0];
  if (reason !== undefined) throw reason;
  const [one, other] = both;
  if (one.status === 'fulfilled' && other.status === 'fulfilled') return [one.value, other.value];
  throw new RiosError('BUG_UNEXPECTED', 'a process that builds an epoch gave nothing');
}

/** Ledger, bills and receipts do not fit together: to try again would change nothing. All else is tried again. */
const CONTRADICTIONS: ReadonlySet<string> = new Set([
  'SETTLEMENT_EPOCH',
  'INTEGRITY_SIGNATURE',
  'INTEGRITY_RECEIPTS',
  'QUOTA_BALANCE',
  'CONFLICT_LEDGER_KEY',
  'CONFLICT_INTENT',
]);

const contradicts = (error: unknown): error is RiosError => hasCode(error) && CONTRADICTIONS.has(error.code);

async function stop(
  { store, clock, log }: EpochSettler,
  epoch: StoredEpoch,
  { code, message, details }: RiosError,
): Promise<EpochStep> {
  const error = `${code}: ${message}`;
  await store.transaction().execute(async (tx) => {
    if (!(await changeEpoch(tx, epoch, { state: 'stopped', error }))) return;
    const text = `epoch ${epoch.epoch} is stopped, and nothing is published: ${message}`;
    const subject = String(epoch.epoch);
    await addEvent(tx, { at: clock.now(), kind: 'epoch.stopped', subject, message: text });
  });
  log.error('an epoch cannot be built: nothing is published', { epoch: epoch.epoch, error, ...details });
  return { kind: 'stopped', epoch: epoch.epoch };
}

const refused = (message: string) => new RiosError('SETTLEMENT_EPOCH', message);
