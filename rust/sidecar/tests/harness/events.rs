//! Payload structs with as much in them as a test of order, stage or loss needs.
//! Recorded by `recorder`; tests of fields fill structs of their own.

use monad_exec_events::ffi::*;

/// Opcodes that open call frames.
pub const CALL: u8 = 0xf1;
pub const CALLCODE: u8 = 0xf2;
pub const DELEGATECALL: u8 = 0xf4;
pub const STATICCALL: u8 = 0xfa;
pub const CREATE: u8 = 0xf0;
pub const CREATE2: u8 = 0xf5;
pub const SELFDESTRUCT: u8 = 0xff;

/// A block id or hash that says its number at both ends.
pub fn id(n: u64) -> [u8; 32] {
    let mut bytes = [0x11; 32];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    bytes[24..].copy_from_slice(&n.to_be_bytes());
    bytes
}

/// `0x…` of some bytes.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold("0x".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

pub fn tag(number: u64, block_id: u64) -> monad_exec_block_tag {
    monad_exec_block_tag {
        id: id(block_id).into(),
        block_number: number,
    }
}

pub fn block_start(number: u64, block_id: u64) -> monad_exec_block_start {
    let mut start = monad_exec_block_start {
        block_tag: tag(number, block_id),
        ..Default::default()
    };
    start.chain_id = 10143u64.into();
    start.eth_block_input.number = number;
    start
}

/// One call frame of a test's tree.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub depth: u64,
    pub opcode: u8,
    pub value: u64,
    pub status: i32,
}

impl Frame {
    pub fn new(depth: u64, opcode: u8, value: u64, status: i32) -> Frame {
        Frame {
            depth,
            opcode,
            value,
            status,
        }
    }

    pub fn payload(&self, index: u32) -> monad_exec_txn_call_frame {
        monad_exec_txn_call_frame {
            index,
            opcode: self.opcode,
            value: self.value.into(),
            evmc_status: self.status,
            depth: self.depth,
            ..Default::default()
        }
    }
}
