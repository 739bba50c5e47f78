// Runs inside `rios dev --exec`: asks one prompt of the reference, compares, and writes what it found to a file.
//
//   node scripts/demo/ask.ts <checkpoint> <result file>
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createClient } from '@rios/sdk/api/client';
import type { Placement } from '@rios/sdk/schema/route';
import { compareWithReference, type ReferenceCase } from './compare.ts';
import type { DemoAnswer, DemoDetails } from './report.ts';

const CASE = 'genesis';
const TIMEOUT_MS = 120_000;
const EXIT_MISMATCH = 10;

async function main(checkpoint: string, resultFile: string): Promise<number> {
  const client = createClient({
    apiUrl: process.env.RIOS_API_URL ?? '',
    token: process.env.RIOS_API_TOKEN,
    timeoutMs: TIMEOUT_MS,
  });
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
  const details: DemoDetails = {
    prompt,
    comparison,
    shares,
    isSpread: placement !== null && isSpread(placement),
  };
  writeFileSync(resultFile, JSON.stringify({ answer, details }));
  return answer.referenceMatch && details.isSpread ? 0 : EXIT_MISMATCH;
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

process.exitCode = await main(process.argv[2] ?? '', process.argv[3] ?? '');
