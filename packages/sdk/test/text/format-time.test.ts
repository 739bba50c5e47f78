import { expect } from 'chai';
import { formatTime } from '../../src/text/format-time.ts';

describe('formatTime', () => {
  it('default: the parts that templates use; others stay', () => {
    const time = new Date(2026, 2, 5, 7, 8);

    expect(formatTime(time, '%d %b %Y|%B %m|%H:%M|100%%|%q|%')).to.equal(
      '05 Mar 2026|March 03|07:08|100%|%q|%',
    );
  });
});
