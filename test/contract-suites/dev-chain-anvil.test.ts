import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Wallet } from 'ethers';
import { freePort } from '../support/free-port.ts';
import { callRpc } from '../support/json-rpc.ts';
import { until } from '../support/until.ts';
import { devChainContract } from './dev-chain.ts';

const CHAIN_ID = 31_337;
/** What anvil gives its first account, on every machine. */
const KEY = Wallet.fromPhrase('test test test test test test test test test test test junk').privateKey;

const isThere = spawnSync('anvil', ['--version']).status === 0;

if (isThere) {
  devChainContract('anvil', async () => {
    const port = await freePort();
    const args = ['--port', String(port), '--chain-id', String(CHAIN_ID), '--hardfork', 'cancun', '--silent'];
    const anvil = spawn('anvil', args, { stdio: 'ignore' });
    const rpcUrl = `http://127.0.0.1:${port}`;
    await until('anvil to answer', () => callRpc(rpcUrl, 'eth_chainId').catch(() => undefined), 20_000);
    return { rpcUrl, chainId: CHAIN_ID, key: KEY, stop: () => end(anvil) };
  });
} else console.log('  no anvil in PATH: the suite of dev chains runs on ours alone');

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
