//! One WebSocket client: handshake, subscription, then frames into its tally. Driven by the epoll loop of `clients`.
//! All clients read into one buffer, which stays in the processor's cache; each keeps only what is not whole.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::Range;

use memchr::memmem;

use crate::frame::{self, Header};
use crate::tally::{Keys, Tally};

/// Several messages of the usual size and their headers.
const BUFFER: usize = 256 << 10;
/// A message of one very large event, in bytes; more is refused.
const LARGEST: usize = 64 << 20;

/// What all clients read into.
pub struct Buffer(Box<[u8]>);

impl Default for Buffer {
    fn default() -> Self {
        Self(vec![0; BUFFER].into())
    }
}

/// A client.
pub struct Connection {
    /// Its socket, which does not block.
    pub socket: TcpStream,
    /// What it got.
    pub tally: Tally,
    is_open: bool,
    /// What was read of a message that is not whole.
    partial: Vec<u8>,
}

impl Connection {
    /// Connects, asks for the WebSocket at `path`, and waits for nothing more.
    pub fn open(address: SocketAddr, path: &str) -> io::Result<Self> {
        let mut socket = TcpStream::connect(address)?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: cmluZ2Nhc3QgaXMgZmFzdA==\r\n\r\n"
        );
        socket.write_all(request.as_bytes())?;
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket,
            tally: Tally::new(),
            is_open: false,
            partial: Vec::new(),
        })
    }

    /// Whether the server has agreed.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Sends one small frame; a socket that takes none of it is an error.
    pub fn send(&mut self, opcode: u8, payload: &[u8]) -> io::Result<()> {
        self.socket.write_all(&frame::masked(opcode, payload))
    }

    /// Reads once and counts every frame that is whole.
    pub fn read(
        &mut self,
        Buffer(buffer): &mut Buffer,
        keys: &Keys,
        now: u64,
        measured: &Range<u64>,
    ) -> io::Result<()> {
        let before = self.partial.len();
        if before + BUFFER / 2 > buffer.len() {
            *buffer = vec![0; before + BUFFER].into();
        }
        let read = match self.socket.read(&mut buffer[before..]) {
            Ok(0) => return Err(closed("without a Close frame")),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        buffer[..before].copy_from_slice(&self.partial);
        let unread = &buffer[..before + read];
        let taken = self.take(unread, keys, now, measured)?;
        self.partial.clear();
        self.partial.extend_from_slice(&unread[taken..]);
        Ok(())
    }

    /// Counts the frames that are whole; returns how many bytes they have.
    fn take(
        &mut self,
        unread: &[u8],
        keys: &Keys,
        now: u64,
        measured: &Range<u64>,
    ) -> io::Result<usize> {
        let mut taken = 0;
        if !self.is_open {
            let Some(end) = memmem::find(unread, b"\r\n\r\n") else {
                return Ok(0);
            };
            if !unread.starts_with(b"HTTP/1.1 101") {
                let line = unread.split(|byte| *byte == b'\r').next().unwrap_or(unread);
                let line = String::from_utf8_lossy(line);
                return Err(io::Error::other(format!("the server answered {line:?}")));
            }
            self.is_open = true;
            taken = end + 4;
        }
        while let Some(header) = Header::read(&unread[taken..]) {
            let whole = header.len + header.payload_len;
            if whole > LARGEST {
                let message = format!("a message has {} bytes", header.payload_len);
                return Err(io::Error::other(message));
            }
            let Some(frame) = unread[taken..].get(..whole) else {
                break;
            };
            let payload = &frame[header.len..];
            match header.opcode {
                frame::TEXT => self.tally.take(keys, payload, now, measured),
                frame::CLOSE => {
                    let code = payload
                        .first_chunk()
                        .map_or(1005, |code| u16::from_be_bytes(*code));
                    return Err(closed(&format!("with {code}")));
                }
                _ => {}
            }
            taken += whole;
        }
        Ok(taken)
    }
}

fn closed(how: &str) -> io::Error {
    io::Error::other(format!("the server closed a connection {how}"))
}
