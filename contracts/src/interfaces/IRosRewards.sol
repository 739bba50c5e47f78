// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What workers earned: one cumulative Merkle root per epoch
/// @notice A leaf is keccak256(keccak256(abi.encode(account, cumulative))): all that the account ever earned, in base
/// units. A claim pays the difference to what was paid before, to the account alone, whoever sends it. A root waits
/// for `delay` seconds, in which a guardian may veto it; the money for it is here from the moment of its publication.
/// @dev Shape of EigenLayer's RewardsCoordinator and 1inch's CumulativeMerkleDrop, with funding and a veto.
interface IRosRewards {
    struct Head {
        bytes32 root;
        /// Sum of all leaves of the root.
        uint128 total;
        uint64 epoch;
        /// Seconds since 1970: when the root takes effect; 0 = there is none.
        uint64 readyAt;
    }

    struct Claim {
        address account;
        uint256 cumulative;
        bytes32[] proof;
    }

    /// @notice The delay is below an hour (outside a dev chain) or above 30 days, the fee above the cap, or an address
    /// is zero.
    error InvalidConfiguration();
    /// @notice The epoch is not the one after the live one.
    error WrongEpoch(uint64 expected, uint64 actual);
    /// @notice The total is below that of the live root: owed money would be taken back.
    error TotalDecreased(uint128 live, uint128 total);
    /// @notice The root is zero.
    error EmptyRoot();
    /// @notice A published root still waits for its time.
    error EpochPending(uint64 epoch);
    /// @notice No published root waits, or not this one.
    error NothingPending();
    /// @notice The waiting root may take effect at `readyAt` only.
    error NotReady(uint64 readyAt);
    /// @notice The time for a veto is over.
    error VetoTooLate(uint64 readyAt);
    /// @notice The proof does not lead from this leaf to the live root.
    error BadProof(address account);
    /// @notice Everything in the live root was paid to the account already.
    error NothingToClaim(address account);

    event Published(uint64 indexed epoch, bytes32 root, bytes32 receiptsRoot, uint128 total, uint64 readyAt);
    event Activated(uint64 indexed epoch, bytes32 root);
    event Vetoed(uint64 indexed epoch, bytes32 root);
    /// @notice An account was paid up to `cumulative`; how much, the token's Transfer of the same transaction says.
    event Claimed(address indexed account, uint256 cumulative);
    event FeeClaimed(uint256 amount);

    /// @notice Publishes the root of `epoch` and pulls what is missing of its money from the caller. Only PUBLISHER.
    /// @param receiptsRoot Commits to the public file of receipts that the root was computed from.
    function publish(uint64 epoch, bytes32 root, bytes32 receiptsRoot, uint128 total) external;

    /// @notice Makes the waiting root the live one. Anyone, from its `readyAt` on.
    function activate() external;

    /// @notice Drops the waiting root before its time; its money stays for the next one. Only GUARDIAN.
    function veto(uint64 epoch) external;

    /// @notice Pays an account what the live root owes it. Anyone may send it.
    function claim(address account, uint256 cumulative, bytes32[] calldata proof) external;

    /// @notice Pays several accounts; those that are owed nothing any more are passed over, a bad proof ends all.
    function claimMany(Claim[] calldata claims) external;

    /// @notice Pays the treasury its share of the live total. Anyone may send it.
    function claimFee() external;

    /// @notice The treasury's share beside a total paid to accounts: floor(total * feeBps / (10,000 - feeBps)).
    function feeOn(uint256 total) external view returns (uint256);
}
