// The load of the soak, run inside a network of `rios dev`; see gateway.ts.
//   node scripts/soak/load.ts '{"seconds":20,…}' <result file>
import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { call, callWhole, events, type Target } from './open-stream.ts';
import type { LoadResult } from './verdict.ts';

export interface LoadOptions {
  readonly seconds: number;
  readonly listeners: number;
  readonly streams: number;
  /** Tokens of each completion. */
  readonly tokens: number;
}

const MODEL = 'tiny-moe';
/** The same manifest under another name: asked to be where it cannot be, again and again, it makes events. */
const OTHER = 'soak-events';
const PROMPTS = ['The', 'Call me Ishmael.', 'It was', 'Some years ago'];
const EVENT_EVERY_MS = 1_000;
const SAMPLE_EVERY_MS = 1_000;
const FIRST_ERRORS = 10;

/** What the parts of the load write down. */
function createNotes() {
  const errors: string[] = [];
  return {
    errors,
    fail: (what: string) => (error: unknown) => {
      errors.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    },
  };
}

type Notes = ReturnType<typeof createNotes>;

/** Hears model events until the end; gives their ids. */
async function listen(target: Target, end: AbortSignal, notes: Notes): Promise<readonly number[]> {
  const heard: number[] = [];
  try {
    const response = await call(target, { method: 'GET', path: '/v1/events?topics=model', signal: end });
    for await (const data of events(response)) {
      const { id, error } = JSON.parse(data) as { id?: number; error?: { message: string } };
      if (error !== undefined || id === undefined) throw new Error(error?.message ?? data);
      heard.push(id);
    }
    notes.fail('listener')(new Error('the stream ended'));
  } catch (error) {
    if (!end.aborted) notes.fail('listener')(error);
  }
  return heard;
}

/** One streamed completion: its text. Throws when it did not come to its end. */
async function complete(target: Target, prompt: string, tokens: number): Promise<string> {
  const body = JSON.stringify({ model: MODEL, prompt, max_tokens: tokens, temperature: 0, stream: true });
  let text = '';
  for await (const data of events(await call(target, { method: 'POST', path: '/v1/completions', body }))) {
    if (data === '[DONE]') return text;
    const chunk = JSON.parse(data) as { choices?: { text: string }[]; error?: { message: string } };
    if (chunk.error !== undefined) throw new Error(chunk.error.message);
    text += chunk.choices?.[0]?.text ?? '';
  }
  throw new Error('the stream ended without [DONE]');
}

/** Asks again and again until the end. */
async function stream(
  target: Target,
  index: number,
  {
    tokens,
    until,
    notes,
    answers,
  }: { tokens: number; until: number; notes: Notes; answers: Map<string, Set<string>> },
): Promise<number> {
  const prompt = PROMPTS[index % PROMPTS.length] ?? '';
  let completed = 0;
  while (Date.now() < until) {
    try {
      const text = await complete(target, prompt, tokens);
      answers.set(prompt, (answers.get(prompt) ?? new Set()).add(text));
      completed++;
    } catch (error) {
      notes.fail('stream')(error);
      await wait(1_000);
    }
  }
  return completed;
}

/** Does `work` every `everyMs` until the end. */
async function repeat(everyMs: number, until: number, work: () => Promise<unknown>): Promise<void> {
  while (Date.now() < until) {
    await work();
    await wait(everyMs);
  }
}

async function run(target: Target, options: LoadOptions): Promise<LoadResult> {
  const { seconds, tokens } = options;
  const notes = createNotes();
  const manifest = await callWhole(target, { method: 'GET', path: `/v1/models/${MODEL}/manifest` });
  await callWhole(target, { method: 'PUT', path: `/v1/models/${OTHER}`, body: manifest });
  const end = new AbortController();
  const listening = Array.from({ length: options.listeners }, () => listen(target, end.signal, notes));
  await wait(2_000);
  const startedAt = Date.now();
  const until = startedAt + seconds * 1000;
  const rss: { atMs: number; value: number }[] = [];
  const answers = new Map<string, Set<string>>();
  const [counts] = await Promise.all([
    Promise.all(
      Array.from({ length: options.streams }, (_, index) =>
        stream(target, index, { tokens, until, notes, answers }),
      ),
    ),
    repeat(EVENT_EVERY_MS, until, () =>
      callWhole(target, {
        method: 'POST',
        path: `/v1/models/${OTHER}/place`,
        body: '{"shape":"island","spread":true}',
      }).catch(notes.fail('place')),
    ),
    repeat(SAMPLE_EVERY_MS, until, async () => {
      const status = await callWhole(target, { method: 'GET', path: '/v1/status' });
      const { rssBytes } = JSON.parse(status.toString()) as { rssBytes: number };
      rss.push({ atMs: Date.now() - startedAt, value: rssBytes });
    }).catch(notes.fail('status')),
  ]);
  await wait(2_000);
  const cutOff = notes.errors.filter((text) => text.startsWith('listener')).length;
  end.abort();
  const heard = await Promise.all(listening);
  const longest = heard.reduce((most, ids) => (ids.length > most.length ? ids : most), []);
  const completed = counts.reduce((sum, count) => sum + count, 0);
  return {
    seconds,
    listeners: {
      asked: options.listeners,
      open: options.listeners - cutOff,
      events: longest.length,
      incomplete: heard.filter((ids) => ids.join() !== longest.join()).length,
    },
    streams: {
      asked: options.streams,
      completed,
      tokens: completed * tokens,
      different: [...answers.values()].reduce((sum, texts) => sum + texts.size - 1, 0),
    },
    errors: { count: notes.errors.length, first: notes.errors.slice(0, FIRST_ERRORS) },
    rss,
  };
}

const [options = '', resultFile = ''] = process.argv.slice(2);
const { RIOS_API_URL: apiUrl = '', RIOS_API_TOKEN: token = '' } = process.env;
writeFileSync(resultFile, JSON.stringify(await run({ apiUrl, token }, JSON.parse(options) as LoadOptions)));
process.exit(0);
