// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What users paid in, taken out by their own vouchers
/// @notice A voucher says how much its payer has spent in all: a later one replaces every earlier one, so that one
/// voucher can be collected at most once, and a lost one costs nothing. It is signed (EIP-712) by the payer, by a
/// contract wallet (ERC-1271), or by a session key that the payer gave a limit and an end. Collected money goes to one
/// address that was fixed at deployment. A payer leaves by an exit: what he asks for is his after `exitDelay`, and
/// until then vouchers that he has given away can still be collected. An exit has no end: once ready it can be withdrawn
/// at any moment. So credit is to be given against `available` only, never against what an exit has asked for.
interface IDepositEscrow {
    struct Account {
        /// Base units that are here.
        uint128 balance;
        /// Base units ever collected.
        uint128 spent;
    }

    struct Exit {
        uint128 amount;
        /// Seconds since 1970: when it may be withdrawn; 0 = no exit.
        uint64 readyAt;
    }

    struct Session {
        /// `spent` that vouchers of this key may reach.
        uint128 limit;
        /// Seconds since 1970: the last one in which its vouchers can be collected.
        uint64 expiry;
    }

    struct Voucher {
        address payer;
        /// All that the payer has spent, in base units.
        uint128 cumulative;
        /// Seconds since 1970: the last one in which it can be collected.
        uint64 deadline;
        bytes signature;
    }

    /// @notice Why a voucher of a batch was passed over.
    enum SkipReason {
        Stale,
        Expired,
        BadSignature,
        InsufficientBalance
    }

    /// @notice The delay is below an hour (outside a dev chain) or above 30 days, or an address is zero.
    error InvalidConfiguration();
    error ZeroAmount();
    /// @notice Money for the zero address would be lost.
    error ZeroAddress();
    /// @notice The token gave another amount than was asked for.
    error WrongAmountReceived(uint256 expected, uint256 received);
    error VoucherStale(address payer, uint128 spent, uint128 cumulative);
    error VoucherExpired(address payer, uint64 deadline);
    error BadVoucherSignature(address payer);
    error InsufficientBalance(address payer, uint128 balance, uint128 needed);
    /// @notice No exit was begun.
    error NoExit();
    error ExitNotReady(uint64 readyAt);
    /// @notice The key is zero, or its end lies in the past.
    error InvalidSession();
    /// @notice A live session can only be widened; let it end, or revoke it.
    error SessionReduced(address key);
    error NoSession(address key);

    event Deposited(address indexed payer, address indexed from, uint128 amount);
    event Collected(address indexed payer, uint128 amount, uint128 spent);
    event Skipped(address indexed payer, uint128 cumulative, SkipReason reason);
    event ExitStarted(address indexed payer, uint128 amount, uint64 readyAt);
    event ExitCancelled(address indexed payer);
    event Withdrawn(address indexed payer, uint128 amount);
    event SessionAuthorised(address indexed payer, address indexed key, uint128 limit, uint64 expiry);
    event SessionRevoked(address indexed payer, address indexed key, uint64 expiry);

    /// @notice Pays in for `payer`, from the caller's allowance.
    function deposit(address payer, uint128 amount) external;

    /// @notice Pays in for the caller, with a permit (EIP-2612) in place of an allowance.
    function depositWithPermit(uint128 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Collects all of these vouchers or none.
    function collect(Voucher[] calldata vouchers) external;

    /// @notice Collects those that can be; one bad voucher does not hold up the others. A contract wallet gets 400,000
    /// gas to check a signature, so that it cannot use up what the others need.
    function tryCollect(Voucher[] calldata vouchers) external;

    /// @notice Begins to leave with up to `amount`; replaces an exit that was begun before, and its time.
    function startExit(uint128 amount) external;

    /// @notice Gives an exit up: all of the balance is `available` again.
    function cancelExit() external;

    /// @notice Pays the caller what his exit asked for, as far as vouchers left it.
    function withdraw() external;

    /// @notice Lets `key` sign vouchers that spend up to `cap` more than is spent now, until `expiry`.
    function authoriseSession(address key, uint128 cap, uint64 expiry) external;

    /// @notice Ends a session after `exitDelay`, so that vouchers given away can still be collected.
    function revokeSession(address key) external;

    /// @notice What vouchers can count on: the balance less what an exit has asked for.
    function available(address payer) external view returns (uint128);
}
