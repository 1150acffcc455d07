//! The script of an EIP-7702 transaction: accounts sign that they run a wallet's code, then the wallet acts for one.

use fastrand::Rng;
use monad_exec_events::ffi::{monad_c_auth_list_entry, monad_exec_txn_auth_list_entry};

use super::{
    execution::Execution,
    frame::{Opcode, Status},
    header::random_signature_part,
};
use crate::{
    abi,
    cast::Cast,
    word::{Role, derive, of_amount},
};

/// One to three authorizations, of which one in four is invalid, and a call that one of the signers answers.
pub(super) fn delegate(evm: &mut Execution<'_>, cast: &Cast, rng: &mut Rng) {
    let mut called = cast.account(rng);
    for _ in 0..rng.u8(1..=3) {
        let signer = cast.account(rng);
        let is_valid_authority = rng.u8(..4) > 0;
        let authorization = monad_exec_txn_auth_list_entry {
            entry: monad_c_auth_list_entry {
                // Zero is valid on every chain.
                chain_id: 0_u64.into(),
                address: cast.logic,
                nonce: evm.state(signer).nonce,
                y_parity: rng.bool(),
                r: random_signature_part(rng),
                s: random_signature_part(rng),
            },
            authority: if is_valid_authority {
                signer
            } else {
                Default::default()
            },
            is_valid_authority,
            ..Default::default()
        };
        evm.authorize(authorization, derive(0, Role::Delegation, 0));
        if is_valid_authority {
            called = signer;
        }
    }
    let input = abi::call(abi::MULTICALL, &[of_amount(32), of_amount(0)]);
    evm.enter(Opcode::Call, evm.sender(), called, 0, input);
    evm.leave(Status::Success, Vec::new());
}
