// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IRosRewards} from "./interfaces/IRosRewards.sol";

/// @title RosRewards
/// @notice Described, with its errors and events, in IRosRewards.
contract RosRewards is IRosRewards, AccessControl, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice Publishes roots and brings their money.
    bytes32 public constant PUBLISHER = keccak256("PUBLISHER");
    /// @notice May veto a waiting root, and nothing else.
    bytes32 public constant GUARDIAN = keccak256("GUARDIAN");
    /// @notice Most that the platform may take, in basis points.
    uint256 public constant MAX_FEE_BPS = 2_000;
    uint256 private constant DEV_CHAIN = 31_337;
    uint256 private constant MIN_DELAY = 1 hours;
    uint256 private constant MAX_DELAY = 30 days;
    uint256 private constant BPS = 10_000;

    IERC20 public immutable token;
    address public immutable treasury;
    /// @notice Seconds between the publication of a root and its effect.
    uint64 public immutable delay;
    /// @notice The platform's share of what users pay, in basis points.
    uint16 public immutable feeBps;

    Head private _live;
    Head private _pending;
    /// @notice Base units ever pulled for roots.
    uint256 public funded;
    /// @notice Base units ever paid to an account.
    mapping(address account => uint256) public claimed;
    /// @notice Base units ever paid to the treasury.
    uint256 public feeClaimed;

    constructor(IERC20 token_, address treasury_, uint64 delay_, uint16 feeBps_, address admin) {
        bool tooShort = delay_ < MIN_DELAY && block.chainid != DEV_CHAIN;
        bool missing = address(token_) == address(0) || treasury_ == address(0) || admin == address(0);
        if (tooShort || delay_ > MAX_DELAY || missing || feeBps_ > MAX_FEE_BPS) revert InvalidConfiguration();
        token = token_;
        treasury = treasury_;
        delay = delay_;
        feeBps = feeBps_;
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @notice The root that claims are checked against.
    function live() external view returns (Head memory) {
        return _live;
    }

    /// @notice The root that waits; `readyAt` 0 = none.
    function pending() external view returns (Head memory) {
        return _pending;
    }

    /// @inheritdoc IRosRewards
    function publish(uint64 epoch, bytes32 root, bytes32 receiptsRoot, uint128 total)
        external
        nonReentrant
        onlyRole(PUBLISHER)
    {
        if (root == bytes32(0)) revert EmptyRoot();
        uint64 waitingUntil = _pending.readyAt;
        if (waitingUntil != 0) {
            if (block.timestamp < waitingUntil) revert EpochPending(_pending.epoch);
            _makeLive();
        }
        uint64 expected = _live.epoch + 1;
        if (epoch != expected) revert WrongEpoch(expected, epoch);
        if (total < _live.total) revert TotalDecreased(_live.total, total);
        uint64 readyAt = uint64(block.timestamp) + delay;
        _pending = Head({root: root, total: total, epoch: epoch, readyAt: readyAt});
        emit Published(epoch, root, receiptsRoot, total, readyAt);
        _fund(uint256(total) + feeOn(total));
    }

    /// @inheritdoc IRosRewards
    function activate() external {
        uint64 readyAt = _pending.readyAt;
        if (readyAt == 0) revert NothingPending();
        if (block.timestamp < readyAt) revert NotReady(readyAt);
        _makeLive();
    }

    /// @inheritdoc IRosRewards
    function veto(uint64 epoch) external onlyRole(GUARDIAN) {
        Head memory waiting = _pending;
        if (waiting.readyAt == 0 || waiting.epoch != epoch) revert NothingPending();
        if (block.timestamp >= waiting.readyAt) revert VetoTooLate(waiting.readyAt);
        delete _pending;
        emit Vetoed(epoch, waiting.root);
    }

    /// @inheritdoc IRosRewards
    function claim(address account, uint256 cumulative, bytes32[] calldata proof) external {
        if (!_claim(_live.root, account, cumulative, proof)) revert NothingToClaim(account);
    }

    /// @inheritdoc IRosRewards
    function claimMany(Claim[] calldata claims) external {
        bytes32 root = _live.root;
        for (uint256 i = 0; i < claims.length; ++i) {
            Claim calldata one = claims[i];
            _claim(root, one.account, one.cumulative, one.proof);
        }
    }

    /// @inheritdoc IRosRewards
    function claimFee() external nonReentrant {
        uint256 owed = feeOn(_live.total);
        uint256 paid = feeClaimed;
        if (owed <= paid) revert NothingToClaim(treasury);
        feeClaimed = owed;
        emit FeeClaimed(owed - paid);
        token.safeTransfer(treasury, owed - paid);
    }

    /// @inheritdoc IRosRewards
    function feeOn(uint256 total) public view returns (uint256) {
        return (total * feeBps) / (BPS - feeBps);
    }

    function _makeLive() private {
        Head memory next = _pending;
        _live = next;
        delete _pending;
        emit Activated(next.epoch, next.root);
    }

    /// @dev Money of a vetoed root is still here and counts for the next one.
    function _fund(uint256 needed) private {
        uint256 had = funded;
        if (needed <= had) return;
        funded = needed;
        token.safeTransferFrom(msg.sender, address(this), needed - had);
    }

    /// @dev Written before it is paid, and the token calls nobody: no guard against re-entry is needed (490 gas).
    /// @return paid False when the live root owes the account nothing more.
    function _claim(bytes32 root, address account, uint256 cumulative, bytes32[] calldata proof)
        private
        returns (bool paid)
    {
        if (!MerkleProof.verifyCalldata(proof, root, _leaf(account, cumulative))) revert BadProof(account);
        uint256 before = claimed[account];
        if (cumulative <= before) return false;
        claimed[account] = cumulative;
        emit Claimed(account, cumulative);
        unchecked {
            token.safeTransfer(account, cumulative - before);
        }
        return true;
    }

    /// @dev keccak256(keccak256(abi.encode(account, cumulative))) in scratch space: a claim is paid by its reader.
    function _leaf(address account, uint256 cumulative) private pure returns (bytes32 leaf) {
        assembly ("memory-safe") {
            mstore(0x00, account)
            mstore(0x20, cumulative)
            mstore(0x00, keccak256(0x00, 0x40))
            leaf := keccak256(0x00, 0x20)
        }
    }
}
