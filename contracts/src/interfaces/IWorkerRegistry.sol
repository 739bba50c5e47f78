// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Who lends machines, what they put at stake, and how they lose it
/// @notice A worker is an operator's address together with the sha256 of a libp2p peer id. That the peer is the
/// operator's is proved off chain by the peer's own signature (Ed25519 cannot be checked cheaply here): an entry for a
/// foreign peer key is an entry that nobody honours, and it does not stand in the way of the true one.
/// Stake leaves by an unbonding period that is longer than the oldest evidence, the challenge and the veto together, so
/// that nobody can go with what he may yet lose. Only `stake` vouches for work that is done now: what unbonds may be gone
/// before that work is judged.
/// A slash needs a quorum of judges within the challenge period; then the guardian has the veto period, and knows by
/// then whether judges agreed. One judge alone can neither slash nor use evidence up: evidence is used by its execution.
interface IWorkerRegistry {
    struct Worker {
        /// Where earnings are to go; zero = not registered.
        address payout;
        /// Seconds since 1970: when `unbonding` may be withdrawn.
        uint64 unbondAt;
        uint128 stake;
        uint128 unbonding;
    }

    struct Slash {
        bytes32 workerId;
        bytes32 evidenceHash;
        uint128 amount;
        /// Seconds since 1970: when it may be carried out; 0 = not proposed.
        uint64 executableAt;
        uint16 approvals;
        bool closed;
        /// Gets the auditor's share; zero = nobody, and the share goes to the harmed.
        address auditor;
    }

    /// @notice Periods in seconds, and how many judges must agree.
    struct Rules {
        uint64 unbondPeriod;
        uint64 maxEvidenceAge;
        uint64 challengePeriod;
        uint64 vetoPeriod;
        uint16 quorum;
        /// Share of the stake that contradicting statements cost, in basis points.
        uint16 equivocationBps;
    }

    /// @notice What an operator stated (EIP-712) about one piece of work.
    struct Statement {
        bytes32 requestId;
        bytes32 commitment;
        bytes signature;
    }

    /// @notice An address is zero, there is no quorum, no time to challenge or to veto, a share above the whole, or an
    /// unbonding that evidence outlasts or that is longer than a year.
    error InvalidConfiguration();
    error ZeroAmount();
    error ZeroAddress();
    error AlreadyRegistered(bytes32 workerId);
    error NotRegistered(bytes32 workerId);
    error StillBonded(bytes32 workerId);
    error InsufficientStake(uint128 stake, uint128 amount);
    error NothingUnbonding(bytes32 workerId);
    error UnbondingNotOver(uint64 unbondAt);
    /// @notice The fault is older than evidence may be, or lies in the future.
    error EvidenceOutOfTime(uint64 faultTime);
    /// @notice A slash was carried out for this evidence.
    error EvidenceUsed(bytes32 evidenceHash);
    /// @notice The very same slash was proposed before.
    error AlreadyProposed(bytes32 slashId);
    error UnknownSlash(bytes32 slashId);
    /// @notice It was carried out or vetoed.
    error SlashClosed(bytes32 slashId);
    error AlreadyApproved(address judge);
    /// @notice The challenge period is over: the guardian must have seen the quorum.
    error ApprovalTooLate(uint64 until);
    error QuorumMissing(uint16 approvals, uint16 quorum);
    error SlashNotReady(uint64 executableAt);
    error VetoTooLate(uint64 executableAt);
    /// @notice The statements are equal, about different requests, or not signed by the operator.
    error NoEquivocation();

    event Registered(bytes32 indexed workerId, address indexed operator, bytes32 indexed peerHash, address payout);
    event Deregistered(bytes32 indexed workerId);
    event PayoutChanged(bytes32 indexed workerId, address payout);
    event Staked(bytes32 indexed workerId, uint128 amount, uint128 stake);
    event UnbondingStarted(bytes32 indexed workerId, uint128 amount, uint64 unbondAt);
    event Withdrawn(bytes32 indexed workerId, uint128 amount);
    event SlashProposed(
        bytes32 indexed slashId,
        bytes32 indexed workerId,
        bytes32 indexed evidenceHash,
        uint128 amount,
        string uri,
        uint64 executableAt
    );
    event SlashApproved(bytes32 indexed slashId, address indexed judge, uint16 approvals);
    event SlashDisputed(bytes32 indexed slashId, string uri);
    event SlashVetoed(bytes32 indexed slashId);
    /// @notice What was taken, which may be less than was asked for.
    event Slashed(bytes32 indexed evidenceHash, bytes32 indexed workerId, uint128 amount);

    /// @notice Enters the caller's worker with the sha256 of the bytes of its libp2p peer id.
    function register(bytes32 peerHash, address payout) external returns (bytes32 workerId);

    /// @notice Takes a worker without stake off the registry.
    function deregister(bytes32 peerHash) external;

    function changePayout(bytes32 peerHash, address payout) external;

    function stake(bytes32 peerHash, uint128 amount) external;

    /// @notice Stakes with a permit (EIP-2612) in place of an allowance.
    function stakeWithPermit(bytes32 peerHash, uint128 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external;

    /// @notice Begins to take stake out; all that unbonds waits for the newest request's time.
    function requestUnbond(bytes32 peerHash, uint128 amount) external;

    /// @notice Pays the operator what has unbonded.
    function withdraw(bytes32 peerHash) external;

    /// @notice Proposes to slash, as the first of `quorum` judges. Only JUDGE.
    /// @param evidenceHash Of the evidence, which lies at `uri`. Several proposals may rest on it; one is carried out.
    /// @return slashId keccak256(abi.encode(workerId, amount, evidenceHash, faultTime, auditor))
    function proposeSlash(
        bytes32 workerId,
        uint128 amount,
        bytes32 evidenceHash,
        string calldata uri,
        uint64 faultTime,
        address auditor
    ) external returns (bytes32 slashId);

    /// @notice Agrees with a proposal, until the challenge period is over. Only JUDGE, each once.
    function approveSlash(bytes32 slashId) external;

    /// @notice Puts the operator's answer on record, for judges and guardian. Only the worker's operator.
    function disputeSlash(bytes32 peerHash, bytes32 slashId, string calldata uri) external;

    /// @notice Ends a proposal. Only GUARDIAN, until it can be executed.
    function vetoSlash(bytes32 slashId) external;

    /// @notice Carries out a proposal whose time has come, as far as there is stake. Anyone.
    function executeSlash(bytes32 slashId) external;

    /// @notice Two contradicting statements of one operator about one request: slashes at once. Anyone, as the auditor.
    /// Each pair of commitments counts once, and never while nothing is at stake (ZeroAmount): nobody can use his
    /// evidence up before it would cost him.
    function reportEquivocation(address operator, bytes32 peerHash, Statement calldata a, Statement calldata b)
        external;
}
