//! Every C struct: its size against the table, and random field values through the encoder and back.
//! Offsets are proven at compile time where the structs are declared.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "harness/seed.rs"]
mod seed;

use monad_exec_events::ffi::*;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use zerocopy::TryFromBytes;

/// Calls `$test::<struct, SIZE>(bool offsets, number of padding bytes)` for every struct.
macro_rules! for_each_struct {
    ($test:ident) => {
        for_each_struct! { $test:
            monad_exec_block_tag 40 [] 0;
            monad_c_secp256k1_pubkey 33 [] 0;
            monad_c_eth_block_input 272 [] 4;
            monad_c_native_block_input 64 [] 0;
            monad_exec_block_start 528 [] 27;
            monad_c_eth_block_exec_output 328 [] 0;
            monad_exec_block_end 360 [] 0;
            monad_exec_block_qc 56 [] 0;
            monad_exec_block_verified 8 [] 0;
            monad_c_eth_txn_header 296 [172, 240] 17;
            monad_exec_txn_header_start 352 [228, 296] 21;
            monad_c_access_list_entry 24 [] 0;
            monad_exec_txn_access_list_entry 28 [] 0;
            monad_c_auth_list_entry 136 [64] 11;
            monad_exec_txn_auth_list_entry 168 [72, 164] 18;
            monad_c_eth_txn_receipt 16 [0] 3;
            monad_exec_txn_evm_output 24 [0] 7;
            monad_exec_txn_log 32 [] 3;
            monad_exec_txn_call_frame 128 [] 7;
            monad_exec_account_access_list_header 8 [] 3;
            monad_c_eth_account_state 72 [] 0;
            monad_exec_account_access 152 [25, 26] 5;
            monad_exec_storage_access 124 [25, 26] 1;
            monad_exec_evm_error 16 [] 0;
        }
    };
    ($test:ident: $($name:ident $size:literal $bools:tt $padding:literal;)*) => {$(
        $test::<$name, $size>(stringify!($name), &$bools, $padding, $name::encode);
    )*};
}

/// The struct that `bytes` hold, once its bools are made valid.
fn read<T: TryFromBytes, const SIZE: usize>(mut bytes: [u8; SIZE], bools: &[usize]) -> T {
    bools.iter().for_each(|&offset| bytes[offset] &= 1);
    T::try_read_from_bytes(&bytes).ok().unwrap()
}

fn padding_is_zero<T: TryFromBytes + Default + PartialEq, const SIZE: usize>(
    name: &str,
    bools: &[usize],
    padding: usize,
    encode: fn(&T) -> [u8; SIZE],
) {
    assert_eq!(size_of::<T>(), SIZE, "{name}");
    let encoded = encode(&read([0xff; SIZE], bools));
    assert_eq!(
        encoded.iter().filter(|&&byte| byte == 0).count(),
        padding,
        "padding of {name}"
    );
    assert_eq!(encode(&T::default()), [0; SIZE], "{name}");
}

fn random_values_return<T: TryFromBytes + std::fmt::Debug + PartialEq, const SIZE: usize>(
    name: &str,
    bools: &[usize],
    _: usize,
    encode: fn(&T) -> [u8; SIZE],
) {
    TestRunner::new(seed::seeded(64))
        .run(&any::<[u8; SIZE]>(), |bytes| {
            let value: T = read(bytes, bools);
            prop_assert_eq!(&value, &read(encode(&value), &[]), "{}", name);
            Ok(())
        })
        .unwrap();
}

#[test]
fn encoders_write_every_field_and_zero_the_padding() {
    for_each_struct!(padding_is_zero);
}

#[test]
fn random_values_survive_the_encoder() {
    for_each_struct!(random_values_return);
}
