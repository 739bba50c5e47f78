import { expect } from 'chai';
import { parseDuration } from '../src/duration.ts';

describe('duration', () => {
  it('default', () => {
    expect(parseDuration('30')).to.equal(30_000);
    expect(parseDuration('250ms')).to.equal(250);
    expect(parseDuration('1.5s')).to.equal(1500);
    expect(parseDuration('5m')).to.equal(300_000);
    expect(parseDuration('24h')).to.equal(86_400_000);
    expect(parseDuration('7d')).to.equal(604_800_000);
  });

  it('error USER_INVALID_REQUEST: anything else', () => {
    for (const text of ['', '-1', '0', '1y', '1 h', 's', '1e9', '1000d', 'Infinity']) {
      expect(() => parseDuration(text), text)
        .to.throw()
        .with.property('code', 'USER_INVALID_REQUEST');
    }
  });
});
