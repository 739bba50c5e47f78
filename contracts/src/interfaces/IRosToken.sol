// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title ROS, the token that users pay and workers earn
/// @notice 18 decimals, a fixed cap, permits (EIP-2612). No pause, no block list, no votes: votes would make each
/// transfer cost up to three times the gas, and belong into a wrapper.
interface IRosToken is IERC20, IERC20Permit {
    /// @notice The admin given at deployment is zero. (A cap of zero is ERC20InvalidCap.)
    error InvalidConfiguration();

    /// @notice Makes `amount` base units for `to`. Only the role MINTER; never above the cap.
    function mint(address to, uint256 amount) external;
}
