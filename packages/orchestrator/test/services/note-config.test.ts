import { expect } from 'chai';
import { readConfig } from '../../src/config.ts';
import { auditedSettings, noteConfig } from '../../src/services/note-config.ts';
import { listAudit, verifyAudit } from '../../src/services/users/audit-log.ts';
import type { Store } from '../../src/store/store.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { openMemoryStore } from '../support/seed-store.ts';

describe('noteConfig', () => {
  let store: Store;
  beforeEach(async () => {
    store = await openMemoryStore();
  });
  afterEach(() => store.destroy());
  const start = async (peerId: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const settings = auditedSettings(readConfig(args, env), '1.0.0');
    await noteConfig({ store, clock: createManualClock() }, peerId, settings);
    return listAudit(store, Number.MAX_SAFE_INTEGER, 10);
  };

  it('default: what changed since the last start, each orchestrator for itself', async () => {
    expect(await start('a', [])).to.deep.equal([]);
    expect(await start('b', ['--rate-burst', '7'])).to.deep.equal([]);
    expect(await start('a', [])).to.deep.equal([]);

    const [entry, ...more] = await start('a', ['--rate-burst', '5', '--trusted-proxy', '10.0.0.0/8']);
    expect(more).to.deep.equal([]);
    expect(entry).to.deep.include({ actor: '', action: 'config.change', subject: 'a' });
    expect(entry?.details).to.deep.equal({
      rate: '100 10/s -> 5 10/s',
      trustedProxies: ' -> 10.0.0.0/8',
      outcome: 'ok',
    });
    expect(await verifyAudit(store)).to.include({ ok: true, entries: 1 });
  });

  it('behaviour: no secret gets into it', async () => {
    await start('a', []);
    const entries = await start('a', [], {
      DATABASE_URL: 'postgres://rios:hunter2@db/rios',
      REDIS_URL: 'redis://:hunter2@cache',
      SMTP_URL: 'smtp://user:hunter2@mail',
    });

    expect(entries).to.have.length(1);
    expect(entries[0]?.details).to.include({ store: 'sqlite -> postgres', mail: 'files -> smtp' });
    const kept = await store.selectFrom('network').selectAll().execute();
    expect(JSON.stringify([entries, kept])).to.not.contain('hunter2');
  });
});
