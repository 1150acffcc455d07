//! Scripts of wallets: value that moves in inner calls, value in branches that revert and so does not move, and
//! transactions that fail as a whole. They are what a correct NativeTransfer (protocol 5.1) is told apart by.

use fastrand::Rng;

use super::{
    execution::Execution,
    frame::{Opcode, Status},
};
use crate::{
    abi,
    cast::Cast,
    word::{Address, Word, digest, of_address, of_amount, tail, to_amount},
};

/// Slots of a wallet and of the oracle.
const OWNER_SLOT: u128 = 0;
const COUNT_SLOT: u128 = 1;
const PRICE_SLOT: u128 = 3;
/// When the oracle's price was set.
const ROUND_SLOT: u128 = 4;

/// A wallet takes value and pays it out: by code of another contract, to accounts, to a broker that reverts.
pub(super) fn calls(evm: &mut Execution<'_>, cast: &Cast, rng: &mut Rng) {
    let (sender, wallet) = (evm.sender(), cast.wallet(rng));
    let value = evm.state(sender).balance / u128::from(rng.u32(2_000..200_000));
    let input = abi::call(
        abi::MULTICALL,
        &[
            of_amount(32),
            of_amount(value),
            of_amount(u128::from(rng.u64(..))),
        ],
    );
    evm.enter(Opcode::Call, sender, wallet, value, input);
    evm.load(wallet, of_amount(OWNER_SLOT));
    count_up(evm, wallet);

    // A DELEGATECALL shows its caller's value and moves none.
    let input = abi::call(abi::DEPOSIT, &[]);
    evm.enter(Opcode::DelegateCall, wallet, cast.logic, value, input);
    evm.load(wallet, of_amount(PRICE_SLOT));
    evm.leave(Status::Success, Vec::new());

    evm.enter(
        Opcode::StaticCall,
        wallet,
        cast.oracle,
        0,
        abi::call(abi::LATEST_ANSWER, &[]),
    );
    evm.load(cast.oracle, of_amount(ROUND_SLOT));
    let price = evm.load(cast.oracle, of_amount(PRICE_SLOT));
    evm.leave(Status::Success, abi::words(&[price]));

    for _ in 0..rng.u8(1..3) {
        pay(evm, wallet, cast.account(rng), value / 4);
    }
    if rng.u8(..10) < 6 {
        reverted_branch(evm, cast, rng, wallet, value / 8);
    }
    if rng.u8(..10) < 1 {
        let count = evm.load(wallet, of_amount(COUNT_SLOT));
        let new = tail(&digest(&[&wallet.bytes, &count.bytes]));
        evm.enter(Opcode::Create2, wallet, new, value / 16, vec![0x60; 32]);
        evm.store(new, of_amount(OWNER_SLOT), of_address(&wallet));
        evm.leave(Status::Success, vec![0x60; 24]);
    }
    let topics = [abi::DEPOSIT_LOG, of_address(&sender)];
    evm.log(wallet, &topics, abi::words(&[of_amount(value)]));
    evm.leave(Status::Success, Vec::new());
}

/// A call with value that reverts or runs out of gas after inner calls with value succeeded.
pub(super) fn failing(evm: &mut Execution<'_>, cast: &Cast, rng: &mut Rng) {
    let (sender, wallet) = (evm.sender(), cast.wallet(rng));
    let value = evm.state(sender).balance / u128::from(rng.u32(2_000..200_000));
    let input = abi::call(abi::DEPOSIT, &[of_address(&sender)]);
    evm.enter(Opcode::Call, sender, wallet, value, input);
    evm.load(wallet, of_amount(OWNER_SLOT));
    count_up(evm, wallet);
    if rng.bool() {
        pay(evm, wallet, cast.account(rng), value / 2);
    }
    match rng.u8(..8) {
        0 | 1 => evm.leave(Status::OutOfGas, Vec::new()),
        2 => evm.leave(Status::ReserveBalance, Vec::new()),
        _ => evm.leave(Status::Revert, abi::revert("slippage")),
    }
}

/// The broker takes value, pays some of it on, which succeeds by itself, and reverts.
fn reverted_branch(
    evm: &mut Execution<'_>,
    cast: &Cast,
    rng: &mut Rng,
    wallet: Address,
    value: u128,
) {
    let input = abi::call(abi::DEPOSIT, &[of_address(&wallet)]);
    evm.enter(Opcode::Call, wallet, cast.broker, value, input);
    evm.load(cast.broker, of_amount(OWNER_SLOT));
    count_up(evm, cast.broker);
    pay(evm, cast.broker, cast.account(rng), value / 2);
    evm.log(
        cast.broker,
        &[abi::DEPOSIT_LOG, of_address(&wallet)],
        abi::words(&[of_amount(value)]),
    );
    evm.leave(Status::Revert, abi::revert("deadline"));
}

fn pay(evm: &mut Execution<'_>, from: Address, to: Address, value: u128) {
    evm.enter(Opcode::Call, from, to, value, Vec::new());
    evm.leave(Status::Success, Vec::new());
}

fn count_up(evm: &mut Execution<'_>, contract: Address) {
    let slot: Word = of_amount(COUNT_SLOT);
    let count = to_amount(&evm.load(contract, slot));
    evm.store(contract, slot, of_amount(count + 1));
}
