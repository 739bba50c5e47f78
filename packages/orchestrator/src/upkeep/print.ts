/** Lines of JSON on stdout: what happens (`progress`), then what came of it. */
export interface Printer {
  print(event: object): void;
  /** A line now and then, whatever the work's pace. */
  progress(step: string, done: number, total: number): void;
}

const INTERVAL_MS = 250;

export function createPrinter(write: (text: string) => void, now: () => number): Printer {
  let saidAt = Number.NEGATIVE_INFINITY;
  let said = '';
  const print = (event: object) => write(`${JSON.stringify(event)}\n`);
  return {
    print,
    progress: (step, done, total) => {
      if (step === said && done < total && now() - saidAt < INTERVAL_MS) return;
      said = step;
      saidAt = now();
      print({ event: 'progress', step, done, total });
    },
  };
}
