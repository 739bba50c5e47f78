// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IDepositEscrow} from "./interfaces/IDepositEscrow.sol";

/// @title DepositEscrow
/// @notice Described, with its errors and events, in IDepositEscrow.
contract DepositEscrow is IDepositEscrow, EIP712, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice EIP-712 type of a voucher.
    bytes32 public constant VOUCHER_TYPEHASH =
        keccak256("Voucher(address payer,uint128 cumulative,uint64 deadline)");
    uint256 private constant DEV_CHAIN = 31_337;
    uint256 private constant MIN_DELAY = 1 hours;
    uint256 private constant MAX_DELAY = 30 days;
    uint256 private constant CONTRACT_SIGNATURE_GAS = 400_000;

    IERC20 public immutable token;
    /// @notice Where collected money goes.
    address public immutable beneficiary;
    /// @notice Seconds between an exit and its withdrawal.
    uint64 public immutable exitDelay;

    mapping(address payer => Account) public accounts;
    mapping(address payer => Exit) public exits;
    mapping(address payer => mapping(address key => Session)) public sessions;

    constructor(IERC20 token_, address beneficiary_, uint64 exitDelay_) EIP712("RiOS DepositEscrow", "1") {
        bool tooShort = exitDelay_ < MIN_DELAY && block.chainid != DEV_CHAIN;
        bool missing = address(token_) == address(0) || beneficiary_ == address(0);
        if (tooShort || exitDelay_ > MAX_DELAY || missing) revert InvalidConfiguration();
        token = token_;
        beneficiary = beneficiary_;
        exitDelay = exitDelay_;
    }

    /// @inheritdoc IDepositEscrow
    function deposit(address payer, uint128 amount) external nonReentrant {
        _deposit(payer, amount);
    }

    /// @inheritdoc IDepositEscrow
    function depositWithPermit(uint128 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
    {
        // A permit that someone else sent first is as good: the allowance decides.
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _deposit(msg.sender, amount);
    }

    /// @inheritdoc IDepositEscrow
    function collect(Voucher[] calldata vouchers) external nonReentrant {
        uint256 sum = 0;
        for (uint256 i = 0; i < vouchers.length; ++i) {
            (bool fine, SkipReason reason, uint128 amount) = _take(vouchers[i]);
            if (!fine) _refuse(vouchers[i], reason);
            sum += amount;
        }
        _payOut(sum);
    }

    /// @inheritdoc IDepositEscrow
    function tryCollect(Voucher[] calldata vouchers) external nonReentrant {
        uint256 sum = 0;
        for (uint256 i = 0; i < vouchers.length; ++i) {
            (bool fine, SkipReason reason, uint128 amount) = _take(vouchers[i]);
            if (fine) sum += amount;
            else emit Skipped(vouchers[i].payer, vouchers[i].cumulative, reason);
        }
        _payOut(sum);
    }

    /// @inheritdoc IDepositEscrow
    function startExit(uint128 amount) external {
        if (amount == 0) revert ZeroAmount();
        uint128 balance = accounts[msg.sender].balance;
        if (amount > balance) revert InsufficientBalance(msg.sender, balance, amount);
        uint64 readyAt = uint64(block.timestamp) + exitDelay;
        exits[msg.sender] = Exit({amount: amount, readyAt: readyAt});
        emit ExitStarted(msg.sender, amount, readyAt);
    }

    /// @inheritdoc IDepositEscrow
    function cancelExit() external {
        if (exits[msg.sender].readyAt == 0) revert NoExit();
        delete exits[msg.sender];
        emit ExitCancelled(msg.sender);
    }

    /// @inheritdoc IDepositEscrow
    function withdraw() external nonReentrant {
        Exit memory leaving = exits[msg.sender];
        if (leaving.readyAt == 0) revert NoExit();
        if (block.timestamp < leaving.readyAt) revert ExitNotReady(leaving.readyAt);
        delete exits[msg.sender];
        Account storage account = accounts[msg.sender];
        uint128 amount = leaving.amount < account.balance ? leaving.amount : account.balance;
        account.balance -= amount;
        emit Withdrawn(msg.sender, amount);
        token.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IDepositEscrow
    function authoriseSession(address key, uint128 cap, uint64 expiry) external {
        if (key == address(0) || expiry <= block.timestamp) revert InvalidSession();
        uint128 limit = accounts[msg.sender].spent + cap;
        Session storage session = sessions[msg.sender][key];
        bool isLive = session.expiry >= block.timestamp;
        if (isLive && (limit < session.limit || expiry < session.expiry)) revert SessionReduced(key);
        session.limit = limit;
        session.expiry = expiry;
        emit SessionAuthorised(msg.sender, key, limit, expiry);
    }

    /// @inheritdoc IDepositEscrow
    function revokeSession(address key) external {
        Session storage session = sessions[msg.sender][key];
        if (session.expiry < block.timestamp) revert NoSession(key);
        uint64 end = uint64(block.timestamp) + exitDelay;
        if (end < session.expiry) session.expiry = end;
        emit SessionRevoked(msg.sender, key, session.expiry);
    }

    /// @inheritdoc IDepositEscrow
    function available(address payer) external view returns (uint128) {
        uint128 balance = accounts[payer].balance;
        uint128 leaving = exits[payer].amount;
        return leaving < balance ? balance - leaving : 0;
    }

    /// @notice The digest that a voucher's signer signs.
    function hashVoucher(address payer, uint128 cumulative, uint64 deadline) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(VOUCHER_TYPEHASH, payer, cumulative, deadline)));
    }

    function _deposit(address payer, uint128 amount) private {
        if (amount == 0) revert ZeroAmount();
        if (payer == address(0)) revert ZeroAddress();
        uint256 before = token.balanceOf(address(this));
        accounts[payer].balance += amount;
        emit Deposited(payer, msg.sender, amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert WrongAmountReceived(amount, received);
    }

    /// @dev Takes one voucher's money out of its payer's account, whole or not at all.
    function _take(Voucher calldata voucher) private returns (bool, SkipReason reason, uint128 amount) {
        Account storage account = accounts[voucher.payer];
        (uint128 balance, uint128 spent) = (account.balance, account.spent);
        if (voucher.cumulative <= spent) return (false, SkipReason.Stale, 0);
        if (block.timestamp > voucher.deadline) return (false, SkipReason.Expired, 0);
        amount = voucher.cumulative - spent;
        if (amount > balance) return (false, SkipReason.InsufficientBalance, 0);
        if (!_isSigned(voucher)) return (false, SkipReason.BadSignature, 0);
        account.balance = balance - amount;
        account.spent = voucher.cumulative;
        emit Collected(voucher.payer, amount, voucher.cumulative);
        return (true, reason, amount);
    }

    function _isSigned(Voucher calldata voucher) private view returns (bool) {
        bytes32 digest = hashVoucher(voucher.payer, voucher.cumulative, voucher.deadline);
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(digest, voucher.signature);
        if (failure == ECDSA.RecoverError.NoError) {
            if (signer == voucher.payer) return true;
            Session storage session = sessions[voucher.payer][signer];
            if (session.expiry >= block.timestamp && session.limit >= voucher.cumulative) return true;
        }
        if (voucher.payer.code.length == 0) return false;
        return _isSignedByContract(voucher.payer, digest, voucher.signature);
    }

    /// @dev As OpenZeppelin's SignatureChecker, but with a bound: all gas given to a payer's code would let it end a
    /// batch of others' vouchers. Only one word of its answer is read.
    function _isSignedByContract(address wallet, bytes32 digest, bytes calldata signature)
        private
        view
        returns (bool isSigned)
    {
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        bytes32 yes = IERC1271.isValidSignature.selector;
        assembly ("memory-safe") {
            let success :=
                staticcall(CONTRACT_SIGNATURE_GAS, wallet, add(question, 0x20), mload(question), 0x00, 0x20)
            isSigned := and(success, and(gt(returndatasize(), 0x1f), eq(mload(0x00), yes)))
        }
    }

    function _refuse(Voucher calldata voucher, SkipReason reason) private view {
        Account storage account = accounts[voucher.payer];
        if (reason == SkipReason.Stale) revert VoucherStale(voucher.payer, account.spent, voucher.cumulative);
        if (reason == SkipReason.Expired) revert VoucherExpired(voucher.payer, voucher.deadline);
        if (reason == SkipReason.BadSignature) revert BadVoucherSignature(voucher.payer);
        revert InsufficientBalance(voucher.payer, account.balance, voucher.cumulative - account.spent);
    }

    function _payOut(uint256 sum) private {
        if (sum != 0) token.safeTransfer(beneficiary, sum);
    }
}
