import { expect } from 'chai';
import { openTestChain, type TestChain } from './support/chain.ts';
import { CAP, deployToken, ROS } from './support/deployed.ts';
import { expectError } from './support/errors.ts';
import { signPermit } from './support/signatures.ts';

describe('RosToken', () => {
  let chain: TestChain;
  before(async () => {
    chain = await openTestChain();
  });

  const setUp = async () => {
    const [admin, holder, spender] = await chain.ethers.getSigners();
    const token = await deployToken(chain);
    await token.transfer(holder.address, 10n * ROS);
    const place = { chainId: chain.chainId, contract: await token.getAddress() };
    return { token, admin, holder, spender, place };
  };

  it('default: it is ROS with 18 decimals, and its supply is what was minted', async () => {
    const { token } = await setUp();

    expect(await token.symbol()).to.equal('ROS');
    expect(await token.name()).to.equal('RiOS');
    expect(await token.decimals()).to.equal(18n);
    expect(await token.cap()).to.equal(CAP);
    expect(await token.totalSupply()).to.equal(1_000_000n * ROS);
  });

  it('behaviour: all of the cap can be minted, and not a unit more', async () => {
    const { token, admin } = await setUp();
    const rest = CAP - 1_000_000n * ROS;

    await token.mint(admin.address, rest);

    expect(await token.totalSupply()).to.equal(CAP);
    await expectError(token.mint(admin.address, 1n), 'RosToken.ERC20ExceededCap', [CAP + 1n, CAP]);
  });

  it('error AccessControlUnauthorizedAccount: the admin itself cannot mint without the role', async () => {
    const { token, admin, holder } = await setUp();
    const minter = await token.MINTER();
    await token.revokeRole(minter, admin.address);

    for (const who of [admin, holder]) {
      await expectError(
        token.connect(who).getFunction('mint')(who.address, 1n),
        'RosToken.AccessControlUnauthorizedAccount',
        [who.address, minter],
      );
    }
  });

  it('error AccessControlUnauthorizedAccount: only the admin grants and takes roles', async () => {
    const { token, holder } = await setUp();
    const stranger = token.connect(holder);
    const refusal = [holder.address, chain.ethers.ZeroHash];

    for (const change of ['grantRole', 'revokeRole']) {
      await expectError(
        stranger.getFunction(change)(await token.MINTER(), holder.address),
        'RosToken.AccessControlUnauthorizedAccount',
        refusal,
      );
    }
  });

  it('error AccessControlBadConfirmation: nobody renounces a role for another', async () => {
    const { token, admin, holder } = await setUp();

    const call = token.connect(holder).getFunction('renounceRole')(await token.MINTER(), admin.address);

    await expectError(call, 'RosToken.AccessControlBadConfirmation');
  });

  it('error InvalidConfiguration: no admin', async () => {
    const { ethers } = chain;
    await expectError(
      ethers.deployContract('RosToken', [CAP, ethers.ZeroAddress]),
      'RosToken.InvalidConfiguration',
    );
  });

  it('error ERC20InvalidCap: no cap', async () => {
    const [admin] = await chain.ethers.getSigners();
    const deployment = chain.ethers.deployContract('RosToken', [0n, admin.address]);
    await expectError(deployment, 'RosToken.ERC20InvalidCap', [0n]);
  });

  it('error ERC20InsufficientBalance, ERC20InsufficientAllowance, ERC20InvalidReceiver, ERC20InvalidSpender', async () => {
    const { token, holder, spender } = await setUp();
    const own = token.connect(holder);
    const zero = chain.ethers.ZeroAddress;

    await expectError(
      own.getFunction('transfer')(spender.address, 11n * ROS),
      'RosToken.ERC20InsufficientBalance',
      [holder.address, 10n * ROS, 11n * ROS],
    );
    await expectError(
      token.connect(spender).getFunction('transferFrom')(holder.address, spender.address, 1n),
      'RosToken.ERC20InsufficientAllowance',
      [spender.address, 0n, 1n],
    );
    await expectError(own.getFunction('transfer')(zero, 1n), 'RosToken.ERC20InvalidReceiver', [zero]);
    await expectError(own.getFunction('approve')(zero, 1n), 'RosToken.ERC20InvalidSpender', [zero]);
  });

  it('behaviour: a permit is an allowance that its owner pays no gas for, and works once', async () => {
    const { token, holder, spender, place } = await setUp();
    const { deadline, v, r, s } = await signPermit(holder, place, {
      spender: spender.address,
      value: ROS,
      nonce: 0n,
    });

    await token.permit(holder.address, spender.address, ROS, deadline, v, r, s);

    expect(await token.allowance(holder.address, spender.address)).to.equal(ROS);
    expect(await token.nonces(holder.address)).to.equal(1n);
    await expectError(
      token.permit(holder.address, spender.address, ROS, deadline, v, r, s),
      'RosToken.ERC2612InvalidSigner',
    );
  });

  it('error ERC2612ExpiredSignature: a permit after its deadline', async () => {
    const { token, holder, spender, place } = await setUp();
    const told = { spender: spender.address, value: ROS, nonce: 0n, deadline: 1n };
    const { deadline, v, r, s } = await signPermit(holder, place, told);

    const call = token.permit(holder.address, spender.address, ROS, deadline, v, r, s);

    await expectError(call, 'RosToken.ERC2612ExpiredSignature', [1n]);
  });

  it('error ERC2612InvalidSigner: a permit for another amount, another chain, or of another contract', async () => {
    const { token, holder, spender, place } = await setUp();
    const told = { spender: spender.address, value: ROS, nonce: 0n };
    const permit = async (value: bigint, where: typeof place) => {
      const { deadline, v, r, s } = await signPermit(holder, where, told);
      return token.permit(holder.address, spender.address, value, deadline, v, r, s);
    };

    await expectError(permit(2n * ROS, place), 'RosToken.ERC2612InvalidSigner');
    await expectError(permit(ROS, { ...place, chainId: 1 }), 'RosToken.ERC2612InvalidSigner');
    await expectError(permit(ROS, { ...place, contract: spender.address }), 'RosToken.ERC2612InvalidSigner');
  });

  it('error ECDSAInvalidSignature, ECDSAInvalidSignatureS: a permit whose signature is none, or is in its high form', async () => {
    const { ethers } = chain;
    const { token, holder, spender, place } = await setUp();
    const order = BigInt('0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');
    const told = { spender: spender.address, value: ROS, nonce: 0n };
    const { deadline, v, r, s } = await signPermit(holder, place, told);
    const high = ethers.toBeHex(order - BigInt(s), 32);
    const permit = (...parts: unknown[]) =>
      token.permit(holder.address, spender.address, ROS, deadline, ...parts);

    await expectError(permit(0, r, s), 'RosToken.ECDSAInvalidSignature');
    await expectError(permit(v === 27 ? 28 : 27, r, high), 'RosToken.ECDSAInvalidSignatureS', [high]);
  });

  it('behaviour: it has no way to stop, block, upgrade or take back', async () => {
    const { token } = await setUp();
    const names = token.interface.fragments
      .filter(({ type }) => type === 'function')
      .map((fragment) => Reflect.get(fragment, 'name'));

    expect(names.toSorted()).to.deep.equal(
      [
        ...['DEFAULT_ADMIN_ROLE', 'DOMAIN_SEPARATOR', 'MINTER', 'allowance', 'approve', 'balanceOf', 'cap'],
        ...['decimals', 'eip712Domain', 'getRoleAdmin', 'grantRole', 'hasRole', 'mint', 'name', 'nonces'],
        ...['permit', 'renounceRole', 'revokeRole', 'supportsInterface', 'symbol', 'totalSupply'],
        ...['transfer', 'transferFrom'],
      ].toSorted(),
    );
  });
});
