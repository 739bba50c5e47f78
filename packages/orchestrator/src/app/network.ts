import { systemClock } from '@rios/sdk/clock';
import type { ChainSource } from '../chain/chain-source.ts';
import { createChainAccess } from '../chain/create-chain-access.ts';
import type { Config } from '../config.ts';
import type { FaultPoint } from '../fault-point.ts';
import { createNetwork } from '../network.ts';
import { pickAddresses } from '../p2p/pick-addresses.ts';
import type { Blobs } from '../services/blobs.ts';
import type { AppSecrets } from '../services/deployments/app-secrets.ts';
import { createInvites, type Invites, MAX_INVITE_ADDRESSES } from '../services/invites.ts';
import type { Network } from '../services/network-port.ts';
import type { Core } from './core.ts';

const clock = systemClock;

/** The peer-to-peer side, and the invites by which others come to it. */
export async function openNetwork(
  { listen, announce, chain }: Config,
  core: Core & {
    readonly chain: ChainSource;
    readonly blobs: Blobs;
    readonly secrets: AppSecrets;
    readonly point: FaultPoint;
  },
): Promise<{ network: Network; invites: Invites }> {
  const { networkId } = core.networkKey;
  const network: Network = await createNetwork({
    ...core,
    redeem: (request) => invites.redeem(request),
    listen,
    announce,
    clock,
    chainAccess: chain.file === undefined ? undefined : createChainAccess(core.chain, { networkId, clock }),
  });
  const invites = createInvites({
    store: core.store,
    clock,
    networkKey: core.networkKey.publicKey,
    addresses: () => pickAddresses(network.directory.addresses(), MAX_INVITE_ADDRESSES),
  });
  return { network, invites };
}
