// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DepositEscrow} from "../../src/DepositEscrow.sol";
import {IDepositEscrow} from "../../src/interfaces/IDepositEscrow.sol";
import {RosToken} from "../../src/RosToken.sol";
import {Checked} from "./support/Vm.sol";

/// @notice Deposits, signs, collects, replays, forges, leaves and comes back in any order. It keeps its own books and
/// foretells each outcome: `broken` says where the escrow did otherwise.
contract EscrowHandler is Checked {
    uint256 public constant PAYERS = 3;
    uint256 private constant KEYS = 0x5E55;
    uint64 private constant DELAY = 1 hours;
    address public constant BENEFICIARY = address(0xBE);

    struct Books {
        uint256 balance;
        uint256 spent;
        uint256 deposited;
        uint256 withdrawn;
        uint256 leaving;
        uint256 readyAt;
        uint256 limit;
        uint256 expiry;
    }

    RosToken public immutable token;
    DepositEscrow public immutable escrow;
    mapping(uint256 payer => Books) public books;
    mapping(uint256 payer => IDepositEscrow.Voucher) private _last;
    string public broken;

    constructor() {
        vm.warp(1_000_000);
        token = new RosToken(type(uint128).max, address(this));
        token.grantRole(token.MINTER(), address(this));
        escrow = new DepositEscrow(token, BENEFICIARY, DELAY);
        token.approve(address(escrow), type(uint256).max);
    }

    function keyOf(uint256 i) private pure returns (uint256) {
        return 0xA11CE + i;
    }

    function payer(uint256 i) public pure returns (address) {
        return vm.addr(keyOf(i));
    }

    function sessionOf(uint256 i) private pure returns (address) {
        return vm.addr(KEYS + i);
    }

    function _expect(bool foretold, bool came, string memory what) private {
        if (foretold != came && bytes(broken).length == 0) broken = what;
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + clamp(time, 1, 40 minutes));
    }

    function deposit(uint256 who, uint256 amount) external {
        uint256 i = who % PAYERS;
        uint128 sum = uint128(clamp(amount, 1, 1e20));
        token.mint(address(this), sum);
        escrow.deposit(payer(i), sum);
        books[i].balance += sum;
        books[i].deposited += sum;
    }

    /// One voucher by the payer, or by his session key, fine or beyond what is there, in time or late.
    function collect(uint256 who, uint256 more, uint256 lifetime, bool bySession, bool all) external {
        uint256 i = who % PAYERS;
        Books storage b = books[i];
        uint256 cumulative = b.spent + clamp(more, 0, b.balance + b.balance / 8 + 1);
        uint256 deadline = block.timestamp + clamp(lifetime, 0, 3) - 1;
        uint256 key = bySession ? KEYS + i : keyOf(i);
        IDepositEscrow.Voucher memory voucher = _sign(key, i, uint128(cumulative), uint64(deadline));
        bool inSession = b.expiry >= block.timestamp && cumulative <= b.limit;
        bool fine = cumulative > b.spent && cumulative - b.spent <= b.balance && deadline >= block.timestamp;
        _collect(voucher, i, fine && (!bySession || inSession), all);
        _last[i] = voucher;
    }

    /// The last voucher again, as it was, or with another amount, payer or deadline under the same signature.
    function replay(uint256 who, uint256 more, uint256 change, bool all) external {
        uint256 i = who % PAYERS;
        IDepositEscrow.Voucher memory voucher = _last[i];
        if (voucher.payer == address(0)) return;
        uint256 extra = clamp(more, 1, 1e18);
        uint256 kind = change % 4;
        if (kind == 0 && voucher.cumulative > books[i].spent) return;
        if (kind == 1) voucher.cumulative += uint128(extra);
        if (kind == 2) voucher.deadline += uint64(extra);
        if (kind == 3) voucher.payer = payer((i + 1) % PAYERS);
        _collect(voucher, kind == 3 ? (i + 1) % PAYERS : i, false, all);
    }

    /// A signature of somebody who has no say.
    function forge(uint256 who, uint256 more, uint256 key, bool all) external {
        uint256 i = who % PAYERS;
        Books storage b = books[i];
        uint256 amount = b.spent + clamp(more, 1, b.balance + 1);
        uint256 foreign = key % 2 == 0 ? keyOf((i + 1) % PAYERS) : KEYS + ((i + 1) % PAYERS);
        _collect(_sign(foreign, i, uint128(amount), type(uint64).max), i, false, all);
    }

    function startExit(uint256 who, uint256 amount) external {
        uint256 i = who % PAYERS;
        Books storage b = books[i];
        uint128 asked = uint128(clamp(amount, 0, b.balance + 1));
        vm.prank(payer(i));
        try escrow.startExit(asked) {
            _expect(asked != 0 && asked <= b.balance, true, "an exit that should be refused");
            b.leaving = asked;
            b.readyAt = block.timestamp + DELAY;
        } catch {
            _expect(asked != 0 && asked <= b.balance, false, "an exit that should begin");
        }
    }

    function cancelExit(uint256 who) external {
        uint256 i = who % PAYERS;
        vm.prank(payer(i));
        try escrow.cancelExit() {
            _expect(books[i].readyAt != 0, true, "there was no exit to cancel");
            (books[i].leaving, books[i].readyAt) = (0, 0);
        } catch {
            _expect(books[i].readyAt != 0, false, "an exit that cannot be cancelled");
        }
    }

    function withdraw(uint256 who) external {
        uint256 i = who % PAYERS;
        Books storage b = books[i];
        bool isReady = b.readyAt != 0 && block.timestamp >= b.readyAt;
        uint256 before = token.balanceOf(payer(i));
        vm.prank(payer(i));
        try escrow.withdraw() {
            uint256 amount = b.leaving < b.balance ? b.leaving : b.balance;
            _expect(isReady, true, "withdrawn before its time");
            _expect(true, token.balanceOf(payer(i)) - before == amount, "withdrawn otherwise than asked for");
            b.balance -= amount;
            b.withdrawn += amount;
            (b.leaving, b.readyAt) = (0, 0);
        } catch {
            _expect(isReady, false, "a ripe exit that is not paid");
        }
    }

    function authorise(uint256 who, uint256 cap, uint256 lifetime) external {
        uint256 i = who % PAYERS;
        Books storage b = books[i];
        uint256 limit = b.spent + clamp(cap, 0, 1e20);
        uint256 expiry = block.timestamp + clamp(lifetime, 0, 3 hours);
        bool isLive = b.expiry >= block.timestamp;
        bool fine = expiry > block.timestamp && !(isLive && (limit < b.limit || expiry < b.expiry));
        vm.prank(payer(i));
        try escrow.authoriseSession(sessionOf(i), uint128(limit - b.spent), uint64(expiry)) {
            _expect(fine, true, "a session that should be refused");
            (b.limit, b.expiry) = (limit, expiry);
        } catch {
            _expect(fine, false, "a session that should begin");
        }
    }

    function revoke(uint256 who) external {
        uint256 i = who % PAYERS;
        Books storage b = books[i];
        bool isLive = b.expiry >= block.timestamp;
        vm.prank(payer(i));
        try escrow.revokeSession(sessionOf(i)) {
            _expect(isLive, true, "there was no session to revoke");
            if (block.timestamp + DELAY < b.expiry) b.expiry = block.timestamp + DELAY;
        } catch {
            _expect(isLive, false, "a session that cannot be revoked");
        }
    }

    function _collect(IDepositEscrow.Voucher memory voucher, uint256 i, bool foretold, bool all) private {
        IDepositEscrow.Voucher[] memory vouchers = new IDepositEscrow.Voucher[](1);
        vouchers[0] = voucher;
        uint256 before = token.balanceOf(BENEFICIARY);
        if (all) {
            try escrow.collect(vouchers) {} catch {}
        } else {
            escrow.tryCollect(vouchers);
        }
        uint256 paid = token.balanceOf(BENEFICIARY) - before;
        _expect(foretold, paid != 0, "a voucher was paid that should not be, or was not that should");
        if (paid == 0) return;
        _expect(true, paid == voucher.cumulative - books[i].spent, "a voucher paid another amount");
        books[i].spent += paid;
        books[i].balance -= paid;
    }

    function _sign(uint256 key, uint256 i, uint128 cumulative, uint64 deadline)
        private
        view
        returns (IDepositEscrow.Voucher memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, escrow.hashVoucher(payer(i), cumulative, deadline));
        return IDepositEscrow.Voucher(payer(i), cumulative, deadline, abi.encodePacked(r, s, v));
    }
}

