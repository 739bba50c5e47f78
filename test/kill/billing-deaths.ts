import { type Doom, FAULT_POINTS } from './fault-points.ts';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';

/** How an orchestrator ends in a drill of the accounts. */
export interface BillingDeath extends Doom {
  /** Killed once more so long after its next start; undefined = it may start. */
  readonly againMs: number | undefined;
}

const MOST_PASSES = 2;
/** Requests come to their points all the time; the others are waited for longer. */
const ANY_AFTER_MS = { request: 2_000, other: 4_000 } as const;
const AGAIN_SHARE = 0.15;
/** A start takes a second or so. */
const AGAIN_MS = [0, 1_500] as const;

/** Where and how `kills` orchestrators die: the same for the same seed. Each point comes once before any other does twice. */
export function planBillingDeaths(seed: number, kills: number): BillingDeath[] {
  const random = createSeededRandom(seed);
  const first = shuffle(Object.keys(FAULT_POINTS), random);
  return Array.from({ length: kills }, (_, index) => {
    const drawn = drawPoint(random);
    const passes = Math.floor(random.next() * MOST_PASSES);
    const isAgain = random.next() < AGAIN_SHARE;
    const againMs = random.between(...AGAIN_MS);
    const point = first[index] ?? drawn;
    return {
      point,
      passes: index < first.length ? 0 : passes,
      anyAfterMs: ANY_AFTER_MS[point.startsWith('billing.') ? 'request' : 'other'],
      againMs: isAgain ? againMs : undefined,
    };
  });
}

function drawPoint(random: SeededRandom): string {
  const points = Object.entries(FAULT_POINTS);
  let left = random.next() * points.reduce((sum, [, share]) => sum + share, 0);
  for (const [point, share] of points) {
    left -= share;
    if (left < 0) return point;
  }
  return points[0]?.[0] ?? '';
}

function shuffle(points: readonly string[], random: SeededRandom): string[] {
  return points
    .map((point) => ({ point, place: random.next() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ point }) => point);
}
