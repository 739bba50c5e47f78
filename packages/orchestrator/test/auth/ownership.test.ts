import { checkModelChange } from '../../src/auth/ownership.ts';
import type { Principal } from '../../src/auth/principal.ts';
import type { Store } from '../../src/store/store.ts';
import { expectError } from '../support/expect-error.ts';
import { addAccount, openMemoryStore } from '../support/seed-store.ts';

const OWNER = 'acc_0000000001';
const OTHER = 'acc_0000000002';

describe('who may change a model', () => {
  let store: Store;
  beforeEach(async () => {
    store = await openMemoryStore();
    await addAccount(store, OWNER);
    await addAccount(store, OTHER);
    await store
      .insertInto('models')
      .values({
        name: 'tiny',
        model_hash: 'ab'.repeat(32),
        manifest: new Uint8Array(),
        size_bytes: 1,
        parameters: 1,
        state: 'stored',
        reason: '',
        wanted: 0,
        wanted_shape: null,
        wanted_spread: 0,
        wish: 0,
        placement_json: null,
        error_json: null,
        account_id: OWNER,
        created_at: 1,
      })
      .execute();
  });
  afterEach(() => store.destroy());
  const change = (over: Partial<Principal>, name = 'tiny') =>
    checkModelChange(store, { accountId: OWNER, role: 'developer', tokenKind: 'api', ...over }, name);

  it('default: its owner and the admin of the network', async () => {
    await change({});
    await change({ accountId: OTHER, role: 'admin' });
  });

  it('error AUTH_FORBIDDEN: another account, whatever its token', async () => {
    await expectError(change({ accountId: OTHER }), 'AUTH_FORBIDDEN');
    await expectError(change({ accountId: OTHER, tokenKind: 'session' }), 'AUTH_FORBIDDEN');
    await expectError(change({ accountId: '' }), 'AUTH_FORBIDDEN');
  });

  it('error NOT_FOUND_MODEL: there is none', async () => {
    await expectError(change({}, 'other'), 'NOT_FOUND_MODEL');
  });
});
