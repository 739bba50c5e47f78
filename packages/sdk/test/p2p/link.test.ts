import { describeLink } from '../../../../test/contract-suites/link.ts';
import type { Link } from '../../src/wire/link.ts';
import { DATA } from '../../src/wire/methods.ts';
import { addressOf, startPeer } from './start-peer.ts';

describeLink('libp2p on loopback TCP', async (diallerHandlers, listenerHandlers) => {
  const near = await startPeer({ listen: [] });
  const far = await startPeer();
  const arrived = Promise.withResolvers<Link>();
  await far.serve(DATA, listenerHandlers, arrived.resolve);
  const dialler = await near.connect(addressOf(far), DATA, { handlers: diallerHandlers });
  return {
    dialler,
    listener: await arrived.promise,
    diallerId: near.peerId,
    async close() {
      await near.stop();
      await far.stop();
    },
  };
});
