// Bugs as an attacker would hope for them: each is one change of one place in contracts/src. `by` says who has to
// notice: the unit tests, or the fuzz and invariant tests alone.
const ESCROW = 'DepositEscrow';
const REWARDS = 'RosRewards';
const TOKEN = 'RosToken';
const REGISTRY = 'WorkerRegistry';

export const MUTANTS = [
  // DepositEscrow
  mutant(ESCROW, 'unit', 'a voucher pays again', 'voucher.cumulative <= spent', 'voucher.cumulative < spent'),
  mutant(
    ESCROW,
    'unit',
    'a voucher is late a second early',
    'block.timestamp > voucher.deadline',
    'block.timestamp >= voucher.deadline',
  ),
  mutant(
    ESCROW,
    'fuzz',
    'a voucher never ends',
    'if (block.timestamp > voucher.deadline) return (false, SkipReason.Expired, 0);',
    '',
  ),
  mutant(
    ESCROW,
    'fuzz',
    'a voucher beyond the deposit pays a part',
    'if (amount > balance) return (false, SkipReason.InsufficientBalance, 0);',
    'if (amount > balance) amount = balance;',
  ),
  mutant(
    ESCROW,
    'fuzz',
    "anybody's signature is the payer's",
    'if (signer == voucher.payer) return true;',
    'if (signer != address(0)) return true;',
  ),
  mutant(ESCROW, 'fuzz', 'a session has no cap', ' && session.limit >= voucher.cumulative', ''),
  mutant(
    ESCROW,
    'unit',
    'a session has no end',
    'session.expiry >= block.timestamp && session.limit',
    'session.limit',
  ),
  mutant(ESCROW, 'fuzz', 'what was spent is forgotten', 'account.spent = voucher.cumulative;', ''),
  mutant(
    ESCROW,
    'fuzz',
    'an exit does not wait',
    'if (block.timestamp < leaving.readyAt) revert ExitNotReady(leaving.readyAt);',
    '',
  ),
  mutant(
    ESCROW,
    'unit',
    'an exit pays again and again',
    'delete exits[msg.sender];\n        Account storage',
    'Account storage',
  ),
  mutant(ESCROW, 'fuzz', 'what is withdrawn stays on the books', 'account.balance -= amount;\n', ''),
  mutant(
    ESCROW,
    'unit',
    'a revoked session ends before its vouchers are collected',
    'uint64 end = uint64(block.timestamp) + exitDelay;',
    'uint64 end = uint64(block.timestamp);',
  ),
  mutant(
    ESCROW,
    'unit',
    'a token may keep a fee',
    'if (received != amount) revert WrongAmountReceived(amount, received);',
    'received;',
  ),
  mutant(
    ESCROW,
    'unit',
    "a payer's code may use up all gas",
    'staticcall(CONTRACT_SIGNATURE_GAS,',
    'staticcall(gas(),',
  ),
  mutant(
    ESCROW,
    'unit',
    'what an exit asked for counts as credit',
    'return leaving < balance ? balance - leaving : 0;',
    'leaving; return balance;',
  ),
  // RosRewards
  mutant(REWARDS, 'fuzz', 'a claim is paid again', 'claimed[account] = cumulative;', ''),
  mutant(
    REWARDS,
    'fuzz',
    'a claim needs no proof',
    'if (!MerkleProof.verifyCalldata(proof, root, _leaf(account, cumulative))) revert BadProof(account);',
    'root; proof;',
  ),
  mutant(REWARDS, 'fuzz', 'money of an earlier root is pulled again', 'funded = needed;', ''),
  mutant(
    REWARDS,
    'fuzz',
    'the fee is not pulled',
    '_fund(uint256(total) + feeOn(total));',
    '_fund(uint256(total));',
  ),
  mutant(
    REWARDS,
    'fuzz',
    'the fee rounds up',
    '(total * feeBps) / (BPS - feeBps)',
    '(total * feeBps) / (BPS - feeBps) + 1',
  ),
  mutant(
    REWARDS,
    'unit',
    'what was owed is taken back',
    'if (total < _live.total) revert TotalDecreased(_live.total, total);',
    '',
  ),
  mutant(
    REWARDS,
    'unit',
    'a waiting root is replaced',
    'if (block.timestamp < waitingUntil) revert EpochPending(_pending.epoch);',
    '',
  ),
  mutant(
    REWARDS,
    'unit',
    'a root waits for nobody',
    'if (block.timestamp < readyAt) revert NotReady(readyAt);',
    '',
  ),
  mutant(
    REWARDS,
    'unit',
    'a live root is vetoed',
    'if (block.timestamp >= waiting.readyAt) revert VetoTooLate(waiting.readyAt);',
    '',
  ),
  mutant(REWARDS, 'unit', 'anybody publishes', '        onlyRole(PUBLISHER)\n', ''),
  // RosToken
  mutant(TOKEN, 'unit', 'anybody mints', ' onlyRole(MINTER)', ''),
  // WorkerRegistry
  mutant(
    REGISTRY,
    'fuzz',
    'stake leaves at once',
    'if (block.timestamp < worker.unbondAt) revert UnbondingNotOver(worker.unbondAt);',
    '',
  ),
  mutant(REGISTRY, 'fuzz', 'what unbonds is not slashed', 'worker.unbonding -= fromUnbonding;', ''),
  mutant(
    REGISTRY,
    'fuzz',
    'unbonding ends before the slash can be carried out',
    'rules.unbondPeriod < longest + EXECUTION_WINDOW',
    'rules.unbondPeriod < longest',
  ),
  mutant(REGISTRY, 'fuzz', 'evidence counts twice', 'isUsed[evidenceHash] = true;', ''),
  mutant(
    REGISTRY,
    'fuzz',
    'one judge is enough',
    'if (slash.approvals < quorum) revert QuorumMissing(slash.approvals, quorum);',
    '',
  ),
  mutant(
    REGISTRY,
    'fuzz',
    'a slash takes more than there is',
    'uint128 fromUnbonding = rest < worker.unbonding ? rest : worker.unbonding;\n        worker.stake -= fromStake;\n        worker.unbonding -= fromUnbonding;',
    'uint128 fromUnbonding = rest;\n        worker.stake -= fromStake;\n        worker.unbonding = 0;',
  ),
  mutant(
    REGISTRY,
    'unit',
    'a judge counts twice',
    'if (hasApproved[slashId][msg.sender]) revert AlreadyApproved(msg.sender);',
    '',
  ),
  mutant(
    REGISTRY,
    'unit',
    'judges agree when nobody may veto any more',
    'if (block.timestamp >= until) revert ApprovalTooLate(until);',
    '',
  ),
  mutant(
    REGISTRY,
    'unit',
    'there is no time for a veto',
    'uint64(block.timestamp) + challengePeriod + vetoPeriod',
    'uint64(block.timestamp) + challengePeriod',
  ),
  mutant(
    REGISTRY,
    'unit',
    'answers to two requests contradict each other',
    'a.requestId == b.requestId && ',
    '',
  ),
  mutant(
    REGISTRY,
    'unit',
    'the second statement needs no signature',
    ' || !_stated(operator, workerId, b)',
    '',
  ),
  mutant(
    REGISTRY,
    'unit',
    'a new request does not renew the wait',
    'worker.unbondAt = unbondAt;',
    'if (worker.unbondAt == 0) worker.unbondAt = unbondAt;',
  ),
  mutant(
    REGISTRY,
    'unit',
    'evidence is used up while nothing is at stake',
    'if (amount == 0) revert ZeroAmount();\n        emit Slashed',
    'emit Slashed',
  ),
  mutant(
    REGISTRY,
    'unit',
    'an operator with code takes back what its key stated',
    'if (failure == ECDSA.RecoverError.NoError && signer == operator) return true;',
    'if (operator.code.length == 0) return failure == ECDSA.RecoverError.NoError && signer == operator;',
  ),
];

function mutant(contract, by, bug, from, to) {
  return { contract, by, bug, from, to };
}
