import { join } from 'node:path';
import { epochBuildCommand } from '../../src/settlement/epoch-build-command.ts';
import { runEpochBuild } from '../../src/settlement/run-epoch-build.ts';
import { createStore } from '../../src/store/store.ts';
import { expectError } from '../support/expect-error.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

const REWARDS = `0x${'a'.repeat(40)}`;
const NETWORK = `net_${'0'.repeat(32)}`;
const printer = { print: () => {}, progress: () => {} };

describe('epoch-build', function () {
  this.timeout(30_000);
  let place: Awaited<ReturnType<typeof createTempDirectory>>;
  beforeEach(async () => {
    place = await createTempDirectory();
  });
  afterEach(() => place.remove());
  const build = (signal = new AbortController().signal) =>
    runEpochBuild(
      {
        id: { chainId: 31_337, rewards: REWARDS, epoch: 1 },
        networkId: NETWORK,
        dataDir: place.path,
        databaseUrl: undefined,
        verify: 'odd',
        out: undefined,
      },
      signal,
    );

  it('error NOT_FOUND_EPOCH: the process tells why, beside an orchestrator that has the store open', async () => {
    const store = await createStore({ file: join(place.path, 'rios.db') });
    try {
      await expectError(build(), 'NOT_FOUND_EPOCH');
    } finally {
      await store.destroy();
    }
  });

  it('error SERVICE_UNAVAILABLE: aborted before or while it runs, or without a store', async () => {
    await expectError(build(AbortSignal.abort()), 'SERVICE_UNAVAILABLE');
    await expectError(build(AbortSignal.timeout(5)), 'SERVICE_UNAVAILABLE');
  });

  for (const [what, args] of Object.entries({
    nothing: [],
    'a rewards contract that is none': [
      '--chain-id=1',
      '--rewards=0x1',
      '--epoch=1',
      `--network-id=${NETWORK}`,
      '--verify=odd',
    ],
    'an epoch that is none': [
      '--chain-id=1',
      `--rewards=${REWARDS}`,
      '--epoch=-1',
      `--network-id=${NETWORK}`,
      '--verify=odd',
    ],
    'no half': [
      '--chain-id=1',
      `--rewards=${REWARDS}`,
      '--epoch=1',
      `--network-id=${NETWORK}`,
      '--verify=all',
    ],
  })) {
    it(`error USER_INVALID_REQUEST: ${what}`, async () => {
      await expectError(epochBuildCommand(args, {}, printer), 'USER_INVALID_REQUEST');
    });
  }
});
