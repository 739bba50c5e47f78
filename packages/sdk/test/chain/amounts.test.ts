import { formatCoin, formatRos, parseRos } from '@rios/sdk/chain/amounts';
import { hasCode } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import fc from 'fast-check';

const MAX_WEI = 2n ** 128n - 1n;
const wei = fc.bigInt({ min: 0n, max: MAX_WEI });

function refusalOf(text: string) {
  try {
    parseRos(text);
  } catch (error) {
    if (hasCode(error, 'USER_INVALID_REQUEST')) return error;
    throw error;
  }
  throw new Error(`"${text}" was taken`);
}

describe('amounts', () => {
  it('default: ROS with and without its unit, and wei', () => {
    expect(parseRos('1.5')).to.equal(1_500_000_000_000_000_000n);
    expect(parseRos('1.5 ROS')).to.equal(1_500_000_000_000_000_000n);
    expect(parseRos('2ros')).to.equal(2_000_000_000_000_000_000n);
    expect(parseRos(' 1500000 wei ')).to.equal(1_500_000n);
    expect(parseRos('0.000000000000000001')).to.equal(1n);
    expect(parseRos('0')).to.equal(0n);
  });

  it('default: an amount is shown with its unit and without zeros at its end', () => {
    expect(formatRos(1_500_000_000_000_000_000n)).to.equal('1.5 ROS');
    expect(formatRos(10n ** 19n)).to.equal('10 ROS');
    expect(formatRos(1n)).to.equal('0.000000000000000001 ROS');
    expect(formatRos(0n)).to.equal('0 ROS');
    expect(formatRos(-5n * 10n ** 17n)).to.equal('-0.5 ROS');
    expect(formatRos(1_500_000_000_000_000_000n, { unit: false })).to.equal('1.5');
    expect(formatCoin(2n * 10n ** 15n)).to.equal('0.002 ETH');
  });

  it('behaviour: any amount survives being shown and read again', () => {
    fc.assert(
      fc.property(wei, fc.boolean(), (amount, unit) => {
        expect(parseRos(formatRos(amount, { unit }))).to.equal(amount);
        expect(parseRos(`${amount} wei`)).to.equal(amount);
      }),
    );
  });

  it('behaviour: no text at all breaks the reader: an amount, or a refusal that says why', () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[-+]?[0-9]{0,40}\.?[0-9]{0,30}(e[0-9]+)? ?[a-zA-Z]{0,4}$/),
    );
    fc.assert(
      fc.property(text, (given) => {
        try {
          const amount = parseRos(given);
          expect(amount >= 0n && amount <= MAX_WEI).to.equal(true);
        } catch (error) {
          expect(hasCode(error, 'USER_INVALID_REQUEST'), String(error)).to.equal(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('behaviour: more digits never make an amount smaller', () => {
    const digits = fc.stringMatching(/^[0-9]{1,18}$/);
    fc.assert(
      fc.property(fc.nat(), digits, digits, (whole, fraction, more) => {
        const longer = `${whole}.${(fraction + more).slice(0, 18)}`;
        expect(parseRos(longer) >= parseRos(`${whole}.${fraction}`)).to.equal(true);
      }),
    );
  });

  it('error USER_INVALID_REQUEST: too many decimals, and how many', () => {
    const refusal = refusalOf('1.0000000000000000001');
    expect(refusal.message).to.equal('an amount in ROS has at most 18 decimals, this one has 19');
    expect(refusal.details).to.deep.equal({ decimals: 19, maxDecimals: 18 });
    expect(refusalOf('1.5 wei').details).to.deep.equal({ decimals: 1, maxDecimals: 0 });
  });

  it('error USER_INVALID_REQUEST: negative', () => {
    expect(refusalOf('-1').message).to.contain('negative');
  });

  it('error USER_INVALID_REQUEST: another unit', () => {
    for (const [text, unit] of [
      ['1 ETH', 'ETH'],
      ['1 gwei', 'gwei'],
      ['5 EUR', 'EUR'],
    ] as const) {
      expect(refusalOf(text).details, text).to.deep.equal({ unit });
    }
  });

  it('error USER_INVALID_REQUEST: nothing, an exponent, hex, separators, too much', () => {
    for (const text of [
      '',
      '  ',
      '1e18',
      '1E3 ROS',
      '0x10',
      '1,5',
      '1_000',
      '.5',
      '5.',
      '٣',
      'NaN',
      'Infinity',
    ]) {
      expect(refusalOf(text).code, text).to.equal('USER_INVALID_REQUEST');
    }
    expect(refusalOf('1e18').message).to.contain('exponent');
    expect(refusalOf(`${MAX_WEI + 1n} wei`).details).to.deep.equal({ maxWei: String(MAX_WEI) });
    expect(refusalOf('9'.repeat(129)).message).to.contain('128 characters');
  });
});
