//! Writes the committed seeds anew: `seeds <directory>`. Each is an input of its target that leads deep: a ring of
//! some events, every event type, a frame of a whole ring, a chain of blocks.
#![allow(missing_docs, reason = "a program")]

use std::{fs, io, path::Path};

use ringcast_fuzz::{
    frame,
    image::{Image, SHIFTS, TEST},
};

/// Bytes of the struct of the event types 1 to 24.
const SIZES: [usize; 24] = [
    16, 528, 4, 0, 0, 360, 56, 40, 8, 352, 28, 168, 0, 4, 0, 0, 24, 32, 128, 0, 8, 152, 124, 16,
];

fn main() -> io::Result<()> {
    let directory = std::env::args().nth(1).expect("usage: seeds <directory>");
    let write = |target: &str, name: &str, bytes: &[u8]| {
        let directory = Path::new(&directory).join(target);
        fs::create_dir_all(&directory)?;
        fs::write(directory.join(name), bytes)
    };
    for (name, flags) in [
        ("events", 0),
        ("short", 2),
        ("any-content", 16),
        ("reset", 32),
    ] {
        let mut seed = vec![flags];
        if flags == 2 {
            seed.push(15);
        }
        seed.extend(damage());
        write("open", name, &seed)?;
    }

    let mut snapshot = vec![1];
    snapshot.extend(damage());
    write("snapshot", "damaged", &snapshot)?;
    let mut frame = vec![0];
    frame.extend(frame::of(&Image::new(&TEST, SHIFTS).bytes));
    write("snapshot", "frame", &frame)?;

    let mut chain = vec![0, 0, 0];
    for (code, size) in (1_u16..).zip(SIZES) {
        let mut seed = code.to_le_bytes().to_vec();
        seed.extend([3, 0, 5, 0]);
        seed.resize(6 + size, 1);
        if code == 2 {
            seed[6 + 336..6 + 344].copy_from_slice(&32_u64.to_le_bytes());
        }
        if let Some((at, len)) = lengths(code) {
            seed[6 + at..6 + at + len].fill(0);
        }
        write("decode", &format!("type-{code:02}"), &seed)?;
        if code > 1 && code != 3 && code != 24 {
            chain.extend([code as u8, 0, 1, 2, 7, 9]);
        }
    }
    write("record", "every-type", &chain)?;
    // What broke the sidecar once: a block number above 2^63, and a slot and header that speak of seqno 2^59.
    let mut number = vec![0, 0, 0, 8, 0, 0, 40];
    number.extend([0xff; 40]);
    write("record", "block-number-above-2-63", &number)?;
    let mut jump = vec![0, 0, 0, 9, 7];
    jump.extend((1_u64 << 59).to_le_bytes());
    jump.extend([0, 0]);
    write("record", "seqno-above-2-49", &jump)?;
    write("record", "blocks", &blocks())
}

/// Four committed events, the second and fourth with payloads, and the control words that go with them.
fn damage() -> Vec<u8> {
    let mut bytes = vec![];
    for (seqno, size, offset) in [(1_u16, 0_u16, 0_u16), (2, 40, 0), (3, 0, 3), (4, 700, 2045)] {
        bytes.push(4);
        bytes.extend([seqno, size, offset].map(u16::to_le_bytes).concat());
    }
    bytes.extend([2, 0, 4, 0, 2, 1, 0, 128, 2, 2, 16, 0, 5, 3, 0, 77]);
    bytes
}

/// Where the lengths of the arrays behind a struct are; zeros, they announce none.
fn lengths(code: u16) -> Option<(usize, usize)> {
    match code {
        1 => Some((4, 4)),
        10 => Some((336, 8)),
        11 => Some((24, 4)),
        18 => Some((24, 8)),
        19 => Some((112, 16)),
        _ => None,
    }
}

/// Two blocks with a transfer each, a quorum certificate, a lost event and one that is no event.
fn blocks() -> Vec<u8> {
    let mut chain = vec![0, 0, 0];
    let event = |chain: &mut Vec<u8>, code: u8, flags: u8, payload: &[u8]| {
        chain.extend([code, flags, 0, payload.len() as u8]);
        chain.extend(payload);
    };
    for id in 1..=2 {
        let mut frame = [0; 140];
        frame[48] = 5;
        event(&mut chain, 2, 0, &[id; 40]);
        event(&mut chain, 10, 0, &[id; 32]);
        event(&mut chain, 13, 0, &[]);
        event(&mut chain, 17, 0, &[1, 0, 0, 0, 1, 0, 0, 0, 9]);
        event(&mut chain, 18, 0, &[3; 100]);
        event(&mut chain, 19, 0, &frame);
        event(&mut chain, 20, 0, &[]);
        event(&mut chain, 6, 0, &[]);
        event(&mut chain, 7, 0, &[id; 40]);
        event(&mut chain, 8, 0, &[id; 40]);
    }
    event(&mut chain, 2, 0, &[9; 40]);
    event(&mut chain, 18, 1, &[]);
    event(&mut chain, 18, 8, &[1, 2, 3]);
    event(&mut chain, 9, 0, &[1; 8]);
    event(&mut chain, 2, 0, &[8; 40]);
    event(&mut chain, 24, 0, &[]);
    chain
}
