/**
 * Points of work on money at which a drill may end an orchestrator, and how often each is chosen, in shares. Two are not
 * among them: `trial.given` (for accounts older than billing) and `deposit.reversed` (a dev chain takes no block back).
 */
export const FAULT_POINTS: Readonly<Record<string, number>> = {
  'billing.reserving': 3,
  'billing.reserved': 3,
  'billing.streamed': 3,
  'billing.capturing': 4,
  'billing.captured': 4,
  'billing.released': 2,
  'deposit.counted': 2,
  'voucher.kept': 1,
  'voucher.collecting': 2,
  'epoch.closed': 2,
  'epoch.built': 2,
  'epoch.writing': 2,
  'epoch.written': 2,
  'send.signed': 1,
  'send.kept': 1,
  'send.sent': 1,
  'send.settled': 1,
  'send.noted': 1,
};

/** The environment variable that tells an orchestrator of the drill when to die: a Doom as JSON. */
export const DOOM = 'RIOS_DRILL_DOOM';

/** When an orchestrator ends itself. */
export interface Doom {
  /** At this point of work, */
  readonly point: string;
  /** when it comes there for the time after so many, */
  readonly passes: number;
  /** and at whichever point it comes to so long after it was paid for a request. */
  readonly anyAfterMs: number;
}
