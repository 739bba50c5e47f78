import { expect } from 'chai';
import fc from 'fast-check';
import { createStopText } from '../../src/text/stop-text.ts';

/** Pushes pieces one by one; what was shown, piece by piece. */
function show(stops: readonly string[], pieces: readonly string[]): { shown: string[]; stopped: boolean } {
  const stopText = createStopText(stops);
  const steps = pieces.map((piece) => stopText.push(piece));
  return {
    shown: [...steps.map(({ text }) => text), stopText.end()],
    stopped: steps.some((step) => step.stopped),
  };
}

describe('createStopText', () => {
  it('default: without stop strings everything is shown at once', () => {
    expect(show([], ['ab', 'c'])).to.deep.equal({ shown: ['ab', 'c', ''], stopped: false });
  });

  it('behaviour: a stop string spread over pieces is never shown in part', () => {
    expect(show(['END'], ['so E', 'N', 'D more'])).to.deep.equal({
      shown: ['so ', '', '', ''],
      stopped: true,
    });
  });

  it('behaviour: what looked like a stop string and was none is shown later', () => {
    expect(show(['END'], ['E', 'N', 'TER'])).to.deep.equal({ shown: ['', '', 'ENTER', ''], stopped: false });
  });

  it('behaviour: held text is shown when the stream ends', () => {
    expect(show(['END'], ['the EN'])).to.deep.equal({ shown: ['the ', 'EN'], stopped: false });
  });

  it('behaviour: however the text is cut, the shown text ends before the first stop string', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 });
    const stop = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 8 }), fc.array(stop, { maxLength: 3 }), (pieces, stops) => {
        const whole = pieces.join('');
        const ends = stops.flatMap((text) =>
          whole.includes(text) ? [whole.indexOf(text) + text.length] : [],
        );
        const { shown, stopped } = show(stops, pieces);

        expect(stopped).to.equal(ends.length > 0);
        const text = shown.join('');
        expect(whole.startsWith(text)).to.equal(true);
        for (const each of stops) expect(text.includes(each), `"${text}" shows "${each}"`).to.equal(false);
        if (ends.length === 0) expect(text).to.equal(whole);
      }),
    );
  });
});
