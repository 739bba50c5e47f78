import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { type ContractName, INTERFACES } from './support/errors.ts';

const HERE = new URL('./', import.meta.url);

/** Errors of libraries that no call can bring about, and why. */
const UNREACHABLE: Record<string, string> = {
  ERC20InvalidApprover: 'the approver is msg.sender or a recovered signer, which are never zero',
  ERC20InvalidSender: 'the sender is msg.sender or gave an allowance, and is never zero',
  ECDSAInvalidSignatureLength:
    'permits come in three parts; vouchers and statements are tried, not recovered',
  InvalidAccountNonce: 'no contract takes a nonce as an argument',
  InvalidShortString: 'the names in the EIP-712 domains are constants',
  StringTooLong: 'the names in the EIP-712 domains are constants',
};

/** Errors that only OpenZeppelin's own code throws: asserted once, wherever that is. */
const isShared = (name: string) =>
  /^(AccessControl|SafeERC20|ReentrancyGuard|ERC20|ERC2612|ECDSA)/.test(name);

describe('errors of the contracts', () => {
  let text = '';
  before(async () => {
    const names = (await readdir(HERE)).filter((name) => name.endsWith('.test.ts'));
    const files = await Promise.all(names.map((name) => readFile(new URL(name, HERE), 'utf8')));
    text = files.join('\n');
  });

  const isAsserted = (contract: string, name: string) => text.includes(`'${contract}.${name}'`);
  const errorsOf = (contract: ContractName) => {
    const names: string[] = [];
    INTERFACES[contract].forEachError(({ name }) => names.push(name));
    return names.filter((name) => !(name in UNREACHABLE));
  };

  for (const contract of Object.keys(INTERFACES) as ContractName[]) {
    it(`default: a test expects each error of ${contract}`, () => {
      const missing = errorsOf(contract).filter((name) => {
        if (!isShared(name)) return !isAsserted(contract, name);
        return !Object.keys(INTERFACES).some((other) => isAsserted(other, name));
      });

      expect(missing).to.deep.equal([]);
    });
  }

  it('behaviour: what is called unreachable is an error of some contract, and no test reaches it', () => {
    const all = new Set<string>();
    for (const face of Object.values(INTERFACES)) face.forEachError(({ name }) => all.add(name));

    for (const name of Object.keys(UNREACHABLE)) {
      expect(all.has(name), name).to.equal(true);
      expect(text, name).to.not.match(new RegExp(`'\\w+\\.${name}'`));
    }
  });
});
