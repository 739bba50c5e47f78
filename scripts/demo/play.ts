// Runs inside `rios dev --exec`: asks one prompt of the reference, compares; then a person pays for more answers out
// of a deposit, and an epoch is settled. Writes what it found to a file.
//
//   node scripts/demo/play.ts <checkpoint> <result file> [--no-settlement]
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createClient } from '@rios/sdk/api/client';
import { askReference } from './ask-reference.ts';
import { settle } from './settle.ts';

const TIMEOUT_MS = 120_000;
const EXIT_MISMATCH = 10;

async function main([checkpoint = '', resultFile = '', flag]: readonly string[]): Promise<number> {
  const apiUrl = process.env.RIOS_API_URL ?? '';
  const operator = createClient({ apiUrl, token: process.env.RIOS_API_TOKEN, timeoutMs: TIMEOUT_MS });
  const { answer, details } = await askReference(operator, checkpoint);
  const isRight = answer.referenceMatch && details.isSpread;
  if (flag === '--no-settlement') {
    writeFileSync(resultFile, JSON.stringify({ answer, details }));
    return isRight ? 0 : EXIT_MISMATCH;
  }
  const { settlement, story } = await settle({
    operator,
    apiUrl,
    model: basename(checkpoint),
    timeoutMs: TIMEOUT_MS,
  });
  writeFileSync(
    resultFile,
    JSON.stringify({ answer: { ...answer, settlement }, details: { ...details, story } }),
  );
  return isRight && settlement.auditEqual ? 0 : EXIT_MISMATCH;
}

process.exitCode = await main(process.argv.slice(2));
