// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A token that the contracts were not made for: it may keep a fee, refuse without a revert, and call back
/// before it moves anything. For tests.
contract HostileToken is ERC20 {
    uint256 public fee;
    bool public refuses;
    address public target;
    bytes public call;

    constructor() ERC20("Hostile", "EVIL") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function keepFee(uint256 fee_) external {
        fee = fee_;
    }

    function refuse(bool refuses_) external {
        refuses = refuses_;
    }

    /// @notice Calls `call_` on `target_` in each transfer; what that reverts with, the transfer does.
    function callBack(address target_, bytes calldata call_) external {
        target = target_;
        call = call_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (refuses) return false;
        _callBack();
        return super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (refuses) return false;
        _callBack();
        if (fee != 0) _burn(from, fee);
        return super.transferFrom(from, to, amount - fee);
    }

    function _callBack() private {
        if (target == address(0)) return;
        (bool success, bytes memory answer) = target.call(call);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }
}
