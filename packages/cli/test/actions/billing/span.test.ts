import { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { parseSpan } from '../../../src/actions/billing/span.ts';

const NOW = Date.UTC(2026, 1, 14, 9);

describe('actions/billing parseSpan', () => {
  it('default: this month', () => {
    expect(parseSpan({}, NOW)).to.deep.equal({ from: Date.UTC(2026, 1, 1), to: Date.UTC(2026, 2, 1) });
  });

  it('option: month: December ends with its year', () => {
    expect(parseSpan({ month: '2026-12' }, NOW)).to.deep.equal({
      from: Date.UTC(2026, 11, 1),
      to: Date.UTC(2027, 0, 1),
    });
  });

  it('option: from, to: the last day counts, a time does not', () => {
    expect(parseSpan({ from: '2026-01-30', to: '2026-02-02' }, NOW)).to.deep.equal({
      from: Date.UTC(2026, 0, 30),
      to: Date.UTC(2026, 1, 3),
    });
    expect(parseSpan({ from: '2026-02-01T10:00:00Z', to: '2026-02-01T12:00:00+01:00' }, NOW)).to.deep.equal({
      from: Date.UTC(2026, 1, 1, 10),
      to: Date.UTC(2026, 1, 1, 11),
    });
    expect(parseSpan({ from: '2026-02-01' }, NOW).to).to.equal(NOW + 1);
    expect(parseSpan({ to: '2026-01-31' }, NOW).from).to.equal(Date.UTC(2026, 0, 1));
  });

  it('error USER_INVALID_REQUEST: what is no date, upside down, or said twice', () => {
    const wrong = [
      { month: '2026-13' },
      { month: '26-01' },
      { from: 'yesterday' },
      { from: '2026-02-31T00:00' },
      { from: '2026-02-03', to: '2026-02-01' },
      { month: '2026-01', to: '2026-02-01' },
      { to: '1969-01-01' },
    ];
    for (const wish of wrong) {
      const parse = () => parseSpan(wish, NOW);
      expect(parse, JSON.stringify(wish)).to.throw(RiosError).with.property('code', 'USER_INVALID_REQUEST');
    }
  });
});
