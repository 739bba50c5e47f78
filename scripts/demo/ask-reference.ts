import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Client } from '@rios/sdk/api/client';
import type { Placement } from '@rios/sdk/schema/route';
import { compareWithReference, type ReferenceCase } from './compare.ts';
import type { DemoAnswer, DemoDetails } from './report.ts';

const CASE = 'genesis';

/** Asks one prompt of the reference, and compares the answer with it. */
export async function askReference(
  client: Client,
  checkpoint: string,
): Promise<{ answer: DemoAnswer; details: DemoDetails }> {
  const asked = readCase(checkpoint);
  const model = basename(checkpoint);
  const { prompt, greedy } = asked;
  const completion = await client.createCompletion({
    body: { model, prompt, max_tokens: greedy.length, temperature: 0, logprobs: 20, echo: true },
  });
  const run = completion.rios;
  if (run === undefined) throw new Error('the answer has no summary');
  const { shares } = await client.explainRoute({ params: { id: run.requestId } });
  const { placement } = await client.getModel({ params: { name: model } });
  const comparison = compareWithReference(asked, run);
  const answer: DemoAnswer = {
    text: (completion.choices[0]?.text ?? '').slice(prompt.length),
    referenceMatch: comparison.match,
    shape: run.shape,
    tokens: run.ids.length,
    tokensPerSecond: run.tokensPerSecond,
    ttftMs: run.ttftMs,
    workers: run.workers.map(({ id, parts, expertCalls }) => ({ id, parts, expertCalls })),
  };
  const isSpreadOut = placement !== null && isSpread(placement);
  return { answer, details: { prompt, comparison, shares, isSpread: isSpreadOut } };
}

function readCase(checkpoint: string): ReferenceCase {
  const { cases } = JSON.parse(readFileSync(join(checkpoint, 'reference.json'), 'utf8')) as {
    cases: ReferenceCase[];
  };
  const found = cases.find(({ name }) => name === CASE);
  if (found === undefined) throw new Error(`reference.json has no case ${CASE}`);
  return found;
}

/** True when no worker holds all expert groups of a layer. */
function isSpread({ stages }: Placement): boolean {
  const held = stages.flatMap(({ experts }) =>
    experts.flatMap(({ workerId, parts }) =>
      parts.map((part) => ({ workerId, part, layer: part.split('.')[1] })),
    ),
  );
  const layers = Map.groupBy(held, ({ layer }) => layer);
  return [...layers.values()].every((inLayer) => {
    const groups = new Set(inLayer.map(({ part }) => part));
    const holders = Map.groupBy(inLayer, ({ workerId }) => workerId);
    return [...holders.values()].every((own) => own.length < groups.size);
  });
}
