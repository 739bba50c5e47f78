import { join } from 'node:path';
import { verifyContainerReceipt } from '@rios/sdk/crypto/container-receipt';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { silentLog } from '@rios/sdk/log';
import type { DesiredReplica } from '@rios/sdk/schema/container';
import type { Signed } from '@rios/sdk/schema/trust';
import { expect } from 'chai';
import { createMeter } from '../../src/container/meter.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { tempFolder } from '../support/temp-folder.ts';

const NETWORK = `net_${'0'.repeat(32)}`;
const replica = (id: string): DesiredReplica => ({
  id,
  deploymentId: 'dep_0000000000',
  app: 'hello',
  release: 1,
  tenant: 'a'.repeat(32),
  source: { kind: 'image', image: `x@sha256:${'0'.repeat(64)}` },
  run: [],
  ports: [],
  sealedEnv: '',
  resources: { cpuMillicores: 250, memoryBytes: 64e6, diskBytes: 0, pids: 8, gpus: 0 },
  health: { kind: 'none' },
  sandbox: 'standard',
  egress: [],
  fetchTicket: null,
  attempt: 1,
  prices: { cores: '1', memory: '2', gpus: '3' },
  ticketNonce: id.slice(4).padEnd(32, '0'),
});

describe('createMeter', () => {
  const identity = createIdentity();
  const one = replica('rep_1111111111');

  const setUp = (file = join(tempFolder(), 'usage.json')) => {
    const clock = createFakeClock();
    const sent: Signed[][] = [];
    const first = Promise.withResolvers<void>();
    const state = { accepts: true, monotonic: 0 };
    const meter = createMeter({
      identity,
      networkId: NETWORK,
      file,
      send: async (receipts) => {
        sent.push([...receipts]);
        first.resolve();
        return state.accepts;
      },
      clock,
      monotonic: () => state.monotonic,
      log: silentLog,
    });
    const last = () => (sent.at(-1) ?? []).map((signed) => verifyContainerReceipt(signed, identity.peerId));
    return { meter, clock, sent, firstSent: first.promise, state, last, file };
  };

  it('default: what ran is signed, with its terms, and grows until it ends', async () => {
    const { meter, state, last } = setUp();

    meter.begin(one, 'standard');
    state.monotonic = 1234.9;
    await meter.flush();
    expect(last()).to.have.lengthOf(1);
    expect(last()[0]).to.include({ ranMs: 1234, replicaId: one.id, ticketNonce: one.ticketNonce });
    expect(last()[0]).to.deep.include({ cpuMillicores: 250, prices: one.prices, sandbox: 'standard' });

    state.monotonic = 5000;
    meter.end(one);
    state.monotonic = 9000;
    await meter.flush();
    expect(last()[0]?.ranMs).to.equal(5000);
  });

  it('behaviour: every 10 s by itself', async () => {
    const { meter, clock, sent, firstSent } = setUp();
    await meter.start();
    meter.begin(one, 'standard');

    await clock.advance(9_999);
    expect(sent).to.have.lengthOf(0);
    await clock.advance(1);
    await firstSent;

    expect(sent).to.have.lengthOf(1);
  });

  it('behaviour: what has ended is sent until it was taken, and then no more', async () => {
    const { meter, state, sent } = setUp();
    state.accepts = false;
    meter.begin(one, 'standard');
    meter.end(one);
    await meter.flush();
    await meter.flush();
    expect(sent.every((receipts) => receipts.length === 1)).to.equal(true);

    state.accepts = true;
    await meter.flush();
    const before = sent.length;
    await meter.flush();
    expect(sent).to.have.lengthOf(before);
  });

  it('behaviour: a ticket’s time goes on after a restart of the worker; what nobody watched is not counted', async () => {
    const first = setUp();
    first.meter.begin(one, 'standard');
    first.state.monotonic = 3000;
    await first.meter.flush();

    const second = setUp(first.file);
    await second.meter.start();
    second.state.monotonic = 100_000;
    second.meter.begin(one, 'standard');
    second.state.monotonic = 100_500;
    await second.meter.flush();

    expect(second.last()[0]?.ranMs).to.equal(3500);
  });

  it('behaviour: beginning twice counts once', async () => {
    const { meter, state, last } = setUp();
    meter.begin(one, 'standard');
    state.monotonic = 1000;
    meter.begin(one, 'standard');
    state.monotonic = 2000;
    await meter.flush();

    expect(last()[0]?.ranMs).to.equal(2000);
  });
});
