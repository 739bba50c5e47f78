import { createSeededRandom, type SeededRandom } from './seeded-random.ts';

/** How an orchestrator dies. */
export interface Death {
  /** Load since it, or another, came back. */
  readonly afterMs: number;
  readonly victim: number;
  /** `short`: back before anybody's time is over. `long`: all others notice. `again`: dies once more as it starts. */
  readonly kind: 'short' | 'long' | 'again';
  /** Until it is started again. */
  readonly deadMs: number;
  /** Since that start, for `again`. */
  readonly againMs: number;
}

const AFTER_MS = [300, 2500] as const;
const DEAD_MS: Readonly<Record<Death['kind'], readonly [number, number]>> = {
  short: [0, 500],
  long: [5_500, 8_000],
  again: [0, 500],
};
const AGAIN_MS = [0, 1200] as const;
/** Each kind once at first, whatever the seed, then in these shares. */
const FIRST = ['short', 'long', 'again'] as const;
const SHARES = { long: 0.15, again: 0.15 } as const;

/** When which of `orchestrators` dies how: the same for the same seed. */
export function planDeaths(seed: number, kills: number, orchestrators: number): Death[] {
  const random = createSeededRandom(seed);
  return Array.from({ length: kills }, (_, index) => {
    const drawn = drawKind(random);
    const kind = FIRST[index] ?? drawn;
    return {
      afterMs: random.between(...AFTER_MS),
      victim: index < orchestrators ? index : Math.floor(random.next() * orchestrators),
      kind,
      deadMs: random.between(...DEAD_MS[kind]),
      againMs: random.between(...AGAIN_MS),
    };
  });
}

function drawKind(random: SeededRandom): Death['kind'] {
  const drawn = random.next();
  if (drawn < SHARES.long) return 'long';
  return drawn < SHARES.long + SHARES.again ? 'again' : 'short';
}
