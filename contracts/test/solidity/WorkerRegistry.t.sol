// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IWorkerRegistry} from "../../src/interfaces/IWorkerRegistry.sol";
import {RosToken} from "../../src/RosToken.sol";
import {WorkerRegistry} from "../../src/WorkerRegistry.sol";
import {Checked} from "./support/Vm.sol";

/// @notice Enters, stakes, unbonds, judges and slashes workers in any order, and keeps its own books.
contract RegistryHandler is Checked {
    uint256 public constant WORKERS = 2;
    uint256 private constant JUDGES = 3;
    bytes32 private constant PEER = keccak256("peer");
    uint64 private constant AGE = 2 hours;
    uint64 private constant CHALLENGE = 2 hours;
    uint64 private constant VETO = 1 hours;
    address public constant HARMED = address(0xA1);
    address public constant TREASURY = address(0xA2);
    address public constant AUDITOR = address(0xA3);

    struct Books {
        bool isIn;
        uint256 stake;
        uint256 unbonding;
        uint256 unbondAt;
        uint256 staked;
        uint256 withdrawn;
        uint256 slashed;
    }

    struct Proposal {
        bytes32 id;
        uint256 worker;
        uint256 amount;
        bytes32 evidence;
        uint256 proposedAt;
        uint256 approvals;
        bool closed;
    }

    RosToken public immutable token;
    WorkerRegistry public immutable registry;
    mapping(uint256 worker => Books) public books;
    Proposal[] public proposals;
    mapping(bytes32 evidence => bool) public isUsed;
    mapping(bytes32 slashId => bool) public isProposed;
    string public broken;

    constructor() {
        vm.warp(1_000_000);
        token = new RosToken(type(uint128).max, address(this));
        token.grantRole(token.MINTER(), address(this));
        uint64 longest = AGE + CHALLENGE + VETO + 1 hours;
        IWorkerRegistry.Rules memory rules = IWorkerRegistry.Rules(longest, AGE, CHALLENGE, VETO, 2, 5_000);
        registry = new WorkerRegistry(token, HARMED, TREASURY, rules, address(this));
        for (uint256 i = 0; i < JUDGES; ++i) registry.grantRole(registry.JUDGE(), judge(i));
        registry.grantRole(registry.GUARDIAN(), address(this));
        for (uint256 i = 0; i < WORKERS; ++i) {
            token.mint(operator(i), 1e30);
            vm.prank(operator(i));
            token.approve(address(registry), type(uint256).max);
        }
    }

    function keyOf(uint256 i) private pure returns (uint256) {
        return 0x0BE7A + i;
    }

    function operator(uint256 i) public pure returns (address) {
        return vm.addr(keyOf(i));
    }

    function idOf(uint256 i) public view returns (bytes32) {
        return registry.idOf(operator(i), PEER);
    }

    function judge(uint256 i) private pure returns (address) {
        return address(uint160(0x70D6E0 + i));
    }

    function _expect(bool foretold, bool came, string memory what) private {
        if (foretold != came && bytes(broken).length == 0) broken = what;
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + clamp(time, 1, 90 minutes));
    }

    function register(uint256 who) external {
        uint256 i = who % WORKERS;
        vm.prank(operator(i));
        try registry.register(PEER, operator(i)) {
            _expect(!books[i].isIn, true, "entered twice");
            books[i].isIn = true;
        } catch {
            _expect(!books[i].isIn, false, "an entry that should be taken");
        }
    }

    function deregister(uint256 who) external {
        uint256 i = who % WORKERS;
        Books storage b = books[i];
        bool fine = b.isIn && b.stake == 0 && b.unbonding == 0;
        vm.prank(operator(i));
        try registry.deregister(PEER) {
            _expect(fine, true, "left with stake");
            b.isIn = false;
        } catch {
            _expect(fine, false, "a worker that cannot leave");
        }
    }

    function stake(uint256 who, uint256 amount) external {
        uint256 i = who % WORKERS;
        Books storage b = books[i];
        uint128 sum = uint128(clamp(amount, 1, 1e20));
        vm.prank(operator(i));
        try registry.stake(PEER, sum) {
            _expect(b.isIn, true, "stake of nobody");
            b.stake += sum;
            b.staked += sum;
        } catch {
            _expect(b.isIn, false, "stake that should be taken");
        }
    }

    function unbond(uint256 who, uint256 amount) external {
        uint256 i = who % WORKERS;
        Books storage b = books[i];
        uint128 asked = uint128(clamp(amount, 1, b.stake + 1));
        bool fine = b.isIn && asked <= b.stake;
        vm.prank(operator(i));
        try registry.requestUnbond(PEER, asked) {
            _expect(fine, true, "unbonds more than there is");
            b.stake -= asked;
            b.unbonding += asked;
            b.unbondAt = block.timestamp + registry.unbondPeriod();
        } catch {
            _expect(fine, false, "stake that cannot be taken out");
        }
    }

    function withdraw(uint256 who) external {
        uint256 i = who % WORKERS;
        Books storage b = books[i];
        bool fine = b.isIn && b.unbonding != 0 && block.timestamp >= b.unbondAt;
        uint256 before = token.balanceOf(operator(i));
        vm.prank(operator(i));
        try registry.withdraw(PEER) {
            _expect(fine, true, "withdrawn before its time");
            _expect(true, token.balanceOf(operator(i)) - before == b.unbonding, "withdrew another sum");
            b.withdrawn += b.unbonding;
            b.unbonding = 0;
        } catch {
            _expect(fine, false, "what has unbonded is not paid");
        }
    }

    function propose(uint256 who, uint256 amount, uint256 by, uint256 age, uint256 about) external {
        uint256 i = who % WORKERS;
        uint128 asked = uint128(clamp(amount, 1, books[i].stake + books[i].unbonding + 1e18));
        uint64 faultTime = uint64(block.timestamp - clamp(age, 0, AGE + 10 minutes));
        bytes32 evidence = keccak256(abi.encode("evidence", about % 8));
        bytes32 workerId = idOf(i);
        bytes32 id = keccak256(abi.encode(workerId, asked, evidence, faultTime, AUDITOR));
        bool fine = books[i].isIn && block.timestamp - faultTime <= AGE && !isUsed[evidence] && !isProposed[id];
        vm.prank(judge(by % JUDGES));
        try registry.proposeSlash(workerId, asked, evidence, "", faultTime, AUDITOR) returns (bytes32 given) {
            _expect(fine, given == id, "a proposal that should be refused, or has another id");
            isProposed[id] = true;
            proposals.push(Proposal(id, i, asked, evidence, block.timestamp, 1, false));
        } catch {
            _expect(fine, false, "a proposal that should be taken");
        }
    }

    function approve(uint256 which, uint256 by) external {
        if (proposals.length == 0) return;
        Proposal storage p = proposals[which % proposals.length];
        bool late = block.timestamp >= p.proposedAt + CHALLENGE;
        bool twice = registry.hasApproved(p.id, judge(by % JUDGES));
        vm.prank(judge(by % JUDGES));
        try registry.approveSlash(p.id) {
            _expect(!p.closed && !late && !twice, true, "an approval that should not count");
            p.approvals += 1;
        } catch {
            _expect(!p.closed && !late && !twice, false, "an approval that should count");
        }
    }

    function veto(uint256 which) external {
        if (proposals.length == 0) return;
        Proposal storage p = proposals[which % proposals.length];
        bool fine = !p.closed && block.timestamp < p.proposedAt + CHALLENGE + VETO;
        try registry.vetoSlash(p.id) {
            _expect(fine, true, "a veto that should be refused");
            p.closed = true;
        } catch {
            _expect(fine, false, "a veto that should count");
        }
    }

    /// Slash <= stake + unbonding, once per evidence, by a quorum that the guardian could see.
    function execute(uint256 which) external {
        if (proposals.length == 0) return;
        Proposal storage p = proposals[which % proposals.length];
        Books storage b = books[p.worker];
        bool fine = !p.closed && p.approvals >= 2 && block.timestamp >= p.proposedAt + CHALLENGE + VETO
            && !isUsed[p.evidence] && b.stake + b.unbonding != 0;
        try registry.executeSlash(p.id) {
            _expect(fine, true, "a slash that should be refused");
            p.closed = true;
            isUsed[p.evidence] = true;
            _slashed(b, p.amount);
        } catch {
            _expect(fine, false, "a slash that should be carried out");
        }
    }

    /// Two statements about one request: contradicting or not, of the worker's operator or of another.
    function equivocate(uint256 who, uint256 request, uint256 a, uint256 b, bool foreign) external {
        uint256 i = who % WORKERS;
        (a, b, request) = (a % 3, b % 3, request % 4);
        uint256 key = foreign ? keyOf((i + 1) % WORKERS) : keyOf(i);
        IWorkerRegistry.Statement memory first = _state(key, i, bytes32(request), a);
        IWorkerRegistry.Statement memory second = _state(key, i, bytes32(request), b);
        bytes32 evidence = keccak256(abi.encode(idOf(i), request, a < b ? a : b, a < b ? b : a));
        uint256 amount = (books[i].stake + books[i].unbonding) / 2;
        bool fine = a != b && !foreign && !isUsed[evidence] && amount != 0;
        try registry.reportEquivocation(operator(i), PEER, first, second) {
            _expect(fine, true, "a contradiction that is none");
            isUsed[evidence] = true;
            _slashed(books[i], amount);
        } catch {
            _expect(fine, false, "a contradiction that should be slashed");
        }
    }

    function _state(uint256 key, uint256 i, bytes32 requestId, uint256 commitment)
        private
        view
        returns (IWorkerRegistry.Statement memory)
    {
        bytes32 digest = registry.hashStatement(idOf(i), requestId, bytes32(commitment));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return IWorkerRegistry.Statement(requestId, bytes32(commitment), abi.encodePacked(r, s, v));
    }

    function _slashed(Books storage b, uint256 wanted) private {
        uint256 fromStake = wanted < b.stake ? wanted : b.stake;
        uint256 rest = wanted - fromStake;
        uint256 fromUnbonding = rest < b.unbonding ? rest : b.unbonding;
        b.stake -= fromStake;
        b.unbonding -= fromUnbonding;
        b.slashed += fromStake + fromUnbonding;
    }
}

