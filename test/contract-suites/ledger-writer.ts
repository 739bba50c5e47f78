// Bills requests without end, eight at a time, and tells each step that was answered; the tests kill it.
//   node ledger-writer.ts '{"file": …}' <prefix>
// With `stand still` as a third word it stops inside a transaction that has posted and is not committed.
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import { aCharge, aLedger } from '../support/a-ledger.ts';

const LANES = 8;
const [place = '', prefix = '', mode] = process.argv.slice(2);
const ledger = aLedger();
const tell = (event: string, key = '') => process.stdout.write(`${JSON.stringify({ event, key })}\n`);

const store = await createStore(JSON.parse(place));
if (mode === 'stand still') await standStill(store);
else await Promise.all(Array.from({ length: LANES }, (_, lane) => bill(store, lane)));

async function standStill(store: Store): Promise<void> {
  await store.transaction().execute(async (tx) => {
    await ledger.reserve(tx, { requestId: prefix, accountId: 'acc_1', amountWei: 3n });
    tell('inside');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  });
}

async function bill(store: Store, lane: number): Promise<void> {
  for (let count = 0; ; count++) {
    const requestId = `${prefix}-${lane}-${count}`;
    await store
      .transaction()
      .execute((tx) => ledger.reserve(tx, { requestId, accountId: 'acc_1', amountWei: 30n }));
    tell('done', `${requestId}:reserve`);
    await store
      .transaction()
      .execute((tx) => ledger.capture(tx, { requestId, charges: [aCharge({ amountWei: 10n })] }));
    tell('done', `${requestId}:end`);
  }
}
