import { type AddressLike, resolveAddress, type Signer, type TypedDataDomain } from 'ethers';

/** Later than any block of a test. */
export const FAR = 4_000_000_000n;

export const VOUCHER_TYPES = {
  Voucher: [
    { name: 'payer', type: 'address' },
    { name: 'cumulative', type: 'uint128' },
    { name: 'deadline', type: 'uint64' },
  ],
};

const STATEMENT_TYPES = {
  Statement: [
    { name: 'workerId', type: 'bytes32' },
    { name: 'requestId', type: 'bytes32' },
    { name: 'commitment', type: 'bytes32' },
  ],
};

const PERMIT_TYPES = {
  Permit: [
    { name: 'owner', type: 'address' },
    { name: 'spender', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
};

/** What all signatures of a test name: the chain, and the contract that reads them. */
export interface Place {
  readonly chainId: number;
  readonly contract: AddressLike;
}

async function domainOf(name: string, { chainId, contract }: Place): Promise<TypedDataDomain> {
  return { name, version: '1', chainId, verifyingContract: await resolveAddress(contract) };
}

/** A voucher for an escrow; `payer` is the signer unless a session key or a contract wallet is meant. */
export async function signVoucher(
  signer: Signer,
  place: Place,
  cumulative: bigint,
  { payer, deadline = FAR }: { payer?: string; deadline?: bigint } = {},
) {
  const told = { payer: payer ?? (await signer.getAddress()), cumulative, deadline };
  const signature = await signer.signTypedData(
    await domainOf('RiOS DepositEscrow', place),
    VOUCHER_TYPES,
    told,
  );
  return { ...told, signature };
}

/** An operator's statement about one request, for the registry. */
export async function signStatement(
  signer: Signer,
  place: Place,
  told: { workerId: string; requestId: string; commitment: string },
) {
  const signature = await signer.signTypedData(
    await domainOf('RiOS WorkerRegistry', place),
    STATEMENT_TYPES,
    told,
  );
  return { requestId: told.requestId, commitment: told.commitment, signature };
}

/** A permit (EIP-2612) of the token at `place`, as the parts that contracts take. */
export async function signPermit(
  signer: Signer,
  place: Place,
  told: { spender: string; value: bigint; nonce: bigint; deadline?: bigint },
) {
  const values = { deadline: FAR, owner: await signer.getAddress(), ...told };
  const signature = await signer.signTypedData(await domainOf('RiOS', place), PERMIT_TYPES, values);
  const bytes = signature.slice(2);
  return {
    deadline: values.deadline,
    r: `0x${bytes.slice(0, 64)}`,
    s: `0x${bytes.slice(64, 128)}`,
    v: Number.parseInt(bytes.slice(128), 16),
  };
}
