//! Scripts that move value or tokens from account to account; token calls are also what swap.rs is made of.

use fastrand::Rng;

use super::{
    execution::Execution,
    frame::{Opcode, Status},
};
use crate::{
    abi,
    cast::{Cast, Token},
    ledger::{CODE_SLOT, allowance_key, balance_key},
    word::{Address, Word, of_address, of_amount, to_amount},
};

/// Value from the sender to another account.
pub(super) fn native(evm: &mut Execution<'_>, cast: &Cast, rng: &mut Rng) {
    let sender = evm.sender();
    let receiver = cast.account(rng);
    let value = evm.state(sender).balance / u128::from(rng.u32(1_000..1_000_000));
    evm.enter(Opcode::Call, sender, receiver, value, Vec::new());
    evm.leave(Status::Success, Vec::new());
}

/// A call of an account without code, with `len` bytes of calldata.
pub(super) fn with_data(evm: &mut Execution<'_>, cast: &Cast, rng: &mut Rng, len: usize) {
    let (sender, receiver) = (evm.sender(), cast.account(rng));
    let mut data = vec![0; len];
    rng.fill(&mut data);
    evm.enter(Opcode::Call, sender, receiver, 0, data);
    evm.leave(Status::Success, Vec::new());
}

/// `transfer` of a token from the sender to another account.
pub(super) fn erc20(evm: &mut Execution<'_>, cast: &Cast, rng: &mut Rng) {
    let sender = evm.sender();
    let (token, receiver) = (cast.token(rng), cast.account(rng));
    // A hundredth of what every account has at the start; a poor one sends nothing, which ERC-20 allows.
    let amount = u128::from(rng.u64(1..1_000_000_000_000));
    let amount = amount.min(balance(evm, token, sender));
    transfer(evm, token, sender, receiver, amount);
}

/// What an owner has of a token, without a call.
pub(super) fn balance(evm: &mut Execution<'_>, token: Token, owner: Address) -> u128 {
    to_amount(&evm.load(token.address, balance_key(&owner)))
}

/// `transfer(to, amount)`, called by `from`.
pub(super) fn transfer(
    evm: &mut Execution<'_>,
    token: Token,
    from: Address,
    to: Address,
    amount: u128,
) {
    let input = abi::call(abi::TRANSFER, &[of_address(&to), of_amount(amount)]);
    call_token(evm, Opcode::Call, from, token, input, |evm| {
        move_tokens(evm, token, from, to, amount);
        abi::words(&[of_amount(1)])
    });
}

/// `transferFrom(from, to, amount)`, called by `spender`.
pub(super) fn transfer_from(
    evm: &mut Execution<'_>,
    token: Token,
    spender: Address,
    [from, to]: [Address; 2],
    amount: u128,
) {
    let arguments = [of_address(&from), of_address(&to), of_amount(amount)];
    let input = abi::call(abi::TRANSFER_FROM, &arguments);
    call_token(evm, Opcode::Call, spender, token, input, |evm| {
        let key = allowance_key(&from, &spender);
        let allowance = to_amount(&evm.load(token.address, key));
        evm.store(
            token.address,
            key,
            of_amount(allowance.saturating_sub(amount)),
        );
        move_tokens(evm, token, from, to, amount);
        abi::words(&[of_amount(1)])
    });
}

/// `balanceOf(owner)` by STATICCALL.
pub(super) fn balance_of(
    evm: &mut Execution<'_>,
    token: Token,
    caller: Address,
    owner: Address,
) -> u128 {
    let input = abi::call(abi::BALANCE_OF, &[of_address(&owner)]);
    let mut amount = 0;
    call_token(evm, Opcode::StaticCall, caller, token, input, |evm| {
        amount = balance(evm, token, owner);
        abi::words(&[of_amount(amount)])
    });
    amount
}

/// A call of a token that runs `code`, behind a DELEGATECALL if the token is a proxy; `code` returns the output.
fn call_token(
    evm: &mut Execution<'_>,
    opcode: Opcode,
    caller: Address,
    token: Token,
    input: Vec<u8>,
    code: impl FnOnce(&mut Execution<'_>) -> Vec<u8>,
) {
    evm.enter(opcode, caller, token.address, 0, input.clone());
    let output = match token.code {
        None => code(evm),
        Some(at) => {
            evm.load(token.address, of_amount(CODE_SLOT));
            evm.enter(Opcode::DelegateCall, token.address, at, 0, input);
            let output = code(evm);
            evm.leave(Status::Success, output.clone());
            output
        }
    };
    evm.leave(Status::Success, output);
}

/// Slot in which a token looks whether it is paused before it moves anything.
const PAUSED_SLOT: u128 = 5;

fn move_tokens(evm: &mut Execution<'_>, token: Token, from: Address, to: Address, amount: u128) {
    evm.load(token.address, of_amount(PAUSED_SLOT));
    let mut book = |owner: Address, update: fn(u128, u128) -> u128| {
        let key = balance_key(&owner);
        let held = to_amount(&evm.load(token.address, key));
        evm.store(token.address, key, of_amount(update(held, amount)));
    };
    book(from, u128::saturating_sub);
    book(to, u128::saturating_add);
    let topics: [Word; 3] = [abi::TRANSFER_LOG, of_address(&from), of_address(&to)];
    evm.log(token.address, &topics, abi::words(&[of_amount(amount)]));
}
