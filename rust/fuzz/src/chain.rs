//! A ring of execution events made of the input: mostly well-formed payloads in mostly well-formed blocks, with
//! descriptors that lie, slots that are lost, payloads that have expired, and bytes that are no event.

use arbitrary::{Result, Unstructured};
use monad_exec_events::ffi::EXEC_SCHEMA_HASH;

use crate::image::{Content, Image, SHIFTS};

/// Content of a node's ring.
pub const EXEC: Content = Content {
    content_type: 2,
    schema_hash: EXEC_SCHEMA_HASH,
};

/// Bytes of each type's struct, by code. Source: ring-and-events §4.2.
const SIZES: [usize; 26] = [
    0, 16, 528, 4, 0, 0, 360, 56, 40, 8, 352, 28, 168, 0, 4, 0, 0, 24, 32, 128, 0, 8, 152, 124, 16,
    0,
];

/// Bools of each type's struct: code and offset.
const BOOLS: [(usize, usize); 9] = [
    (10, 228),
    (10, 296),
    (12, 72),
    (12, 164),
    (17, 0),
    (22, 25),
    (22, 26),
    (23, 25),
    (23, 26),
];

/// No ring comes further; the loop below need not care for an overflow.
const MAX_SEQNO: u64 = u64::MAX - 2;

/// Bits of an event's flags.
mod flag {
    /// The low three bits are a fault, or none.
    pub const FAULT: u8 = 7;
    /// The payload is the input's bytes as they are.
    pub const RAW: u8 = 8;
    /// The event says that it stands outside a block.
    pub const OUTSIDE: u8 = 16;
    /// The next word of input is content_ext[0].
    pub const WILD_BLOCK: u8 = 32;
    /// The next word of input is content_ext[1].
    pub const WILD_TXN: u8 = 64;
}

/// Writes events until the input ends; returns the ring's image.
pub fn image(input: &mut Unstructured<'_>) -> Result<Image> {
    let mut image = Image::new(&EXEC, SHIFTS);
    let (mut seqno, mut at, mut block) = (0, 0_u64, 0);
    image.set_word(128, input.arbitrary::<u8>()?.into());
    while !input.is_empty() {
        let code = usize::from(input.arbitrary::<u8>()? % 26);
        let flags = input.arbitrary::<u8>()?;
        let jump = if flags & flag::FAULT == 7 {
            input.arbitrary::<u64>()?
        } else {
            0
        };
        seqno = (seqno + 1_u64).saturating_add(jump);
        if seqno > MAX_SEQNO {
            break;
        }
        let mut ext = [block, (input.arbitrary::<u8>()? % 8).into(), 0, 0];
        let len = usize::from(input.arbitrary::<u8>()?).min(input.len());
        let mut payload = input.bytes(len)?.to_vec();
        if flags & flag::RAW == 0 {
            fit(code, &mut payload);
        }
        match code {
            2 => (block, ext[0]) = (seqno, seqno),
            3 | 6 => block = 0,
            7..=9 => ext[0] = 0,
            10..=20 => ext[1] += 1,
            _ => {}
        }
        if flags & flag::OUTSIDE != 0 {
            ext[0] = 0;
        }
        if flags & flag::WILD_BLOCK != 0 {
            ext[0] = input.arbitrary()?;
        }
        if flags & flag::WILD_TXN != 0 {
            ext[1] = input.arbitrary()?;
        }
        image.set_payload(at, &payload);
        let mut words = [
            seqno,
            code as u64 | (payload.len() as u64) << 32,
            seqno.wrapping_mul(1000),
            at,
        ];
        match flags & flag::FAULT {
            1 => words[0] = seqno.saturating_add(64),
            2 => words[3] += 1,
            3 => words[3] = input.arbitrary::<u8>()?.into(),
            4 => words[1] = code as u64 | input.arbitrary::<u64>()? << 32,
            5 => words[2] = input.arbitrary()?,
            6 => words[1] |= u64::from(input.arbitrary::<u16>()?),
            _ => {}
        }
        let slot = image.slot(seqno);
        for (index, word) in words.into_iter().chain(ext).enumerate() {
            image.set_word(slot + index * 8, word);
        }
        at += payload.len().next_multiple_of(16) as u64;
    }
    image.set_word(64, seqno);
    image.set_word(72, at);
    Ok(image)
}

/// Makes the bytes a payload of the type: the struct filled up with zeros, lengths that are those of what follows it,
/// bools that are bools.
fn fit(code: usize, payload: &mut Vec<u8>) {
    let size = SIZES[code];
    if payload.len() < size {
        payload.resize(size, 0);
    }
    let tail = payload.len() - size;
    let mut put = |at: usize, bytes: &[u8]| payload[at..at + bytes.len()].copy_from_slice(bytes);
    let kept = match code {
        1 => {
            put(4, &(tail as u32).to_le_bytes());
            tail
        }
        10 => {
            let blobs = (tail / 64).min(2);
            put(336, &((tail - 32 * blobs) as u32).to_le_bytes());
            put(340, &(blobs as u32).to_le_bytes());
            tail
        }
        11 => {
            put(24, &((tail / 32) as u32).to_le_bytes());
            tail / 32 * 32
        }
        18 => {
            let topics = (tail / 32).min(4);
            put(24, &[topics as u8]);
            put(28, &((tail - 32 * topics) as u32).to_le_bytes());
            tail
        }
        19 => {
            put(112, &((tail / 2) as u64).to_le_bytes());
            put(120, &((tail - tail / 2) as u64).to_le_bytes());
            tail
        }
        _ => 0,
    };
    if code == 2 {
        let extra = payload[336] % 33;
        payload[336..344].copy_from_slice(&u64::from(extra).to_le_bytes());
    }
    payload.truncate(size + kept);
    for (_, at) in BOOLS.into_iter().filter(|(of, _)| *of == code) {
        payload[at] &= 1;
    }
}
