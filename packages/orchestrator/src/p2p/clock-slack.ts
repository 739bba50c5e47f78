/**
 * What an orchestrator signs about itself begins so long ago, milliseconds: the clocks of machines may differ, and
 * which orchestrator lives is the store's to say.
 */
export const CLOCK_SLACK_MS = 600_000;
