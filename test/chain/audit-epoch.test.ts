import { hasCode } from '@rios/sdk/errors/error';
import { type AuditOptions, auditEpoch } from '@rios/sdk/settlement/audit-epoch';
import { expect } from 'chai';
import { id, toQuantity } from 'ethers';
import fc from 'fast-check';
import { failureOf } from '../support/failure-of.ts';
import { type LyingRpc, startLyingRpc } from '../support/lying-rpc.ts';
import { junk, mangle } from '../support/mangle.ts';
import { type BuiltFile, type SettledChain, startSettledChain } from '../support/settled-chain.ts';

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describe('audit of an epoch', () => {
  let world: SettledChain;
  let rpc: LyingRpc;
  let first: BuiltFile;
  beforeEach(async () => {
    world = await startSettledChain();
    rpc = await startLyingRpc(world.rpcUrl);
    first = world.build();
  });
  afterEach(async () => {
    await rpc.stop();
    await world.stop();
  });

  const audit = ({ text, epoch }: BuiltFile, over: Partial<AuditOptions> = {}) =>
    auditEpoch(chunksOf(text), { epoch: epoch.header.epoch, rpcUrl: rpc.url, timeoutMs: 2_000, ...over });
  const kindsOf = async (...args: Parameters<typeof audit>) => {
    const { equal, findings } = await audit(...args);
    expect(equal).to.equal(findings.length === 0);
    return findings.map(({ kind }) => kind);
  };

  it('default: what was published is what the receipts come to, while it waits and when it counts', async () => {
    await world.publish(first);
    const { equal, chain, findings } = await audit(first);
    expect({ equal, findings }).to.deep.equal({ equal: true, findings: [] });
    expect(chain?.publications).to.have.length(1);
    expect(chain?.publications[0]).to.include({
      state: 'waits',
      root: first.epoch.tree.root,
      receiptsRoot: first.written.receiptsRoot,
      totalWei: first.epoch.sums.totalWei,
    });

    const second = world.buildAfter(first);
    await world.publish(second);
    const third = world.buildAfter(second, { receipts: [] });
    await world.publish(third);
    for (const file of [first, second, third]) {
      const audited = await audit(file);
      const what = `epoch ${file.epoch.header.epoch}`;
      expect(audited.findings, what).to.deep.equal([]);
      expect(audited.chain?.publications[0]?.state, what).to.equal(file === third ? 'waits' : 'counts');
    }
  });

  it('behaviour: a root that is not on the chain', async () => {
    expect(await kindsOf(first)).to.deep.equal(['absent']);

    await world.publish(first, { root: id('another') });
    expect(await kindsOf(first)).to.deep.equal(['root']);
  });

  it('behaviour: another total, another receipts root', async () => {
    await world.publish(first, { total: first.epoch.sums.totalWei + 1n, receiptsRoot: id('other receipts') });
    const { findings } = await audit(first);

    expect(findings.map(({ kind }) => kind)).to.deep.equal(['receipts-root', 'total']);
    expect(findings[1]).to.include({
      expected: String(first.epoch.sums.totalWei + 1n),
      actual: String(first.epoch.sums.totalWei),
    });
  });

  it('behaviour: a vetoed root; the one that takes its place is equal', async () => {
    await world.publish(first);
    await world.veto(1);
    expect(await kindsOf(first)).to.deep.equal(['vetoed']);

    const anew = world.build({ workers: 5 });
    await world.publish(anew);
    expect(await kindsOf(first)).to.deep.equal(['vetoed']);
    const { equal, chain } = await audit(anew);
    expect(equal).to.equal(true);
    expect(chain?.publications.map(({ state }) => state)).to.deep.equal(['vetoed', 'waits']);
  });

  it('behaviour: a vetoed root that is published again counts', async () => {
    await world.publish(first);
    await world.veto(1);
    await world.publish(first);

    expect(await kindsOf(first)).to.deep.equal([]);
  });

  it('behaviour: amounts before that the epoch before did not owe', async () => {
    await world.publish(first);
    const invented = world.buildAfter(world.build({ workers: 9 }));
    await world.publish(invented);
    expect(await kindsOf(invented)).to.deep.equal(['before', 'before']);

    const forgotten = world.build({ epoch: 2 });
    expect(await kindsOf(forgotten)).to.include.members(['before', 'root']);
  });

  it('behaviour: the file of another epoch, another contract', async () => {
    await world.publish(first);
    await world.publish(world.buildAfter(first));
    expect(await kindsOf(first, { epoch: 2 })).to.include.members(['epoch', 'root', 'receipts-root']);
    expect(await kindsOf(first, { epoch: 7 })).to.include.members(['epoch', 'absent']);

    const trusted = { chainId: world.chain.chainId, rewards: world.contracts.rewards.address };
    expect(await kindsOf(first, { trusted })).to.deep.equal([]);
    const elsewhere = world.build({ rewards: world.addresses.token });
    expect(await kindsOf(elsewhere, { trusted })).to.include('contract');
  });

  it('behaviour: another share for the platform than the contract has', async () => {
    const file = world.build({
      feeBps: 500,
      receipts: [],
      before: [{ account: `0x${'1'.repeat(40)}`, cumulativeWei: 1n }],
    });

    expect(await kindsOf(file)).to.include('contract');
  });

  it('behaviour: a file that breaks off asks no chain', async () => {
    const { chain, findings } = await audit({ ...first, text: first.text.slice(0, -20) });

    expect(chain).to.equal(undefined);
    expect(findings.map(({ kind }) => kind)).to.deep.equal(['form']);
    expect(rpc.methods).to.deep.equal([]);
  });

  it('behaviour: an RPC that gives few blocks at once is asked for fewer', async () => {
    await world.publish(first);
    rpc.setRule((call) => {
      if (call.method !== 'eth_getLogs') return undefined;
      const [{ fromBlock, toBlock } = { fromBlock: '0x0', toBlock: '0x0' }] = call.params as {
        fromBlock: string;
        toBlock: string;
      }[];
      if (Number(toBlock) - Number(fromBlock) < 4) return undefined;
      return { error: { code: -32_005, message: 'query exceeds max block range 4' } };
    });

    expect(await kindsOf(first)).to.deep.equal([]);
  });

  it('behaviour: from a block after the publication on, it is not seen', async () => {
    await world.publish(first);
    const fromBlock = (await world.chain.provider.getBlockNumber()) + 1;
    expect(await kindsOf(first, { fromBlock: fromBlock - 1 })).to.deep.equal([]);
    await world.publish(world.buildAfter(first));

    expect(await kindsOf(first, { fromBlock })).to.deep.equal(['absent']);
  });

  it('error CHAIN_UNSUPPORTED: the file names a contract that is not there', async () => {
    const file = world.build({ rewards: world.signers.judge.address });
    expect((await failureOf(audit(file))).code).to.equal('CHAIN_UNSUPPORTED');
  });

  it('error CHAIN_WRONG_ID: the file is of another chain', async () => {
    expect((await failureOf(audit(world.build({ chainId: 1 })))).code).to.equal('CHAIN_WRONG_ID');
  });

  it('error CHAIN_TIMEOUT: the RPC hangs, or never ends its answer', async () => {
    await world.publish(first);
    for (const method of ['eth_chainId', 'eth_getLogs', 'eth_call']) {
      for (const lie of ['hang', 'half'] as const) {
        rpc.setRule((call) => (call.method === method ? lie : undefined));
        const error = await failureOf(audit(first, { timeoutMs: 100 }));
        expect(error.code, `${method} ${lie}`).to.equal('CHAIN_TIMEOUT');
      }
    }
  });

  it('error CHAIN_UNREACHABLE: the RPC goes away', async () => {
    rpc.setRule((call) => (call.method === 'eth_getLogs' ? 'cut' : undefined));
    expect((await failureOf(audit(first))).code).to.equal('CHAIN_UNREACHABLE');
  });

  for (const method of ['eth_blockNumber', 'eth_getCode', 'eth_getLogs', 'eth_call']) {
    it(`behaviour: ${method}: whatever is in its answer, it is the chain’s fault, or shows as a difference`, async () => {
      await world.publish(first, { root: id('another') });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(40), { maxLength: 3 }), junk, async (path, value) => {
          rpc.setRule(async (call, ask) => {
            if (call.method !== method) return undefined;
            return { result: mangle((await ask(call.method, call.params)).result, path, value) };
          });
          const outcome = await kindsOf(first).catch((error: unknown) => error);
          const isFine = Array.isArray(outcome)
            ? outcome.includes('root') || outcome.includes('absent')
            : hasCode(outcome) && outcome.code.startsWith('CHAIN_');
          expect(isFine, `${JSON.stringify(value)} at ${path}: ${String(outcome)}`).to.equal(true);
        }),
        { numRuns: Number(process.env.RIOS_FUZZ_RUNS ?? 30) },
      );
    }).timeout(600_000);
  }

  describe('error CHAIN_BAD_ANSWER: an RPC that lies', () => {
    beforeEach(() => world.publish(first));

    it('hides the publication, or all events', async () => {
      rpc.setRule((call) => (call.method === 'eth_getLogs' ? { result: [] } : undefined));
      expect((await failureOf(audit(first))).code).to.equal('CHAIN_BAD_ANSWER');
    });

    it('tells of another root in the event than in the state', async () => {
      rpc.setRule(async (call, ask) => {
        if (call.method !== 'eth_getLogs') return undefined;
        const { result } = await ask(call.method, call.params);
        const text = JSON.stringify(result).replaceAll(first.epoch.tree.root.slice(2), '1'.repeat(64));
        return { result: JSON.parse(text) };
      });
      expect((await failureOf(audit(first))).code).to.equal('CHAIN_BAD_ANSWER');
    });

    it('gives the publication twice', async () => {
      rpc.setRule(async (call, ask) => {
        if (call.method !== 'eth_getLogs') return undefined;
        const { result } = await ask(call.method, call.params);
        return { result: [result, result].flat() };
      });
      expect((await failureOf(audit(first))).code).to.equal('CHAIN_BAD_ANSWER');
    });

    it('gives bytes that are no event, or no state', async () => {
      rpc.setRule(async (call, ask) => {
        if (call.method !== 'eth_getLogs') return undefined;
        const { result } = await ask(call.method, call.params);
        return { result: (result as object[]).map((log) => ({ ...log, data: '0x1234' })) };
      });
      expect((await failureOf(audit(first))).code).to.equal('CHAIN_BAD_ANSWER');
      for (const result of ['0x', '0x1234', null, `0x${'ff'.repeat(128)}`]) {
        rpc.setRule((call) => (call.method === 'eth_call' ? { result } : undefined));
        expect((await failureOf(audit(first))).code, String(result)).to.equal('CHAIN_BAD_ANSWER');
      }
    });

    it('gives no more than one block at once, of a chain without end', async () => {
      rpc.setRule((call) => {
        if (call.method === 'eth_blockNumber') return { result: toQuantity(2n ** 40n) };
        if (call.method !== 'eth_getLogs') return undefined;
        const [{ fromBlock, toBlock } = { fromBlock: '', toBlock: '' }] = call.params as {
          fromBlock: string;
          toBlock: string;
        }[];
        if (fromBlock === toBlock) return { result: [] };
        return { error: { code: -32_005, message: 'too many blocks' } };
      });
      const error = await failureOf(audit(first));
      expect(error.code).to.equal('CHAIN_UNSUPPORTED');
      expect(error.hint).to.contain('--from-block');
    }).timeout(120_000);
  });
});
