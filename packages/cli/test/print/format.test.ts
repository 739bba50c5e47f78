import { expect } from 'chai';
import { cleanCell, cleanText } from '../../src/print/clean.ts';
import { formatAgo, formatBytes, formatCount, formatDuration, formatShare } from '../../src/print/format.ts';
import { formatFields, formatTable } from '../../src/print/table.ts';

describe('print/format', () => {
  it('default', () => {
    expect([0, 1023, 1536, 150 * 1024 ** 2, 2 ** 50].map(formatBytes)).to.deep.equal([
      '0 B',
      '1023 B',
      '1.5 KiB',
      '150 MiB',
      '1.0 PiB',
    ]);
    expect([7, 1500, 5_512_896, 46.7e9].map(formatCount)).to.deep.equal(['7', '1.50 k', '5.51 M', '46.7 B']);
    expect([3.14, 950, 1500, 75_000, 3_660_000, 200_000_000].map(formatDuration)).to.deep.equal([
      '3.1 ms',
      '950 ms',
      '1.5 s',
      '1m15s',
      '1h1m',
      '2d7h',
    ]);
    expect(formatAgo(null, 5)).to.equal('never');
    expect(formatAgo(1000, 2500)).to.equal('1.5 s ago');
    expect(formatShare(0.1234)).to.equal('12.3 %');
  });

  it('behaviour: a table has columns as wide as their cells', () => {
    expect(formatTable(['a', 'bb'], [['long', 'x']])).to.equal('A     BB\nlong  x');
    expect(formatTable(['a'], [])).to.equal('A');
    expect(
      formatFields([
        ['a', '1'],
        ['bcd', ''],
      ]),
    ).to.equal('a    1\nbcd');
  });

  it('behaviour: what comes from elsewhere cannot steer the terminal', () => {
    expect(cleanText('a\u001b[31mb\u0007\u202ec\nd\te\r')).to.equal('a[31mbc\nd\te');
    expect(cleanCell('a\n\tb')).to.equal('a b');
    expect(formatTable(['x'], [['\u001b]0;title\u0007']])).to.equal('X\n]0;title');
  });
});
