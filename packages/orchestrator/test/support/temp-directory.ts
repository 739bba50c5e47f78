import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new directory of its own, and how to remove it. */
export async function createTempDirectory(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'rios-orchestrator-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
