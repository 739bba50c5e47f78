// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IRosToken} from "./interfaces/IRosToken.sol";

/// @title RosToken
/// @notice Described, with its errors and events, in IRosToken.
contract RosToken is IRosToken, ERC20Capped, ERC20Permit, AccessControl {
    /// @notice May make new tokens; held by the treasury's timelock alone.
    bytes32 public constant MINTER = keccak256("MINTER");

    /// @param cap_ Most base units that may ever exist.
    /// @param admin Grants and revokes roles: a deployer that hands over to a timelock.
    constructor(uint256 cap_, address admin) ERC20("RiOS", "ROS") ERC20Permit("RiOS") ERC20Capped(cap_) {
        if (admin == address(0)) revert InvalidConfiguration();
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @inheritdoc IRosToken
    function mint(address to, uint256 amount) external onlyRole(MINTER) {
        _mint(to, amount);
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) public view override(ERC20Permit, IERC20Permit) returns (uint256) {
        return super.nonces(owner);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Capped) {
        super._update(from, to, value);
    }
}
