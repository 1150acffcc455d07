//! Block examples on a ring with forks, a refused block, an unknown winner and a lost piece.

use monad_exec_events::ExecEventRef;
use monad_exec_events::ffi::*;

use crate::live::LiveRing;
use crate::program::{Running, program};

struct Recorder(LiveRing);

impl Recorder {
    fn start(&self, id: u8, number: u64, parent: u8) -> u64 {
        let start = monad_exec_block_start {
            block_tag: tag(id, number),
            round: number + 50,
            parent_eth_hash: [parent; 32].into(),
            ..Default::default()
        };
        let seqno = self.0.writer.next_seqno();
        self.0.record(ExecEventRef::BlockStart(&start), seqno)
    }

    /// A whole block whose Ethereum hash is its id.
    fn block(&self, id: u8, number: u64, parent: u8) {
        let seqno = self.start(id, number, parent);
        let mut end = monad_exec_block_end {
            eth_block_hash: [id; 32].into(),
            ..Default::default()
        };
        end.exec_output.gas_used = 21_000;
        self.0.record(ExecEventRef::BlockEnd(&end), seqno);
    }

    fn vote(&self, id: u8, number: u64) {
        let qc = monad_exec_block_qc {
            block_tag: tag(id, number),
            ..Default::default()
        };
        self.0.record(ExecEventRef::BlockQC(&qc), 0);
    }

    fn finalize(&self, id: u8, number: u64) {
        self.0
            .record(ExecEventRef::BlockFinalized(&tag(id, number)), 0);
    }

    fn verify(&self, block_number: u64) {
        let verified = monad_exec_block_verified { block_number };
        self.0.record(ExecEventRef::BlockVerified(&verified), 0);
    }
}

fn tag(id: u8, block_number: u64) -> monad_exec_block_tag {
    monad_exec_block_tag {
        id: [id; 32].into(),
        block_number,
    }
}

/// Heights 10 to 14: a fork of two blocks against two, a refused block, and a number whose winner was never executed.
fn forked() -> Recorder {
    let ring = Recorder(LiveRing::new(EXEC_SCHEMA_HASH).unwrap());
    ring.block(0x10, 10, 0x09);
    ring.block(0xa1, 11, 0x10);
    ring.block(0xb1, 11, 0x10);
    ring.vote(0xa1, 11);
    ring.finalize(0x10, 10);
    ring.block(0xa2, 12, 0xa1);
    ring.block(0xb2, 12, 0xb1);
    ring.finalize(0xb1, 11);
    let refused = ring.start(0x66, 13, 0xb2);
    ring.0.record(ExecEventRef::BlockReject(&5), refused);
    ring.block(0xb3, 13, 0xb2);
    ring.vote(0xb3, 13);
    ring.finalize(0xcc, 12);
    ring.verify(10);
    ring.block(0xb4, 14, 0xb3);
    ring
}

#[test]
fn blocktree_prints_a_line_per_change() {
    let ring = forked();
    let mut tree = Running::start(program("blocktree").arg(ring.0.writer.path()).arg("--all"));
    let lines = tree.lines_until("14 ○");
    let id = |byte: &str| format!("0x{}", byte.repeat(32));
    let changes: Vec<String> = lines
        .iter()
        .map(|line| line.split(" round ").next().unwrap().into())
        .filter(|line: &String| !line.contains("Executing"))
        .collect();
    let expected = [
        format!("10 ○ Proposed  {}", id("10")),
        format!("11 ○ Proposed  {}", id("a1")),
        format!("11 ○ Proposed  {}", id("b1")),
        format!("11 ◐ Voted     {}", id("a1")),
        format!("10 ● Finalized {}", id("10")),
        format!("12 ○ Proposed  {}", id("a2")),
        format!("12 ○ Proposed  {}", id("b2")),
        format!("11 ● Finalized {}", id("b1")),
        format!("11 ✗ Abandoned {}", id("a1")),
        format!("13 ⊘ Rejected  {}", id("66")),
        format!("13 ○ Proposed  {}", id("b3")),
        format!("13 ◐ Voted     {}", id("b3")),
        format!("12 ✗ Abandoned {}", id("a2")),
        format!("12 ✗ Abandoned {}", id("b2")),
        format!("10 ✔ Verified  {}", id("10")),
        format!("14 ○ Proposed  {}", id("b4")),
    ];
    assert_eq!(changes, expected);
    assert!(
        lines[1].ends_with(" round 60 txns 0 gas 21000"),
        "{}",
        lines[1]
    );
    tree.signal("INT");
    assert_eq!(tree.end(), (Some(0), String::new()));
}

#[test]
fn blockdump_says_what_was_abandoned_rejected_and_dropped() {
    let ring = forked();
    // A BLOCK_START that another one cuts off.
    ring.start(0x77, 15, 0xb4);
    ring.block(0xb5, 15, 0xb4);
    let mut dump = Running::start(program("blockdump").arg(ring.0.writer.path()).arg("--all"));
    let lines = dump.lines_until(&"b5".repeat(32));
    let abandons: Vec<&String> = lines
        .iter()
        .filter(|line| line.contains("abandons"))
        .collect();
    assert_eq!(abandons.len(), 1);
    assert!(abandons[0].starts_with("11 Finalized"));
    assert!(abandons[0].ends_with(&format!(" abandons 0x{}", "a1".repeat(32))));
    dump.signal("INT");
    let (code, errors) = dump.end();
    assert_eq!(code, Some(0));
    let errors: Vec<&str> = errors.lines().collect();
    assert_eq!(
        errors,
        [
            "blockdump: Execution refused the block.".to_string(),
            format!(
                "blockdump: block 12 0x{} was Proposed and is followed no longer: Abandoned",
                "a2".repeat(32)
            ),
            format!(
                "blockdump: block 12 0x{} was Proposed and is followed no longer: Abandoned",
                "b2".repeat(32)
            ),
            "blockdump: Block 15 was dropped: the next BlockStart came before its BlockEnd."
                .to_string(),
        ]
    );
}
