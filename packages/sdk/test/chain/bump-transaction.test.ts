import { type BumpOptions, bumpTransaction } from '@rios/sdk/chain/bump-transaction';
import { maxCostOf, type PreparedTransaction } from '@rios/sdk/chain/prepared-transaction';
import { expect } from 'chai';
import fc from 'fast-check';

const GWEI = 10n ** 9n;

function testTransaction(fields: Partial<PreparedTransaction> = {}): PreparedTransaction {
  const fees = { maxFeePerGas: 8n * GWEI, maxPriorityFeePerGas: 2n * GWEI };
  return {
    chainId: 1,
    from: '0x00000000000000000000000000000000000000A1',
    to: '0x00000000000000000000000000000000000000b2',
    what: 'Send 1 ROS',
    data: '0x',
    value: 5n,
    gasLimit: 100_000n,
    nonce: 7,
    maxCostWei: maxCostOf(100_000n, fees, 5n),
    ...fees,
    ...fields,
  };
}

const refusalOf = (options: BumpOptions) => {
  try {
    bumpTransaction(testTransaction(), options);
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
};

describe('bump transaction', () => {
  it('default: fees rise by 12.5 %, all else stays, and the new highest cost is there to be shown', () => {
    const before = testTransaction();
    const after = bumpTransaction(before);

    expect(after).to.deep.equal({
      ...before,
      maxFeePerGas: 9n * GWEI,
      maxPriorityFeePerGas: 2_250_000_000n,
      maxCostWei: 900_000_000_000_005n,
    });
  });

  it('option: market: what the chain asks for now, where that is more', () => {
    const market = { maxFeePerGas: 50n * GWEI, maxPriorityFeePerGas: 1n };
    const after = bumpTransaction(testTransaction(), { factor: 1.5, market });

    expect(after).to.include({ maxFeePerGas: 50n * GWEI, maxPriorityFeePerGas: 3n * GWEI });
  });

  it('behaviour: both fees rise by an eighth at least, however small they are, and the tip fits under the fee', () => {
    const fee = fc.bigInt({ min: 0n, max: 10n ** 15n });
    fc.assert(
      fc.property(fee, fee, fc.double({ min: 1.125, max: 100, noNaN: true }), (one, other, factor) => {
        const [tip, highest] = one < other ? [one, other] : [other, one];
        const before = testTransaction({ maxFeePerGas: highest, maxPriorityFeePerGas: tip });
        const after = bumpTransaction(before, { factor });
        expect(after.maxFeePerGas * 8n >= highest * 9n && after.maxFeePerGas > highest).to.equal(true);
        expect(after.maxPriorityFeePerGas * 8n >= tip * 9n && after.maxPriorityFeePerGas > tip).to.equal(
          true,
        );
        expect(after.maxPriorityFeePerGas <= after.maxFeePerGas).to.equal(true);
        expect(after.maxCostWei).to.equal(after.gasLimit * after.maxFeePerGas + after.value);
      }),
    );
  });

  it('error USER_INVALID_REQUEST: a factor that no node would take, or that is a slip of the hand', () => {
    for (const factor of [1.1249, 1, 0, -2, Number.NaN, Number.POSITIVE_INFINITY, 100.5]) {
      expect(refusalOf({ factor }), String(factor)).to.equal('USER_INVALID_REQUEST');
    }
  });
});
