// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRosRewards} from "../../src/interfaces/IRosRewards.sol";
import {RosRewards} from "../../src/RosRewards.sol";
import {RosToken} from "../../src/RosToken.sol";
import {Checked} from "./support/Vm.sol";

/// @notice Publishes, vetoes, activates and claims in any order, honestly and not; keeps its own books.
contract RewardsHandler is Checked {
    uint256 public constant ACCOUNTS = 4;
    uint64 private constant DELAY = 1 hours;

    RosToken public immutable token;
    RosRewards public immutable rewards;
    address public constant TREASURY = address(0xFEE);

    /// What each account has earned by the newest published, by the pending, and by the live root.
    uint256[4] private _newest;
    uint256[4] public pendingOwed;
    uint256[4] public liveOwed;
    uint256[4] public paid;
    uint64 public liveEpoch;
    bool public isPending;
    uint256 public forged;

    constructor() {
        token = new RosToken(type(uint128).max, address(this));
        token.grantRole(token.MINTER(), address(this));
        rewards = new RosRewards(token, TREASURY, DELAY, 1_000, address(this));
        rewards.grantRole(rewards.PUBLISHER(), address(this));
        rewards.grantRole(rewards.GUARDIAN(), address(this));
        token.approve(address(rewards), type(uint256).max);
        vm.warp(1_000_000);
    }

    function account(uint256 i) public pure returns (address) {
        return address(uint160(0xA000 + i));
    }

    function publish(uint256 a, uint256 b, uint256 c, uint256 d) external {
        uint256[4] memory next = [a, b, c, d];
        uint256 total = 0;
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            next[i] = (isPending ? pendingOwed[i] : liveOwed[i]) + clamp(next[i], 0, 1e18);
            total += next[i];
        }
        token.mint(address(this), 2 * total);
        bool ripe = isPending && block.timestamp >= rewards.pending().readyAt;
        uint64 epoch = liveEpoch + (ripe ? 2 : 1);
        try rewards.publish(epoch, rootOf(next), keccak256("receipts"), uint128(total)) {
            if (ripe) _activated();
            pendingOwed = next;
            isPending = true;
        } catch {}
    }

    function activate() external {
        try rewards.activate() {
            _activated();
        } catch {}
    }

    function veto() external {
        try rewards.veto(liveEpoch + 1) {
            isPending = false;
        } catch {}
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + clamp(time, 1, 2 hours));
    }

    function claim(uint256 who) external {
        uint256 i = who % ACCOUNTS;
        try rewards.claim(account(i), liveOwed[i], proofOf(liveOwed, i)) {
            paid[i] = liveOwed[i];
        } catch {}
    }

    /// A proof for one amount, used for a larger one, for another account, or of a root that is not live.
    function forge(uint256 who, uint256 more, uint256 kind) external {
        uint256 i = who % ACCOUNTS;
        uint256 extra = clamp(more, 1, 1e18);
        bytes32[] memory proof = kind % 2 == 0 ? proofOf(liveOwed, i) : proofOf(pendingOwed, i);
        uint256 amount = kind % 2 == 0 ? liveOwed[i] + extra : pendingOwed[i] + extra;
        address to = kind % 3 == 0 ? address(0xBAD) : account(i);
        try rewards.claim(to, amount, proof) {
            forged += 1;
        } catch {}
    }

    function claimFee() external {
        try rewards.claimFee() {} catch {}
    }

    function _activated() private {
        liveOwed = pendingOwed;
        liveEpoch += 1;
        isPending = false;
    }

    function leafOf(uint256 i, uint256 amount) public pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(account(i), amount))));
    }

    function pair(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    function rootOf(uint256[4] memory owed) public pure returns (bytes32) {
        return pair(
            pair(leafOf(0, owed[0]), leafOf(1, owed[1])), pair(leafOf(2, owed[2]), leafOf(3, owed[3]))
        );
    }

    function proofOf(uint256[4] memory owed, uint256 i) public pure returns (bytes32[] memory proof) {
        proof = new bytes32[](2);
        uint256 beside = i ^ 1;
        uint256 other = i < 2 ? 2 : 0;
        proof[0] = leafOf(beside, owed[beside]);
        proof[1] = pair(leafOf(other, owed[other]), leafOf(other + 1, owed[other + 1]));
    }
}

