//! The script of a contract creation: init code that stores its first values and names its owner.

use fastrand::Rng;

use super::{
    execution::Execution,
    frame::{Opcode, Status},
};
use crate::{
    abi,
    word::{Word, digest, of_address, of_amount, tail},
};

/// Bytes that nearly every compiled contract starts with: the free memory pointer is set.
const PROLOGUE: [u8; 5] = [0x60, 0x80, 0x60, 0x40, 0x52];

/// A new contract whose address follows from sender and nonce.
pub(super) fn create(evm: &mut Execution<'_>, rng: &mut Rng) {
    let sender = evm.sender();
    let nonce = evm.state(sender).nonce;
    let contract = tail(&digest(&[&sender.bytes, &nonce.to_le_bytes()]));
    let mut code = vec![0; rng.usize(200..1_200)];
    rng.fill(&mut code);
    code[..PROLOGUE.len()].copy_from_slice(&PROLOGUE);
    let deployed = code[64..].to_vec();
    evm.enter(Opcode::Create, sender, contract, 0, code);
    evm.store(contract, of_amount(0), of_address(&sender));
    for slot in 1..rng.u8(2..6) {
        let value = of_amount(u128::from(rng.u64(1..)));
        evm.store(contract, of_amount(slot.into()), value);
    }
    let topics = [
        abi::OWNERSHIP_TRANSFERRED_LOG,
        Word::default(),
        of_address(&sender),
    ];
    evm.log(contract, &topics, Vec::new());
    evm.leave(Status::Success, deployed);
}
