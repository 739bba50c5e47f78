// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice A contract wallet (ERC-1271) of one owner that also knows how to misbehave. For tests.
contract ContractWallet is IERC1271 {
    enum Mood {
        Honest,
        BurnsAllGas,
        AnswersTooMuch,
        AnswersTooLittle,
        AnswersAnotherWord,
        Reverts
    }

    address public owner;
    Mood public mood;

    constructor(address owner_) {
        owner = owner_;
    }

    function changeOwner(address owner_) external {
        owner = owner_;
    }

    function change(Mood mood_) external {
        mood = mood_;
    }

    /// @notice Anything, in the wallet's name.
    function act(address target, bytes calldata call) external {
        (bool success, bytes memory answer) = target.call(call);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        if (mood == Mood.Reverts) revert();
        if (mood == Mood.AnswersAnotherWord) return 0xffffffff;
        if (mood == Mood.BurnsAllGas) while (true) {}
        if (mood == Mood.AnswersTooMuch) {
            assembly ("memory-safe") {
                return(0, 200000)
            }
        }
        if (mood == Mood.AnswersTooLittle) {
            bytes4 yes = IERC1271.isValidSignature.selector;
            assembly {
                mstore(0x00, yes)
                return(0, 4)
            }
        }
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(digest, signature);
        bool isFine = failure == ECDSA.RecoverError.NoError && signer == owner;
        return isFine ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}