contract WorkerRegistryInvariants is Checked {
    RegistryHandler private handler;

    function setUp() public {
        handler = new RegistryHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// Every outcome was as foretold: nothing unbonds early, no slash without quorum, twice, or vetoed.
    function invariant_asForetold() public view {
        check(bytes(handler.broken()).length == 0, handler.broken());
    }

    /// The registry's books are the handler's; what was staked is here, withdrawn or slashed; the token agrees.
    function invariant_conserved() public view {
        WorkerRegistry registry = handler.registry();
        (uint256 here, uint256 slashed) = (0, 0);
        for (uint256 i = 0; i < handler.WORKERS(); ++i) {
            (address payout,, uint128 stake, uint128 unbonding) = registry.workers(handler.idOf(i));
            (bool isIn, uint256 own, uint256 leaving,, uint256 staked, uint256 withdrawn, uint256 lost) =
                handler.books(i);
            check(stake == own && unbonding == leaving, "a slash or a withdrawal took another sum");
            check(staked == uint256(stake) + unbonding + withdrawn + lost, "stake was lost or made");
            check(isIn == (payout != address(0)), "entered otherwise than asked for");
            here += uint256(stake) + unbonding;
            slashed += lost;
        }
        RosToken token = handler.token();
        check(token.balanceOf(address(registry)) == here, "the registry holds another sum");
        uint256 shares = token.balanceOf(handler.HARMED()) + token.balanceOf(handler.TREASURY())
            + token.balanceOf(handler.AUDITOR()) + token.balanceOf(address(handler));
        check(shares == slashed, "slashed money went elsewhere");
    }
}

contract WorkerRegistryFuzz is Checked {
    address private constant OPERATOR = address(0x09E);
    bytes32 private constant PEER = keccak256("peer");

    function _deploy(IWorkerRegistry.Rules memory rules) private returns (WorkerRegistry registry, RosToken token) {
        vm.warp(1_000_000_000);
        token = new RosToken(type(uint256).max, address(this));
        token.grantRole(token.MINTER(), address(this));
        registry = new WorkerRegistry(token, address(0xA1), address(0xA2), rules, address(this));
        registry.grantRole(registry.JUDGE(), address(this));
    }

    function _staked(WorkerRegistry registry, RosToken token, uint128 amount) private {
        token.mint(OPERATOR, amount);
        vm.prank(OPERATOR);
        token.approve(address(registry), amount);
        vm.prank(OPERATOR);
        registry.register(PEER, OPERATOR);
        vm.prank(OPERATOR);
        registry.stake(PEER, amount);
    }

    /// Unbonding outlasts evidence, challenge and veto: whatever rules a registry accepts, a worker who asks to leave in
    /// the second of his fault is still here when the last possible slash can be carried out, for an hour.
    function testFuzz_unbondingOutlasts(uint32[4] memory periods, uint32 seenAfter, uint32 executedAfter) public {
        IWorkerRegistry.Rules memory rules = IWorkerRegistry.Rules({
            unbondPeriod: uint64(clamp(periods[0], 0, 365 days)),
            maxEvidenceAge: uint64(clamp(periods[1], 0, 60 days)),
            challengePeriod: uint64(clamp(periods[2], 1, 60 days)),
            vetoPeriod: uint64(clamp(periods[3], 1, 60 days)),
            quorum: 1,
            equivocationBps: 10_000
        });
        uint256 longest = uint256(rules.maxEvidenceAge) + rules.challengePeriod + rules.vetoPeriod + 1 hours;
        if (rules.unbondPeriod < longest) {
            try new WorkerRegistry(RosToken(address(1)), address(1), address(1), rules, address(1)) {
                check(false, "a registry whose stake escapes");
            } catch {}
            rules.unbondPeriod = uint64(longest);
        }
        (WorkerRegistry registry, RosToken token) = _deploy(rules);
        _staked(registry, token, 1e18);
        uint64 fault = uint64(block.timestamp);
        vm.prank(OPERATOR);
        registry.requestUnbond(PEER, 1e18);
        vm.warp(fault + clamp(seenAfter, 0, rules.maxEvidenceAge));
        bytes32 workerId = registry.idOf(OPERATOR, PEER);
        bytes32 id = registry.proposeSlash(workerId, 1e18, bytes32(uint256(1)), "", fault, address(0));
        vm.warp(block.timestamp + rules.challengePeriod + rules.vetoPeriod + clamp(executedAfter, 0, 1 hours - 1));
        vm.prank(OPERATOR);
        try registry.withdraw(PEER) {
            check(false, "left before the slash");
        } catch {}
        registry.executeSlash(id);
        check(token.balanceOf(address(registry)) == 0, "the slash missed something");
    }

    /// A slash takes what was asked for, as far as it is there; shares are 50, 20 and 30 %, and add up to the unit.
    function testFuzz_slashIsBoundedAndShared(uint128 staked, uint128 leaving, uint128 asked, bool hasAuditor) public {
        staked = uint128(clamp(staked, 1, type(uint128).max));
        leaving = uint128(clamp(leaving, 0, staked));
        asked = uint128(clamp(asked, 1, type(uint128).max));
        (WorkerRegistry registry, RosToken token) =
            _deploy(IWorkerRegistry.Rules(2 days, 1 hours, 1 hours, 1 hours, 1, 10_000));
        _staked(registry, token, staked);
        if (leaving > 0) {
            vm.prank(OPERATOR);
            registry.requestUnbond(PEER, leaving);
        }
        address auditor = hasAuditor ? address(0xA3) : address(0);
        bytes32 workerId = registry.idOf(OPERATOR, PEER);
        bytes32 id =
            registry.proposeSlash(workerId, asked, bytes32(uint256(1)), "", uint64(block.timestamp), auditor);
        vm.warp(block.timestamp + 2 hours);
        registry.executeSlash(id);

        uint256 taken = asked < staked ? asked : staked;
        check(token.balanceOf(address(registry)) == staked - taken, "took another sum");
        (,, uint128 stake, uint128 unbonding) = registry.workers(workerId);
        uint256 fromStake = taken < staked - leaving ? taken : staked - leaving;
        check(stake == staked - leaving - fromStake, "stake does not go first");
        check(unbonding == leaving - (taken - fromStake), "unbonding took another sum");
        uint256 toAuditor = hasAuditor ? (taken * 2) / 10 : 0;
        uint256 toTreasury = (taken * 3) / 10;
        check(token.balanceOf(address(0xA3)) == toAuditor, "the auditor's share");
        check(token.balanceOf(address(0xA2)) == toTreasury, "the treasury's share");
        check(token.balanceOf(address(0xA1)) == taken - toAuditor - toTreasury, "the share of the harmed");
    }

    /// Nobody but the operator contradicts himself: no other key's statements slash.
    function testFuzz_noForgedContradiction(uint256 key, bytes32 a, bytes32 b, bytes32 requestId) public {
        vm.assume(key > 0 && key < 2 ** 255 && a != b && vm.addr(key) != OPERATOR);
        (WorkerRegistry registry, RosToken token) =
            _deploy(IWorkerRegistry.Rules(2 days, 1 hours, 1 hours, 1 hours, 1, 10_000));
        _staked(registry, token, 1e18);
        bytes32 workerId = registry.idOf(OPERATOR, PEER);
        try registry.reportEquivocation(
            OPERATOR, PEER, _state(registry, key, workerId, requestId, a), _state(registry, key, workerId, requestId, b)
        ) {
            check(false, "slashed by a stranger's word");
        } catch {}
        check(token.balanceOf(address(registry)) == 1e18, "stake was taken");
    }

    function _state(WorkerRegistry registry, uint256 key, bytes32 workerId, bytes32 requestId, bytes32 commitment)
        private
        view
        returns (IWorkerRegistry.Statement memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, registry.hashStatement(workerId, requestId, commitment));
        return IWorkerRegistry.Statement(requestId, commitment, abi.encodePacked(r, s, v));
    }
}
