import { formatRos } from './amounts.ts';

/** Arguments of a custom error by their names, as ethers decodes them. */
export type RevertArguments = Readonly<Record<string, unknown>>;

const ros = (value: unknown) => formatRos(BigInt(String(value)));
/** Far beyond what a date can say: the end of time. */
const MAX_SECONDS = 8.64e12;
const time = (value: unknown) => new Date(Math.min(Number(value), MAX_SECONDS) * 1000).toISOString();

/** One plain sentence for each custom error that our contracts can end with. */
export const REVERT_SENTENCES: Readonly<Record<string, (args: RevertArguments) => string>> = {
  // DepositEscrow
  BadVoucherSignature: ({ payer }) =>
    `The voucher is signed neither by ${payer} nor by a live session key of it.`,
  ExitNotReady: ({ readyAt }) => `The deposit can be withdrawn from ${time(readyAt)} on.`,
  InsufficientBalance: ({ payer, balance, needed }) =>
    `The deposit of ${payer} is ${ros(balance)}, and ${ros(needed)} are needed.`,
  InvalidSession: () => 'A session needs a key, and an end that lies in the future.',
  NoExit: () => 'There is no withdrawal under way: begin one first.',
  NoSession: ({ key }) => `The key ${key} has no live session.`,
  SessionReduced: ({ key }) => `The live session of ${key} can only be widened: let it end, or revoke it.`,
  VoucherExpired: ({ deadline }) => `The voucher could be collected until ${time(deadline)} only.`,
  VoucherStale: ({ spent, cumulative }) =>
    `The voucher says ${ros(cumulative)} in all, and ${ros(spent)} are collected already.`,
  WrongAmountReceived: ({ expected, received }) =>
    `The token gave ${ros(received)} where ${ros(expected)} were due.`,

  // WorkerRegistry
  AlreadyApproved: ({ judge }) => `The judge ${judge} has agreed already.`,
  AlreadyProposed: ({ slashId }) => `The same slash is proposed already: ${slashId}.`,
  AlreadyRegistered: ({ workerId }) => `The worker ${workerId} is registered already.`,
  ApprovalTooLate: ({ until }) => `Judges could agree until ${time(until)} only.`,
  EvidenceOutOfTime: ({ faultTime }) => `The fault of ${time(faultTime)} is too old, or lies in the future.`,
  EvidenceUsed: ({ evidenceHash }) => `The evidence ${evidenceHash} was used already.`,
  InsufficientStake: ({ stake, amount }) => `The stake is ${ros(stake)}, and ${ros(amount)} were asked for.`,
  NoEquivocation: () => 'The two statements do not contradict each other, or the operator did not sign both.',
  NotRegistered: ({ workerId }) => `The worker ${workerId} is not registered: register it first.`,
  NothingUnbonding: ({ workerId }) => `Nothing of the worker ${workerId} is unbonding: begin with unstake.`,
  QuorumMissing: ({ approvals, quorum }) => `${approvals} judges agreed, and ${quorum} must.`,
  SlashClosed: ({ slashId }) => `The proposal ${slashId} to slash is closed.`,
  SlashNotReady: ({ executableAt }) => `The slash can be carried out from ${time(executableAt)} on.`,
  StillBonded: ({ workerId }) => `The worker ${workerId} still has stake: unstake and withdraw it first.`,
  UnbondingNotOver: ({ unbondAt }) => `The stake can be withdrawn from ${time(unbondAt)} on.`,
  UnknownSlash: ({ slashId }) => `There is no proposal ${slashId} to slash.`,
  ZeroAddress: () => 'The address is zero.',
  ZeroAmount: () => 'The amount is zero.',

  // RosRewards
  BadProof: ({ account }) => `The proof does not lead from the amount of ${account} to the live root.`,
  EmptyRoot: () => 'The root is zero.',
  EpochPending: ({ epoch }) => `The root of epoch ${epoch} still waits for its time.`,
  NotReady: ({ readyAt }) => `The root takes effect from ${time(readyAt)} on.`,
  NothingPending: () => 'No such root waits.',
  NothingToClaim: ({ account }) => `Everything that is owed to ${account} was paid already.`,
  TotalDecreased: ({ live, total }) => `The total of ${ros(total)} is below the live one of ${ros(live)}.`,
  VetoTooLate: () => 'The time for a veto is over.',
  WrongEpoch: ({ expected, actual }) => `The next epoch is ${expected}, not ${actual}.`,
  InvalidConfiguration: () => 'The contract was given a configuration that it refuses.',

  // RosToken (OpenZeppelin)
  ERC20ExceededCap: ({ increasedSupply, cap }) =>
    `The supply would be ${ros(increasedSupply)}, above the cap of ${ros(cap)}.`,
  ERC20InsufficientAllowance: ({ spender, allowance, needed }) =>
    `${spender} may take ${ros(allowance)}, and ${ros(needed)} are needed: the permit does not fit, or there is none.`,
  ERC20InsufficientBalance: ({ sender, balance, needed }) =>
    `${sender} has ${ros(balance)}, and ${ros(needed)} are needed.`,
  ERC20InvalidApprover: () => 'The zero address cannot approve.',
  ERC20InvalidCap: () => 'The cap of a token cannot be zero.',
  ERC20InvalidReceiver: () => 'ROS cannot be sent to the zero address.',
  ERC20InvalidSender: () => 'ROS cannot be sent from the zero address.',
  ERC20InvalidSpender: () => 'The zero address cannot be a spender.',
  ERC2612ExpiredSignature: ({ deadline }) => `The permit was valid until ${time(deadline)} only.`,
  ERC2612InvalidSigner: ({ owner }) =>
    `The permit is not signed by ${owner} for this token, spender and nonce.`,
  InvalidAccountNonce: ({ account, currentNonce }) => `The next nonce of ${account} is ${currentNonce}.`,

  // what OpenZeppelin's libraries end with
  AccessControlBadConfirmation: () => 'A role can be renounced by its holder alone.',
  AccessControlUnauthorizedAccount: ({ account, neededRole }) => `${account} lacks the role ${neededRole}.`,
  ECDSAInvalidSignature: () => 'The signature is none.',
  ECDSAInvalidSignatureLength: () => 'The signature has not 65 bytes.',
  ECDSAInvalidSignatureS: () => 'The signature is not in its one canonical form.',
  FailedCall: () => 'A call inside of the transaction failed.',
  InvalidShortString: () => 'A short string is damaged.',
  ReentrancyGuardReentrantCall: () => 'The contract was called again from inside of a call.',
  SafeERC20FailedOperation: ({ token }) => `The token ${token} refused.`,
  StringTooLong: () => 'A text is too long.',
  TimelockInsufficientDelay: ({ minDelay }) => `The timelock asks for ${minDelay} seconds at least.`,
  TimelockInvalidOperationLength: () => 'The timelock was given lists of different lengths.',
  TimelockUnauthorizedCaller: ({ caller }) => `${caller} may not ask the timelock.`,
  TimelockUnexecutedPredecessor: () => 'What must come before this is not done yet.',
  TimelockUnexpectedOperationState: () => 'The timelock is not ready for this.',
};
