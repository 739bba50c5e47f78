/** Runs `work` while no other process does; waits for one that lives, takes over from one that died. */
export function withLock<T>(file: string, work: () => Promise<T>): Promise<T>;
