// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IWorkerRegistry} from "./interfaces/IWorkerRegistry.sol";

/// @title WorkerRegistry
/// @notice Described, with its errors and events, in IWorkerRegistry.
contract WorkerRegistry is IWorkerRegistry, AccessControl, EIP712, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    bytes32 public constant JUDGE = keccak256("JUDGE");
    bytes32 public constant GUARDIAN = keccak256("GUARDIAN");
    /// @notice EIP-712 type of a statement.
    bytes32 public constant STATEMENT_TYPEHASH =
        keccak256("Statement(bytes32 workerId,bytes32 requestId,bytes32 commitment)");
    /// @notice Of what is slashed, basis points for the pool of the harmed; the treasury gets what is left.
    uint256 public constant HARMED_BPS = 5_000;
    /// @notice Of what is slashed, basis points for the auditor who found the fault.
    uint256 public constant AUDITOR_BPS = 2_000;
    uint256 private constant BPS = 10_000;
    /// @dev Time to execute a slash before its worker can withdraw.
    uint64 private constant EXECUTION_WINDOW = 1 hours;
    uint64 private constant MAX_UNBOND = 365 days;

    IERC20 public immutable token;
    address public immutable harmedPool;
    address public immutable treasury;
    uint64 public immutable unbondPeriod;
    uint64 public immutable maxEvidenceAge;
    uint64 public immutable challengePeriod;
    uint64 public immutable vetoPeriod;
    uint16 public immutable quorum;
    uint16 public immutable equivocationBps;

    mapping(bytes32 workerId => Worker) public workers;
    mapping(bytes32 slashId => Slash) public slashes;
    mapping(bytes32 slashId => mapping(address judge => bool)) public hasApproved;
    /// @notice Whether a slash was carried out for it.
    mapping(bytes32 evidenceHash => bool) public isUsed;

    constructor(IERC20 token_, address harmedPool_, address treasury_, Rules memory rules, address admin)
        EIP712("RiOS WorkerRegistry", "1")
    {
        uint256 longest = uint256(rules.maxEvidenceAge) + rules.challengePeriod + rules.vetoPeriod;
        bool missing = address(token_) == address(0) || harmedPool_ == address(0) || treasury_ == address(0);
        bool escapes = rules.unbondPeriod < longest + EXECUTION_WINDOW || rules.unbondPeriod > MAX_UNBOND;
        bool rushed = rules.challengePeriod == 0 || rules.vetoPeriod == 0;
        bool wrong = rules.quorum == 0 || rules.equivocationBps > BPS || admin == address(0);
        if (missing || escapes || rushed || wrong) revert InvalidConfiguration();
        token = token_;
        harmedPool = harmedPool_;
        treasury = treasury_;
        unbondPeriod = rules.unbondPeriod;
        maxEvidenceAge = rules.maxEvidenceAge;
        challengePeriod = rules.challengePeriod;
        vetoPeriod = rules.vetoPeriod;
        quorum = rules.quorum;
        equivocationBps = rules.equivocationBps;
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @notice The id of an operator's worker.
    function idOf(address operator, bytes32 peerHash) public pure returns (bytes32) {
        return keccak256(abi.encode(operator, peerHash));
    }

    /// @inheritdoc IWorkerRegistry
    function register(bytes32 peerHash, address payout) external returns (bytes32 workerId) {
        if (payout == address(0)) revert ZeroAddress();
        workerId = idOf(msg.sender, peerHash);
        if (workers[workerId].payout != address(0)) revert AlreadyRegistered(workerId);
        workers[workerId].payout = payout;
        emit Registered(workerId, msg.sender, peerHash, payout);
    }

    /// @inheritdoc IWorkerRegistry
    function deregister(bytes32 peerHash) external {
        (bytes32 workerId, Worker storage worker) = _own(peerHash);
        if (worker.stake != 0 || worker.unbonding != 0) revert StillBonded(workerId);
        delete workers[workerId];
        emit Deregistered(workerId);
    }

    /// @inheritdoc IWorkerRegistry
    function changePayout(bytes32 peerHash, address payout) external {
        if (payout == address(0)) revert ZeroAddress();
        (bytes32 workerId, Worker storage worker) = _own(peerHash);
        worker.payout = payout;
        emit PayoutChanged(workerId, payout);
    }

    /// @inheritdoc IWorkerRegistry
    function stake(bytes32 peerHash, uint128 amount) external nonReentrant {
        _stake(peerHash, amount);
    }

    /// @inheritdoc IWorkerRegistry
    function stakeWithPermit(bytes32 peerHash, uint128 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
    {
        // A permit that someone else sent first is as good: the allowance decides.
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _stake(peerHash, amount);
    }

    /// @inheritdoc IWorkerRegistry
    function requestUnbond(bytes32 peerHash, uint128 amount) external {
        if (amount == 0) revert ZeroAmount();
        (bytes32 workerId, Worker storage worker) = _own(peerHash);
        if (amount > worker.stake) revert InsufficientStake(worker.stake, amount);
        uint64 unbondAt = uint64(block.timestamp) + unbondPeriod;
        worker.stake -= amount;
        worker.unbonding += amount;
        worker.unbondAt = unbondAt;
        emit UnbondingStarted(workerId, amount, unbondAt);
    }

    /// @inheritdoc IWorkerRegistry
    function withdraw(bytes32 peerHash) external nonReentrant {
        (bytes32 workerId, Worker storage worker) = _own(peerHash);
        uint128 amount = worker.unbonding;
        if (amount == 0) revert NothingUnbonding(workerId);
        if (block.timestamp < worker.unbondAt) revert UnbondingNotOver(worker.unbondAt);
        worker.unbonding = 0;
        emit Withdrawn(workerId, amount);
        token.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IWorkerRegistry
    function proposeSlash(
        bytes32 workerId,
        uint128 amount,
        bytes32 evidenceHash,
        string calldata uri,
        uint64 faultTime,
        address auditor
    ) external onlyRole(JUDGE) returns (bytes32 slashId) {
        if (amount == 0) revert ZeroAmount();
        if (workers[workerId].payout == address(0)) revert NotRegistered(workerId);
        if (isUsed[evidenceHash]) revert EvidenceUsed(evidenceHash);
        if (faultTime > block.timestamp || block.timestamp - faultTime > maxEvidenceAge) {
            revert EvidenceOutOfTime(faultTime);
        }
        slashId = keccak256(abi.encode(workerId, amount, evidenceHash, faultTime, auditor));
        if (slashes[slashId].executableAt != 0) revert AlreadyProposed(slashId);
        uint64 executableAt = uint64(block.timestamp) + challengePeriod + vetoPeriod;
        slashes[slashId] = Slash({
            workerId: workerId,
            evidenceHash: evidenceHash,
            amount: amount,
            executableAt: executableAt,
            approvals: 1,
            closed: false,
            auditor: auditor
        });
        hasApproved[slashId][msg.sender] = true;
        emit SlashProposed(slashId, workerId, evidenceHash, amount, uri, executableAt);
        emit SlashApproved(slashId, msg.sender, 1);
    }

    /// @inheritdoc IWorkerRegistry
    function approveSlash(bytes32 slashId) external onlyRole(JUDGE) {
        Slash storage slash = _open(slashId);
        uint64 until = slash.executableAt - vetoPeriod;
        if (block.timestamp >= until) revert ApprovalTooLate(until);
        if (hasApproved[slashId][msg.sender]) revert AlreadyApproved(msg.sender);
        hasApproved[slashId][msg.sender] = true;
        slash.approvals += 1;
        emit SlashApproved(slashId, msg.sender, slash.approvals);
    }

    /// @inheritdoc IWorkerRegistry
    function disputeSlash(bytes32 peerHash, bytes32 slashId, string calldata uri) external {
        Slash storage slash = _open(slashId);
        bytes32 workerId = idOf(msg.sender, peerHash);
        if (slash.workerId != workerId) revert NotRegistered(workerId);
        emit SlashDisputed(slashId, uri);
    }

    /// @inheritdoc IWorkerRegistry
    function vetoSlash(bytes32 slashId) external onlyRole(GUARDIAN) {
        Slash storage slash = _open(slashId);
        if (block.timestamp >= slash.executableAt) revert VetoTooLate(slash.executableAt);
        slash.closed = true;
        emit SlashVetoed(slashId);
    }

    /// @inheritdoc IWorkerRegistry
    function executeSlash(bytes32 slashId) external nonReentrant {
        Slash storage slash = _open(slashId);
        if (slash.approvals < quorum) revert QuorumMissing(slash.approvals, quorum);
        if (block.timestamp < slash.executableAt) revert SlashNotReady(slash.executableAt);
        slash.closed = true;
        _slash(slash.evidenceHash, slash.workerId, slash.amount, slash.auditor);
    }

    /// @inheritdoc IWorkerRegistry
    function reportEquivocation(address operator, bytes32 peerHash, Statement calldata a, Statement calldata b)
        external
        nonReentrant
    {
        bytes32 workerId = idOf(operator, peerHash);
        bool contradicts = a.requestId == b.requestId && a.commitment != b.commitment;
        if (!contradicts || !_stated(operator, workerId, a) || !_stated(operator, workerId, b)) {
            revert NoEquivocation();
        }
        Worker storage worker = workers[workerId];
        uint256 atStake = uint256(worker.stake) + worker.unbonding;
        uint128 amount = uint128((atStake * equivocationBps) / BPS);
        _slash(_evidenceOf(workerId, a, b), workerId, amount, msg.sender);
    }

    /// @notice The digest that an operator signs to state a commitment.
    function hashStatement(bytes32 workerId, bytes32 requestId, bytes32 commitment) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(STATEMENT_TYPEHASH, workerId, requestId, commitment)));
    }

    /// @dev The same for both orders of the statements, whatever their signatures.
    function _evidenceOf(bytes32 workerId, Statement calldata a, Statement calldata b) private pure returns (bytes32) {
        (bytes32 low, bytes32 high) =
            a.commitment < b.commitment ? (a.commitment, b.commitment) : (b.commitment, a.commitment);
        return keccak256(abi.encode(workerId, a.requestId, low, high));
    }

    function _own(bytes32 peerHash) private view returns (bytes32 workerId, Worker storage worker) {
        workerId = idOf(msg.sender, peerHash);
        worker = workers[workerId];
        if (worker.payout == address(0)) revert NotRegistered(workerId);
    }

    function _open(bytes32 slashId) private view returns (Slash storage slash) {
        slash = slashes[slashId];
        if (slash.executableAt == 0) revert UnknownSlash(slashId);
        if (slash.closed) revert SlashClosed(slashId);
    }

    function _stake(bytes32 peerHash, uint128 amount) private {
        if (amount == 0) revert ZeroAmount();
        (bytes32 workerId, Worker storage worker) = _own(peerHash);
        uint128 sum = worker.stake + amount;
        worker.stake = sum;
        emit Staked(workerId, amount, sum);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    function _stated(address operator, bytes32 workerId, Statement calldata statement) private view returns (bool) {
        bytes32 digest = hashStatement(workerId, statement.requestId, statement.commitment);
        return SignatureChecker.isValidSignatureNowCalldata(operator, digest, statement.signature);
    }

    /// @dev Takes stake first, then what unbonds; never more than both. With nothing there it reverts, and the evidence
    /// stays good for the day when there is.
    function _slash(bytes32 evidenceHash, bytes32 workerId, uint128 wanted, address auditor) private {
        if (isUsed[evidenceHash]) revert EvidenceUsed(evidenceHash);
        isUsed[evidenceHash] = true;
        Worker storage worker = workers[workerId];
        uint128 fromStake = wanted < worker.stake ? wanted : worker.stake;
        uint128 rest = wanted - fromStake;
        uint128 fromUnbonding = rest < worker.unbonding ? rest : worker.unbonding;
        worker.stake -= fromStake;
        worker.unbonding -= fromUnbonding;
        uint128 amount = fromStake + fromUnbonding;
        if (amount == 0) revert ZeroAmount();
        emit Slashed(evidenceHash, workerId, amount);
        uint256 toAuditor = auditor == address(0) ? 0 : (uint256(amount) * AUDITOR_BPS) / BPS;
        uint256 toTreasury = (uint256(amount) * (BPS - HARMED_BPS - AUDITOR_BPS)) / BPS;
        uint256 toHarmed = amount - toAuditor - toTreasury;
        if (toAuditor != 0) token.safeTransfer(auditor, toAuditor);
        if (toTreasury != 0) token.safeTransfer(treasury, toTreasury);
        if (toHarmed != 0) token.safeTransfer(harmedPool, toHarmed);
    }
}
