// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What the test runner offers at a fixed address; only what these tests use.
interface Vm {
    function prank(address sender) external;
    function warp(uint256 timestamp) external;
    function addr(uint256 privateKey) external pure returns (address);
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function assume(bool condition) external pure;
}

/// @notice Base of the tests: the runner, and checks with a reason.
abstract contract Checked {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error CheckFailed(string what);

    function check(bool condition, string memory what) internal pure {
        if (!condition) revert CheckFailed(what);
    }

    function clamp(uint256 value, uint256 least, uint256 most) internal pure returns (uint256) {
        return least + (value % (most - least + 1));
    }
}
