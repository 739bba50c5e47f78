import { concat, getAddress, getCreate2Address, keccak256, type Provider, type Signer } from 'ethers';
import { RiosError } from '../errors/error.ts';

/**
 * The deterministic deployment proxy (github.com/Arachnid/deterministic-deployment-proxy): the same creation code
 * and salt give the same address on every chain. It came to be by one transaction that nobody has the key of.
 */
export const CREATE2_PROXY = getAddress('0x4e59b44847b379578588920ca78fbf26c0b4956c');
/** Who signed that transaction; it needs `FEE_WEI` first. */
const PROXY_MAKER = getAddress('0x3fab184622dc19b6109349b94811493bf2a45362');
const FEE_WEI = 10_000_000_000_000_000n;
const PROXY_TRANSACTION =
  '0xf8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf31ba02222222222222222222222222222222222222222222222222222222222222222a02222222222222222222222222222222222222222222222222222222222222222';

/** Where the proxy puts a contract. `creationCode` with its constructor arguments; `salt` 32 bytes. */
export const create2Address = (salt: string, creationCode: string): string =>
  getCreate2Address(CREATE2_PROXY, salt, keccak256(creationCode));

export async function hasCode(provider: Provider, address: string): Promise<boolean> {
  return (await provider.getCode(address)) !== '0x';
}

/** Makes sure that the proxy is on this chain. @throws RiosError CHAIN_UNSUPPORTED where it cannot be */
export async function ensureCreate2Proxy(signer: Signer): Promise<void> {
  const provider = providerOf(signer);
  if (await hasCode(provider, CREATE2_PROXY)) return;
  if ((await provider.getBalance(PROXY_MAKER)) < FEE_WEI) {
    await (await signer.sendTransaction({ to: PROXY_MAKER, value: FEE_WEI })).wait();
  }
  await (await provider.broadcastTransaction(PROXY_TRANSACTION)).wait();
  if (await hasCode(provider, CREATE2_PROXY)) return;
  throw new RiosError('CHAIN_UNSUPPORTED', 'the deterministic deployment proxy cannot be put on this chain', {
    details: { address: CREATE2_PROXY },
  });
}

/** Puts a contract at its address, unless it is there. Returns whether it did. */
export async function deployAt(signer: Signer, salt: string, creationCode: string): Promise<boolean> {
  const provider = providerOf(signer);
  const address = create2Address(salt, creationCode);
  if (await hasCode(provider, address)) return false;
  const sent = await signer.sendTransaction({ to: CREATE2_PROXY, data: concat([salt, creationCode]) });
  await sent.wait();
  if (await hasCode(provider, address)) return true;
  throw new RiosError('CHAIN_REVERTED', `the contract did not come to be at ${address}`, {
    details: { address, transaction: sent.hash },
  });
}

function providerOf(signer: Signer): Provider {
  if (signer.provider !== null) return signer.provider;
  throw new RiosError('BUG_UNEXPECTED', 'the signer has no chain');
}
