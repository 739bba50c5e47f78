import type { StatisticsView } from '@rios/sdk/schema/settlement';
import { countOpenLines } from '../store/epoch-lines.ts';
import { countBills, sumEpochs } from '../store/epoch-sums.ts';
import type { EpochPlace } from '../store/epochs.ts';
import type { EpochSettler } from './epoch-settler.ts';

/** Asked anew after so long: everybody may ask, and to count costs. */
const KEEP_MS = 10_000;

/** Sums over all users and workers. */
export function createStatistics(
  { store, clock }: Pick<EpochSettler, 'store' | 'clock'>,
  findPlace: () => Promise<EpochPlace | undefined>,
): () => Promise<StatisticsView> {
  const count = async (at: number): Promise<StatisticsView> => {
    const place = await findPlace();
    const [requests, charges] = [await countBills(store), await countOpenLines(store)];
    return { at, requests, settled: await sumEpochs(store, place), open: { charges } };
  };
  let last: { readonly at: number; readonly answer: Promise<StatisticsView> } | undefined;
  return () => {
    const now = clock.now();
    if (last === undefined || Math.abs(now - last.at) >= KEEP_MS) {
      const answer = count(now);
      last = { at: now, answer };
      answer.catch(() => {
        last = undefined;
      });
    }
    return last.answer;
  };
}
