import { expect } from 'chai';
import { createLineProgress } from '../../src/progress/line-progress.ts';
import { formatMeter } from '../../src/progress/meter.ts';

function fixture() {
  const lines: string[] = [];
  const time = { now: 0 };
  const clock = { now: () => time.now, after: () => () => {} };
  return { lines, time, progress: createLineProgress((line) => lines.push(line), clock) };
}

describe('progress', () => {
  it('default', () => {
    const { lines, time, progress } = fixture();
    progress.step('Pushing');
    for (time.now = 0; time.now <= 12_000; time.now += 100) progress.bytes(time.now, 12_000);
    progress.bytes(12_000, 12_000);

    expect(lines[0]).to.equal('Pushing');
    expect(lines).to.have.length(4);
    expect(lines.at(-1)).to.include('100 %');
  });

  it('behaviour: a step that is over in no time says so once', () => {
    const { lines, progress } = fixture();
    progress.step('A');
    progress.bytes(5, 5);
    progress.bytes(5, 5);

    expect(lines).to.have.length(2);
  });

  it('behaviour: the meter has bytes, rate and time left', () => {
    expect(formatMeter(1024 ** 2, 4 * 1024 ** 2, 2000)).to.equal(
      '██████░░░░░░░░░░░░░░░░░░ 25 % 1.0 MiB of 4.0 MiB 512 KiB/s, 6.0 s left',
    );
    expect(formatMeter(1024, 0, 1000)).to.equal('1.0 KiB 1.0 KiB/s');
    expect(formatMeter(0, 10, 0)).to.equal('░░░░░░░░░░░░░░░░░░░░░░░░ 0 % 0 B of 10 B');
    expect(formatMeter(20, 10, 1)).to.include('100 %');
  });
});
