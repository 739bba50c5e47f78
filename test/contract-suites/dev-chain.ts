import { rosTokenAbi } from '@rios/sdk/chain/contracts/ros-token';
import { checkDeployment, type DeploymentConfig, deploy } from '@rios/sdk/chain/deployment';
import { expect } from 'chai';
import { Contract, Interface, JsonRpcProvider, toQuantity, Wallet } from 'ethers';
import { callRpc } from '../support/json-rpc.ts';

/** A running chain, and a key of it whose account has coin. */
export interface ChainUnderTest {
  readonly rpcUrl: string;
  readonly chainId: number;
  readonly key: string;
  stop(): Promise<void>;
}

const STRANGER = '0x00000000000000000000000000000000000beef1';
const DAY = 86_400;

const deploymentBy = (deployer: string): DeploymentConfig => ({
  cap: 10n ** 27n,
  deployer,
  treasury: deployer,
  harmedPool: deployer,
  beneficiary: deployer,
  publisher: deployer,
  guardian: deployer,
  judges: [deployer],
  rewardsDelay: DAY,
  feeBps: 1000,
  exitDelay: DAY,
  rules: {
    unbondPeriod: 7 * DAY,
    maxEvidenceAge: DAY,
    challengePeriod: DAY,
    vetoPeriod: DAY,
    quorum: 1,
    equivocationBps: 10_000,
  },
  timelock: { minDelay: DAY, proposers: [deployer], executors: [deployer] },
});

