/**
 * Called at named points of work on money; all that was done before one is durable or as good as not begun. A drill
 * kills the process there, or throws; nobody does anything in a network.
 */
export type FaultPoint = (name: string) => Promise<void> | void;

export const NO_FAULTS: FaultPoint = () => {};
