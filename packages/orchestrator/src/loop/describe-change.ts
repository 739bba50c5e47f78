import type { Placement } from '@rios/sdk/schema/route';
import { partsByWorker } from '../dmoe/reserved.ts';
import type { DesiredModel, ModelOutcome, ObservedWorker, PlannedEvent } from './observed.ts';

/** What happened to a model, in words: `model.placing`, `.placed`, `.replaced`, `.failed`, `.unloaded`. */
export function describeChange(
  model: DesiredModel,
  outcome: ModelOutcome | undefined,
  workers: readonly ObservedWorker[],
): PlannedEvent[] {
  if (outcome === undefined || !outcome.changed) return [];
  const subject = model.summary.name;
  const events: PlannedEvent[] = [];
  const names = new Map(workers.map(({ peerId, offer }) => [peerId, offer.name]));
  const { placement } = outcome;
  if (placement !== null && placement !== model.placement) {
    const replaced = model.placement !== null;
    const message = replaced
      ? describeMove(model, model.placement, placement, workers, names)
      : `${placement.shape} on ${namesOf(model, placement, names)}: ${placement.reason ?? ''}`;
    events.push({ kind: replaced ? 'model.replaced' : 'model.placing', subject, message });
  }
  if (outcome.state === 'ready' && model.state !== 'ready' && placement !== null) {
    const message = `ready as ${placement.shape} on ${namesOf(model, placement, names)}`;
    events.push({ kind: 'model.placed', subject, message });
  }
  if (outcome.state === 'failed' && (model.state !== 'failed' || model.reason !== outcome.reason)) {
    events.push({ kind: 'model.failed', subject, message: outcome.reason });
  }
  if (outcome.state === 'stored' && model.placement !== null) {
    events.push({ kind: 'model.unloaded', subject, message: 'taken off all workers' });
  }
  return events;
}

function namesOf(model: DesiredModel, placement: Placement, names: ReadonlyMap<string, string>): string {
  return [...partsByWorker(model.summary, placement).keys()].map((id) => names.get(id) ?? id).join(', ');
}

/** Which parts went from whom to whom, and why the one who had them has them no more. */
function describeMove(
  { summary }: DesiredModel,
  before: Placement | null,
  after: Placement,
  workers: readonly ObservedWorker[],
  names: ReadonlyMap<string, string>,
): string {
  const old = before === null ? new Map<string, string[]>() : partsByWorker(summary, before);
  const next = partsByWorker(summary, after);
  const gained = [...next]
    .map(([id, parts]) => ({ id, count: parts.filter((part) => !old.get(id)?.includes(part)).length }))
    .filter(({ count }) => count > 0);
  const causes = [...old.keys()]
    .filter((id) => !next.has(id))
    .map((id) => {
      const worker = workers.find(({ peerId }) => peerId === id);
      if (worker === undefined) return `${id} (removed)`;
      const why = worker.state === 'listed' ? 'no longer chosen' : `${worker.state}: ${worker.reason}`;
      return `${worker.offer.name} (${why})`;
    });
  const moved = gained.reduce((sum, { count }) => sum + count, 0);
  const to = gained.map(({ id, count }) => `${count} to ${names.get(id) ?? id}`).join(', ');
  const off = causes.length > 0 ? ` off ${causes.join(', ')}` : '';
  return `${moved} parts moved${off}${to === '' ? '' : `: ${to}`}`;
}