/** What RiOS asks of a chain for development, over JSON-RPC. Run it once per chain. */
export function devChainContract(name: string, start: () => Promise<ChainUnderTest>): void {
  describe(`dev chain ${name}`, function () {
    this.timeout(60_000);
    let chain: ChainUnderTest;
    let provider: JsonRpcProvider;
    let wallet: Wallet;
    before(async () => {
      chain = await start();
      provider = new JsonRpcProvider(chain.rpcUrl, chain.chainId, { cacheTimeout: -1, staticNetwork: true });
      provider.pollingInterval = 5;
      wallet = new Wallet(chain.key, provider);
    });
    after(async () => {
      provider?.destroy();
      await chain?.stop();
    });
    const rpc = (method: string, ...params: unknown[]) => callRpc(chain.rpcUrl, method, params);
    const transfer = async (over: object = {}) => {
      const nonce = await wallet.getNonce();
      const gas = { gasLimit: 21_000, maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 10n ** 9n };
      return { to: STRANGER, value: 1n, nonce, chainId: chain.chainId, type: 2, ...gas, ...over };
    };
    const send = async (over: object = {}) =>
      rpc('eth_sendRawTransaction', await wallet.signTransaction(await transfer(over)));

    it('default: a signed transaction is in a block when it is answered', async () => {
      const before = await provider.getBlockNumber();
      const { result: hash } = await send({ value: 7n });

      const receipt = await provider.getTransactionReceipt(String(hash));
      expect(receipt).to.include({ status: 1, blockNumber: before + 1, from: wallet.address });
      expect(await provider.getBalance(STRANGER)).to.equal(7n);
      expect(await provider.getBlockNumber()).to.equal(before + 1);
    });

    it('behaviour: it says its id, and its tags', async () => {
      expect(await rpc('eth_chainId')).to.deep.equal({ result: toQuantity(chain.chainId) });
      expect(await rpc('net_version')).to.deep.equal({ result: String(chain.chainId) });
      for (const tag of ['earliest', 'finalized', 'safe', 'latest'] as const) {
        expect((await provider.getBlock(tag))?.hash, tag).to.match(/^0x[0-9a-f]{64}$/);
      }
    });

    it('behaviour: fees can be estimated', async () => {
      const gas = await provider.estimateGas({ from: wallet.address, to: STRANGER, value: 1n });
      expect(Number(gas)).to.be.within(21_000, 21_100);
      expect((await provider.getFeeData()).maxFeePerGas).to.be.a('bigint');
      expect((await rpc('eth_feeHistory', '0x2', 'latest', [])).error).to.equal(undefined);
    });

    it('behaviour: a batch is answered one by one', async () => {
      const answers = await Promise.all([provider.getBlockNumber(), provider.getBalance(STRANGER)]);

      expect(answers[0]).to.be.greaterThan(0);
      expect(answers[1] > 0n).to.equal(true);
    });

    it('behaviour: the contracts of RiOS are deployed once, and are what was asked for', async () => {
      const config = deploymentBy(wallet.address);
      const addresses = await deploy(wallet, config);
      const height = await provider.getBlockNumber();

      expect(await deploy(wallet, config)).to.deep.equal(addresses);
      expect(await provider.getBlockNumber()).to.equal(height);
      const deviations = await checkDeployment(provider, config);
      expect(new Set(deviations.map(({ what }) => what))).to.deep.equal(
        new Set(['the deployer still has the admin role']),
      );
    });

    it('behaviour: a refusal of a contract comes with its error, before and after it is mined', async () => {
      const { token } = await deploy(wallet, deploymentBy(wallet.address));
      const data = new Interface(rosTokenAbi).encodeFunctionData('mint', [STRANGER, 1n]);
      const call = { from: wallet.address, to: token, data };

      const { error } = await rpc('eth_call', call, 'latest');
      const parsed = new Interface(rosTokenAbi).parseError(String(error?.data));
      expect(parsed?.name).to.equal('AccessControlUnauthorizedAccount');
      const { result: hash } = await send({ to: token, data, value: 0n, gasLimit: 100_000 });
      expect(await provider.getTransactionReceipt(String(hash))).to.include({ status: 0 });
    });

    it('behaviour: events are found by contract and topic', async () => {
      const { token } = await deploy(wallet, deploymentBy(wallet.address));
      const ros = new Contract(token, rosTokenAbi, wallet);
      const minter = await ros.getFunction('MINTER')();
      await (await ros.getFunction('grantRole')(minter, wallet.address)).wait();
      const mined = await (await ros.getFunction('mint')(STRANGER, 5n)).wait();

      const found = await ros.queryFilter('Transfer', mined.blockNumber, mined.blockNumber);
      expect(found).to.have.length(1);
      expect(found[0]?.transactionHash).to.equal(mined.hash);
      expect(await ros.queryFilter('Transfer', 0, mined.blockNumber - 1)).to.deep.equal([]);
    });

    it('behaviour: time is moved on', async () => {
      const before = await provider.getBlock('latest');
      await rpc('evm_increaseTime', 8 * DAY);
      await rpc('evm_mine');

      const after = await provider.getBlock('latest');
      expect(after?.number).to.equal((before?.number ?? 0) + 1);
      expect((after?.timestamp ?? 0) - (before?.timestamp ?? 0)).to.be.within(8 * DAY, 8 * DAY + 600);
    });

    it('error: a nonce used before, another chain’s transaction, nobody’s money: refused, and no block', async () => {
      const poor = Wallet.createRandom();
      const unpaid = await poor.signTransaction({ ...(await transfer()), nonce: 0 });
      const height = await provider.getBlockNumber();

      expect((await send({ nonce: 0 })).error, 'nonce').to.not.equal(undefined);
      expect((await send({ chainId: chain.chainId + 1 })).error, 'chain').to.not.equal(undefined);
      expect((await rpc('eth_sendRawTransaction', unpaid)).error, 'money').to.not.equal(undefined);
      expect((await rpc('eth_sendRawTransaction', '0x1234')).error, 'bytes').to.not.equal(undefined);
      expect(await provider.getBlockNumber()).to.equal(height);
    });

    it('error: a method that there is not', async () => {
      expect((await rpc('rios_nothing')).error?.code).to.equal(-32_601);
    });
  });
}