contract RosRewardsInvariants is Checked {
    RewardsHandler private handler;
    uint256[4] private lastClaimed;

    function setUp() public {
        handler = new RewardsHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// Solvency: what the live root and the treasury are still owed is here.
    function invariant_solvent() public view {
        RosRewards rewards = handler.rewards();
        IRosRewards.Head memory live = rewards.live();
        uint256 owed = uint256(live.total) + rewards.feeOn(live.total);
        uint256 out = rewards.feeClaimed();
        for (uint256 i = 0; i < handler.ACCOUNTS(); ++i) out += rewards.claimed(handler.account(i));
        check(handler.token().balanceOf(address(rewards)) + out >= owed, "the live root is not covered");
    }

    /// What goes in is what came out and what is here: nothing is lost, vetoed roots included.
    function invariant_conserved() public view {
        RosRewards rewards = handler.rewards();
        uint256 out = rewards.feeClaimed();
        for (uint256 i = 0; i < handler.ACCOUNTS(); ++i) out += rewards.claimed(handler.account(i));
        check(handler.token().balanceOf(address(rewards)) + out == rewards.funded(), "funds were lost or made");
    }

    /// Nobody is paid more than a live root said, and each just what its claims said.
    function invariant_paidIsOwed() public view {
        for (uint256 i = 0; i < handler.ACCOUNTS(); ++i) {
            uint256 balance = handler.token().balanceOf(handler.account(i));
            check(balance <= handler.liveOwed(i), "paid more than owed");
            check(balance == handler.paid(i), "paid otherwise than claimed");
            check(balance == handler.rewards().claimed(handler.account(i)), "books differ from the token");
        }
    }

    function invariant_claimsNeverFall() public {
        for (uint256 i = 0; i < handler.ACCOUNTS(); ++i) {
            uint256 now_ = handler.rewards().claimed(handler.account(i));
            check(now_ >= lastClaimed[i], "a claim fell");
            lastClaimed[i] = now_;
        }
    }

    function invariant_noForgedClaim() public view {
        check(handler.forged() == 0, "a forged claim was paid");
    }

    function invariant_treasuryHasItsShareAtMost() public view {
        RosRewards rewards = handler.rewards();
        uint256 share = rewards.feeOn(rewards.live().total);
        check(handler.token().balanceOf(handler.TREASURY()) <= share, "the treasury took too much");
    }
}

contract RosRewardsFuzz is Checked {
    /// The fee is the platform's share of all that users paid, never more than it by a unit.
    function testFuzz_feeOn(uint128 total, uint16 bps) public {
        uint16 feeBps = uint16(clamp(bps, 0, 2_000));
        RosToken token = new RosToken(type(uint128).max, address(this));
        RosRewards rewards = new RosRewards(token, address(1), 1 hours, feeBps, address(this));
        uint256 fee = rewards.feeOn(total);
        check(fee * 10_000 <= (uint256(total) + fee) * feeBps, "above its share");
        check((fee + 1) * (10_000 - feeBps) > uint256(total) * feeBps, "below its share by a unit or more");
    }

    /// A single leaf: its own amount is paid, any other is not.
    function testFuzz_onlyTheLeafIsPaid(address who, uint128 owed, uint128 asked) public {
        vm.assume(who != address(0) && owed > 0 && owed < 1e30);
        RosToken token = new RosToken(type(uint128).max, address(this));
        token.grantRole(token.MINTER(), address(this));
        token.mint(address(this), 1e33);
        RosRewards rewards = new RosRewards(token, address(1), 0, 0, address(this));
        vm.assume(who != address(rewards) && who != address(this));
        rewards.grantRole(rewards.PUBLISHER(), address(this));
        token.approve(address(rewards), type(uint256).max);
        bytes32 root = keccak256(bytes.concat(keccak256(abi.encode(who, uint256(owed)))));
        rewards.publish(1, root, bytes32(0), owed);
        rewards.activate();
        bytes32[] memory empty = new bytes32[](0);
        if (asked != owed) {
            vm.expectRevert();
            rewards.claim(who, asked, empty);
        }
        rewards.claim(who, owed, empty);
        check(token.balanceOf(who) == owed, "not paid");
        vm.expectRevert();
        rewards.claim(who, owed, empty);
    }
}
