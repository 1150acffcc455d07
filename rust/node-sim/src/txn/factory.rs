//! The script of a short-lived contract: CREATE2 with value, a call, SELFDESTRUCT; each moves value in its own way.

use fastrand::Rng;

use super::{
    execution::Execution,
    frame::{Opcode, Status},
};
use crate::{
    abi,
    cast::Cast,
    word::{digest, of_address, of_amount, tail, to_amount},
};

/// Slot of the factory that counts what it made.
const COUNT_SLOT: u128 = 0;

/// The factory takes value, makes a contract with half of it, pays it the rest, and has it destroyed for the sender.
pub(super) fn make_and_destroy(evm: &mut Execution<'_>, cast: &Cast, rng: &mut Rng) {
    let (sender, factory) = (evm.sender(), cast.factory);
    let value = evm.state(sender).balance / u128::from(rng.u32(2_000..200_000));
    let salt = of_amount(u128::from(rng.u64(..)));
    let made = tail(&digest(&[&factory.bytes, &salt.bytes]));
    let input = abi::call(abi::DEPOSIT, &[salt]);
    evm.enter(Opcode::Call, sender, factory, value, input);
    let count = evm.load(factory, of_amount(COUNT_SLOT));
    evm.store(
        factory,
        of_amount(COUNT_SLOT),
        of_amount(to_amount(&count) + 1),
    );
    let mut code = vec![0; rng.usize(60..240)];
    rng.fill(&mut code);
    evm.enter(Opcode::Create2, factory, made, value / 2, code);
    evm.store(made, of_amount(0), of_address(&sender));
    evm.leave(Status::Success, Vec::new());
    evm.enter(Opcode::Call, factory, made, value - value / 2, Vec::new());
    evm.load(made, of_amount(0));
    let left = evm.state(made).balance;
    evm.enter(Opcode::SelfDestruct, made, sender, left, Vec::new());
    evm.leave(Status::Success, Vec::new());
    evm.leave(Status::Success, Vec::new());
    evm.leave(Status::Success, Vec::new());
}
