import { describeLink } from '../../../../test/contract-suites/link.ts';
import { createLink } from '../../src/wire/connect.ts';
import { createMemoryPair } from '../../src/wire/memory-pair.ts';
import { DATA } from '../../src/wire/methods.ts';

describeLink('a memory pair', async (diallerHandlers, listenerHandlers) => {
  const [near, far] = createMemoryPair();
  const ends = { protocol: DATA };
  const dialler = createLink(near, { ...ends, peerId: 'listener', dialler: true, handlers: diallerHandlers });
  const listener = createLink(far, {
    ...ends,
    peerId: 'dialler',
    dialler: false,
    handlers: listenerHandlers,
  });
  return {
    dialler,
    listener,
    diallerId: 'dialler',
    async close() {
      await dialler.close();
      await listener.close();
    },
  };
});
