//! WebSocket frames as far as a load generator needs them: no extensions, no fragments. Source: RFC 6455 §5.2.

/// A text message.
pub const TEXT: u8 = 1;
/// The end of the connection.
pub const CLOSE: u8 = 8;
/// A sign of life.
pub const PING: u8 = 9;

/// What stands before a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// One of the opcodes above, or another one.
    pub opcode: u8,
    /// Bytes of the header.
    pub len: usize,
    /// Bytes of the payload.
    pub payload_len: usize,
}

impl Header {
    /// Reads the header of an unmasked frame; `None` if more bytes are needed.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let [first, second] = *bytes.first_chunk()?;
        let (len, payload_len) = match second {
            126 => (4, u16::from_be_bytes(*bytes[2..].first_chunk()?).into()),
            127 => (10, u64::from_be_bytes(*bytes[2..].first_chunk()?)),
            short => (2, u64::from(short)),
        };
        Some(Self {
            opcode: first & 0xf,
            len,
            payload_len: payload_len as usize,
        })
    }
}

/// A frame of a client; the mask is zero, which leaves the payload as it is.
pub fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = head(opcode, payload.len(), 0x80);
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}

/// The header of a server's frame.
pub fn unmasked_head(opcode: u8, len: usize) -> Vec<u8> {
    head(opcode, len, 0)
}

fn head(opcode: u8, len: usize, mask_bit: u8) -> Vec<u8> {
    let mut head = vec![0x80 | opcode];
    match len {
        ..126 => head.push(mask_bit | len as u8),
        126..0x1_0000 => {
            head.push(mask_bit | 126);
            head.extend_from_slice(&(len as u16).to_be_bytes());
        }
        _ => {
            head.push(mask_bit | 127);
            head.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for len in [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20] {
            let head = unmasked_head(TEXT, len);
            let read = Header {
                opcode: TEXT,
                len: head.len(),
                payload_len: len,
            };
            assert_eq!(Header::read(&head), Some(read));
            assert_eq!(Header::read(&head[..head.len() - 1]), None);
        }
    }

    #[test]
    fn a_client_sets_the_mask_bit() {
        assert_eq!(masked(PING, b"x"), [0x89, 0x81, 0, 0, 0, 0, b'x']);
    }
}