contract DepositEscrowInvariants is Checked {
    EscrowHandler private handler;
    uint256[3] private lastSpent;

    function setUp() public {
        handler = new EscrowHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// Every outcome was as the handler's own books foretold: no replayed, forged, late or unfunded voucher was paid,
    /// each good one was, exits waited, sessions ended.
    function invariant_asForetold() public view {
        check(bytes(handler.broken()).length == 0, handler.broken());
    }

    /// Conservation under any order: what came in is here, was collected or was withdrawn, for each payer and for all.
    function invariant_conserved() public view {
        DepositEscrow escrow = handler.escrow();
        (uint256 here, uint256 collected) = (0, 0);
        for (uint256 i = 0; i < handler.PAYERS(); ++i) {
            (uint128 balance, uint128 spent) = escrow.accounts(handler.payer(i));
            (,, uint256 deposited, uint256 withdrawn,,,,) = handler.books(i);
            check(deposited == uint256(balance) + spent + withdrawn, "a payer's money was lost or made");
            here += balance;
            collected += spent;
        }
        check(handler.token().balanceOf(address(escrow)) == here, "the escrow holds another sum");
        check(handler.token().balanceOf(handler.BENEFICIARY()) == collected, "the beneficiary got another sum");
    }

    /// What is spent never falls, and what is available is never more than is there.
    function invariant_spentNeverFalls() public {
        for (uint256 i = 0; i < handler.PAYERS(); ++i) {
            (uint128 balance, uint128 spent) = handler.escrow().accounts(handler.payer(i));
            check(spent >= lastSpent[i], "spent fell");
            lastSpent[i] = spent;
            (uint128 leaving,) = handler.escrow().exits(handler.payer(i));
            uint256 available = handler.escrow().available(handler.payer(i));
            check(available == (leaving < balance ? balance - leaving : 0), "available is another sum");
        }
    }
}

contract DepositEscrowFuzz is Checked {
    uint256 private constant KEY = 0xB0B;
    RosToken private token;
    DepositEscrow private escrow;

    function setUp() public {
        vm.warp(1_000_000);
        token = new RosToken(type(uint256).max, address(this));
        token.grantRole(token.MINTER(), address(this));
        token.mint(address(this), type(uint136).max);
        escrow = new DepositEscrow(token, address(0xBE), 1 hours);
        token.approve(address(escrow), type(uint256).max);
    }

    function _voucher(uint256 key, uint128 cumulative, uint64 deadline)
        private
        view
        returns (IDepositEscrow.Voucher[] memory vouchers)
    {
        address payer = vm.addr(KEY);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, escrow.hashVoucher(payer, cumulative, deadline));
        vouchers = new IDepositEscrow.Voucher[](1);
        vouchers[0] = IDepositEscrow.Voucher(payer, cumulative, deadline, abi.encodePacked(r, s, v));
    }

    /// However a payer's vouchers follow each other, the beneficiary gets the greatest that the deposit covers.
    function testFuzz_theGreatestCoveredVoucherCounts(uint128 deposited, uint128[4] memory cumulatives) public {
        vm.assume(deposited > 0);
        escrow.deposit(vm.addr(KEY), deposited);
        uint128 greatest = 0;
        for (uint256 i = 0; i < cumulatives.length; ++i) {
            escrow.tryCollect(_voucher(KEY, cumulatives[i], type(uint64).max));
            if (cumulatives[i] <= deposited && cumulatives[i] > greatest) greatest = cumulatives[i];
            check(token.balanceOf(address(0xBE)) == greatest, "paid another sum");
        }
    }

    /// Nobody else's key and no changed byte of a signature pays.
    function testFuzz_noForgedVoucherPays(uint256 key, uint128 amount, uint256 where, bytes1 change) public {
        vm.assume(amount > 0 && key > 0 && key < 2 ** 255 && key != KEY);
        escrow.deposit(vm.addr(KEY), type(uint128).max);
        escrow.tryCollect(_voucher(key, amount, type(uint64).max));
        IDepositEscrow.Voucher[] memory changed = _voucher(KEY, amount, type(uint64).max);
        uint256 place = where % 65;
        if (change == 0) change = 0x01;
        changed[0].signature[place] = changed[0].signature[place] ^ change;
        escrow.tryCollect(changed);
        check(token.balanceOf(address(0xBE)) == 0, "a forged voucher was paid");
    }

    /// A session's vouchers pay up to its cap beyond what was spent when it began, and until its end.
    function testFuzz_sessionPaysUpToItsCap(uint128 spent, uint128 cap, uint128 asked, uint32 life, uint32 later)
        public
    {
        uint256 session = 0x5E55;
        spent = uint128(clamp(spent, 0, 1e30));
        cap = uint128(clamp(cap, 0, 1e30));
        uint64 expiry = uint64(block.timestamp + clamp(life, 1, 30 days));
        escrow.deposit(vm.addr(KEY), type(uint128).max);
        if (spent > 0) escrow.collect(_voucher(KEY, spent, type(uint64).max));
        vm.prank(vm.addr(KEY));
        escrow.authoriseSession(vm.addr(session), cap, expiry);
        vm.warp(block.timestamp + clamp(later, 0, 60 days));
        asked = uint128(clamp(asked, 0, 3e30));
        escrow.tryCollect(_voucher(session, asked, type(uint64).max));
        bool fine = block.timestamp <= expiry && asked <= uint256(spent) + cap && asked > spent;
        check(token.balanceOf(address(0xBE)) == (fine ? asked : spent), "a session paid another sum");
    }

    /// A voucher that was good when an exit began is paid until the exit's time has come, and payer and beneficiary
    /// together get what was there.
    function testFuzz_exitWaitsForVouchers(uint128 deposited, uint128 leaving, uint128 owed, uint32 after_) public {
        deposited = uint128(clamp(deposited, 1, type(uint128).max));
        leaving = uint128(clamp(leaving, 1, deposited));
        owed = uint128(clamp(owed, 1, deposited));
        address payer = vm.addr(KEY);
        escrow.deposit(payer, deposited);
        vm.prank(payer);
        escrow.startExit(leaving);
        vm.warp(block.timestamp + clamp(after_, 0, 1 hours - 1));
        vm.prank(payer);
        try escrow.withdraw() {
            check(false, "withdrawn before its time");
        } catch {}
        escrow.collect(_voucher(KEY, owed, type(uint64).max));
        vm.warp(block.timestamp + 1 hours);
        vm.prank(payer);
        escrow.withdraw();
        uint128 rest = deposited - owed;
        check(token.balanceOf(payer) == (leaving < rest ? leaving : rest), "the payer got another sum");
        check(token.balanceOf(address(0xBE)) == owed, "the beneficiary got another sum");
    }
}
