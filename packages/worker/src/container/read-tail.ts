import type { Engine } from './engine.ts';

const LINES = 40;
const MAX_CHARS = 4_000;
const TIMEOUT_MS = 5_000;

/** The last lines that a container wrote, both streams together. Never rejects. */
export async function readTail(engine: Engine, id: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    const options = { tailLines: LINES, sinceAt: null, follow: false };
    for await (const { bytes } of engine.logs(id, options, AbortSignal.timeout(TIMEOUT_MS)))
      text = (text + decoder.decode(bytes)).slice(-MAX_CHARS);
  } catch {
    // what was read is better than nothing
  }
  return text.trimEnd();
}
