import { expect } from 'chai';
import {
  acquireLease,
  holdsLease,
  releaseLease,
  seizeLease,
} from '../../packages/orchestrator/src/store/leases.ts';
import { putNetworkFact } from '../../packages/orchestrator/src/store/network.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { until } from '../support/until.ts';

const LONG_MS = 60_000;

/** One holder at a time, and tokens that tell an old holder from a new one. */
export function describeLeases(store: () => Store): void {
  it('default: one of many gets a lease, and may make it longer', async () => {
    const holders = Array.from({ length: 10 }, (_, index) => `orchestrator ${index}`);
    const got = await Promise.all(
      holders.map((holder) => acquireLease(store(), 'planning', holder, LONG_MS)),
    );
    const [lease, ...others] = got.filter((one) => one !== undefined);

    expect(lease).to.include({ name: 'planning', token: 1 });
    expect(others).to.deep.equal([]);
    expect(await acquireLease(store(), 'planning', lease?.holder ?? '', LONG_MS)).to.deep.equal(lease);
    expect(await acquireLease(store(), 'billing', 'another', LONG_MS)).to.include({ token: 1 });
  });

  it('behaviour: after its end another may have it, with a higher token; the old holder has lost it', async () => {
    const old = await acquireLease(store(), 'planning', 'a', 50);
    if (old === undefined) expect.fail('the lease was free');
    const taken = await until('the end of the lease', () => acquireLease(store(), 'planning', 'b', LONG_MS));

    expect(taken.token).to.be.greaterThan(old.token);
    expect(await holdsLease(store(), old)).to.equal(false);
    expect(await holdsLease(store(), taken)).to.equal(true);
    await releaseLease(store(), old);
    expect(await holdsLease(store(), taken), 'an old holder gives nothing back').to.equal(true);
  });

  it('behaviour: given back it is free at once, and tokens never come again', async () => {
    const tokens: number[] = [];
    for (const holder of ['a', 'b', 'a', 'a']) {
      const lease = await acquireLease(store(), 'planning', holder, LONG_MS);
      if (lease === undefined) expect.fail('the lease was free');
      tokens.push(lease.token);
      await releaseLease(store(), lease);
    }

    expect(tokens).to.deep.equal([1, 2, 3, 4]);
  });

  it('behaviour: the only owner of a store takes it from whoever had it', async () => {
    const old = await acquireLease(store(), 'planning', 'a', LONG_MS);
    if (old === undefined) expect.fail('the lease was free');
    const seized = await seizeLease(store(), 'planning', 'b', LONG_MS);

    expect(seized).to.include({ holder: 'b' });
    expect(seized.token).to.be.greaterThan(old.token);
    expect(await holdsLease(store(), old)).to.equal(false);
    expect(await holdsLease(store(), seized)).to.equal(true);
  });

  it('behaviour: a transaction of one who lost the lease writes nothing', async () => {
    const old = await acquireLease(store(), 'planning', 'a', LONG_MS);
    if (old === undefined) expect.fail('the lease was free');
    await releaseLease(store(), old);
    await acquireLease(store(), 'planning', 'b', LONG_MS);

    const outcome = await store()
      .transaction()
      .execute(async (tx) => {
        if (!(await holdsLease(tx, old))) return 'lost';
        await putNetworkFact(tx, 'plan', 'of a');
        return 'written';
      });
    expect(outcome).to.equal('lost');
  });
}
