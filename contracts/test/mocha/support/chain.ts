import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import type { ContractTransactionResponse } from 'ethers';
import { network } from 'hardhat';

/** A fresh chain in this process; `chainId` 31337 counts as a dev chain, any other does not. */
export async function openTestChain(chainId = 31_337) {
  const { ethers, provider } = await network.create({
    network: 'default',
    chainType: 'l1',
    override: { chainId },
  });
  return { ethers, provider, chainId };
}

export type TestChain = Awaited<ReturnType<typeof openTestChain>>;
export type TestSigner = HardhatEthersSigner;

/** Gas that a transaction used, once it is mined. */
export async function gasOf(sent: Promise<ContractTransactionResponse>): Promise<number> {
  const receipt = await (await sent).wait();
  return Number(receipt?.gasUsed ?? 0n);
}

/** Seconds since 1970 of the newest block. */
export async function timeOf({ ethers }: TestChain): Promise<number> {
  return (await ethers.provider.getBlock('latest'))?.timestamp ?? 0;
}

/** Mines a block `seconds` after the newest one. */
export async function wait({ provider }: TestChain, seconds: number): Promise<void> {
  await provider.request({ method: 'evm_increaseTime', params: [seconds] });
  await provider.request({ method: 'evm_mine', params: [] });
}

/** The next block, and so the next transaction, has this time. */
export async function nextTime({ provider }: TestChain, timestamp: number): Promise<void> {
  await provider.request({ method: 'evm_setNextBlockTimestamp', params: [timestamp] });
}
