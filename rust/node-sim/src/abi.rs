//! Selectors, log topics and the encoding of calls: what the invented contracts share with real ones.
//! Used by the scripts in txn/.

use crate::word::{Word, of_amount};

/// First four bytes of a call: which function.
pub(crate) type Selector = [u8; 4];

/// `transfer(address,uint256)`
pub(crate) const TRANSFER: Selector = [0xa9, 0x05, 0x9c, 0xbb];
/// `transferFrom(address,address,uint256)`
pub(crate) const TRANSFER_FROM: Selector = [0x23, 0xb8, 0x72, 0xdd];
/// `balanceOf(address)`
pub(crate) const BALANCE_OF: Selector = [0x70, 0xa0, 0x82, 0x31];
/// `getReserves()`
pub(crate) const GET_RESERVES: Selector = [0x09, 0x02, 0xf1, 0xac];
/// `swap(uint256,uint256,address,bytes)`
pub(crate) const SWAP: Selector = [0x02, 0x2c, 0x0d, 0x9f];
/// `swapExactTokensForTokens(uint256,uint256,address[],address,uint256)`
pub(crate) const SWAP_EXACT_TOKENS_FOR_TOKENS: Selector = [0x38, 0xed, 0x17, 0x39];
/// `multicall(bytes[])`
pub(crate) const MULTICALL: Selector = [0xac, 0x96, 0x50, 0xd8];
/// `deposit()`
pub(crate) const DEPOSIT: Selector = [0xd0, 0xe3, 0x0d, 0xb0];
/// `latestAnswer()`
pub(crate) const LATEST_ANSWER: Selector = [0x50, 0xd2, 0x5b, 0xcd];
/// `Error(string)`, which begins the data of a revert with a reason.
const ERROR: Selector = [0x08, 0xc3, 0x79, 0xa0];

/// `Transfer(address,address,uint256)`
pub(crate) const TRANSFER_LOG: Word =
    topic("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
/// `Sync(uint112,uint112)`
pub(crate) const SYNC_LOG: Word =
    topic("1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1");
/// `Swap(address,uint256,uint256,uint256,uint256,address)`
pub(crate) const SWAP_LOG: Word =
    topic("d78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822");
/// `Deposit(address,uint256)`
pub(crate) const DEPOSIT_LOG: Word =
    topic("e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c");
/// `OwnershipTransferred(address,address)`
pub(crate) const OWNERSHIP_TRANSFERRED_LOG: Word =
    topic("8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0");

/// Keccak-256 of nothing: the code hash of an account without code. Source: ring-and-events §4.4.
pub(crate) const EMPTY_CODE_HASH: Word =
    topic("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
/// Keccak-256 of the RLP of an empty list: the hash of no ommers.
pub(crate) const EMPTY_OMMERS_HASH: Word =
    topic("1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347");

/// A selector and its arguments.
pub(crate) fn call(selector: Selector, arguments: &[Word]) -> Vec<u8> {
    let mut data = Vec::with_capacity(4 + 32 * arguments.len());
    data.extend_from_slice(&selector);
    extend(&mut data, arguments);
    data
}

/// Words one behind the other: return data, log data.
pub(crate) fn words(words: &[Word]) -> Vec<u8> {
    let mut data = Vec::with_capacity(32 * words.len());
    extend(&mut data, words);
    data
}

/// The data of a revert with a reason of at most 32 bytes.
pub(crate) fn revert(reason: &str) -> Vec<u8> {
    let mut text = Word::default();
    let length = reason.len().min(32);
    text.bytes[..length].copy_from_slice(&reason.as_bytes()[..length]);
    call(ERROR, &[of_amount(32), of_amount(length as u128), text])
}

fn extend(data: &mut Vec<u8>, words: &[Word]) {
    for word in words {
        data.extend_from_slice(&word.bytes);
    }
}

/// 64 lower-case hex digits, at compile time.
const fn topic(hex: &str) -> Word {
    let digits = hex.as_bytes();
    assert!(digits.len() == 64);
    let mut bytes = [0; 32];
    let mut at = 0;
    while at < 32 {
        bytes[at] = nibble(digits[2 * at]) << 4 | nibble(digits[2 * at + 1]);
        at += 1;
    }
    Word { bytes }
}

const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit - b'a' + 10,
    }
}
