import { chainError } from '@rios/sdk/chain/chain-error';
import { rosInterfaces } from '@rios/sdk/chain/interfaces';
import { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { AbiCoder, type ErrorFragment, Interface, makeError, type ParamType, ZeroHash } from 'ethers';

const ACCOUNT = '0x00000000000000000000000000000000000000A1';
const ROS = 10n ** 18n;

/** A fitting value for each type that our errors use. */
function sampleOf({ baseType, type, name }: ParamType): unknown {
  if (baseType === 'address') return ACCOUNT;
  if (baseType === 'bytes32') return ZeroHash;
  if (baseType === 'string') return 'text';
  if (type === 'uint16') return 2;
  // amounts and times alike: 2 ROS needed, 1 ROS there
  return name === 'balance' || name === 'allowance' ? ROS : 2n * ROS;
}

const errorsOf = (one: Interface): ErrorFragment[] =>
  one.fragments.filter((fragment): fragment is ErrorFragment => fragment.type === 'error');

const revertOf = (data: string) =>
  makeError('execution reverted', 'CALL_EXCEPTION', {
    action: 'estimateGas',
    data,
    reason: null,
    transaction: { to: null, data: '0x' },
    invocation: null,
    revert: null,
  });

const rpcError = (message: string) =>
  makeError('could not coalesce error', 'UNKNOWN_ERROR', { error: { code: -32_000, message }, payload: {} });

describe('chain error', () => {
  for (const one of rosInterfaces()) {
    for (const fragment of errorsOf(one)) {
      it(`error ${fragment.format()}: its name, its arguments and one plain sentence`, () => {
        const values = fragment.inputs.map(sampleOf);
        const error = chainError(revertOf(one.encodeErrorResult(fragment, values)));

        const isMissing = /InsufficientBalance/.test(fragment.name);
        expect(error.code).to.equal(isMissing ? 'QUOTA_BALANCE' : 'CHAIN_REVERTED');
        expect(error.details).to.include({ error: fragment.name });
        // two contracts name the argument of one error differently, so by its place
        expect(Object.values(error.details?.arguments ?? {})).to.deep.equal(values.map(String));
        expect(error.message).to.match(/^(\S+ )+.*\.$/);
        expect(error.message).not.to.match(/undefined|NaN|\[object|The contract refused: /);
        if (isMissing) expect(error.details).to.include({ missing: '1 ROS', missingWei: String(ROS) });
      });
    }
  }

  it('default: an error of ours goes through as it is', () => {
    const known = new RiosError('CHAIN_TIMEOUT', 'late');
    expect(chainError(known)).to.equal(known);
  });

  it('behaviour: an error that is nobody’s is a refusal without a name', () => {
    const foreign = new Interface(['error Foreign(uint256)']).encodeErrorResult('Foreign', [1]);
    const error = chainError(revertOf(foreign));
    expect(error.code).to.equal('CHAIN_REVERTED');
    expect(error.details).to.deep.equal({ data: foreign.slice(0, 10) });
    expect(chainError(revertOf(foreign), [new Interface(['error Foreign(uint256)'])]).message).to.contain(
      'Foreign',
    );
  });

  it('behaviour: arguments that are cut off do not break the reader', () => {
    const [escrow] = rosInterfaces();
    const whole = escrow?.encodeErrorResult('ExitNotReady', [1]) ?? '';
    expect(chainError(revertOf(whole.slice(0, 30))).code).to.equal('CHAIN_REVERTED');
    expect(chainError(revertOf(whole.slice(0, 10))).code).to.equal('CHAIN_REVERTED');
    const dirty = `${escrow?.encodeErrorResult('NoSession', [ACCOUNT]).slice(0, 10)}${'f'.repeat(64)}`;
    expect(chainError(revertOf(dirty)).details).to.deep.equal({ data: dirty.slice(0, 10) });
  });

  it('behaviour: Solidity’s own require and panic are readable', () => {
    const text = `0x08c379a0${AbiCoder.defaultAbiCoder().encode(['string'], ['closed today']).slice(2)}`;
    expect(chainError(revertOf(text)).message).to.equal('The contract refused: closed today');
    const panic = `0x4e487b71${AbiCoder.defaultAbiCoder().encode(['uint256'], [0x11]).slice(2)}`;
    expect(chainError(revertOf(panic)).message).to.contain('panic');
  });

  for (const [code, texts] of Object.entries({
    CHAIN_NONCE: [
      'nonce too low: next nonce 5, tx nonce 4',
      'Nonce too low. Expected nonce to be 1 but got 0.',
      'OldNonce',
    ],
    CHAIN_UNDERPRICED: [
      'transaction underpriced: tip needed 1, tip permitted 0',
      'max fee per gas less than block base fee: address 0x1',
      'Transaction maxFeePerGas (1) is too low for the next block, which has a baseFeePerGas of 7',
      'replacement transaction underpriced',
    ],
    QUOTA_BALANCE: [
      'insufficient funds for gas * price + value: balance 0, tx cost 1',
      "Sender doesn't have enough funds to send tx. The max upfront cost is: 1 and the sender's balance is: 0.",
    ],
    CHAIN_UNREACHABLE: ['Too Many Requests', 'daily request capacity exceeded'],
    CHAIN_UNSUPPORTED: ['something new'],
  })) {
    it(`error ${code}: in the words of several nodes`, () => {
      for (const text of texts) expect(chainError(rpcError(text)).code, text).to.equal(code);
    });
  }

  it('behaviour: a node’s long text is cut', () => {
    expect(chainError(rpcError('x'.repeat(10_000))).message.length).to.be.below(400);
  });

  it('error BUG_UNEXPECTED: what nobody expected keeps its cause', () => {
    const cause = new TypeError('odd');
    expect(chainError(cause)).to.include({ code: 'BUG_UNEXPECTED', cause });
  });
});
