//! One WebSocket client: handshake, subscription, then frames into its tally. Driven by the epoll loop of `clients`.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::Range;

use memchr::memmem;

use crate::frame::{self, Header};
use crate::tally::{Keys, Tally};

/// Two messages of the usual size and their headers.
const BUFFER: usize = 160 << 10;
/// A message of one very large event, in bytes; more is refused.
const LARGEST: usize = 64 << 20;

/// A client.
pub struct Connection {
    /// Its socket, which does not block.
    pub socket: TcpStream,
    /// What it got.
    pub tally: Tally,
    is_open: bool,
    buffer: Box<[u8]>,
    /// The part of the buffer that was read and not looked at yet.
    unread: Range<usize>,
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
            buffer: vec![0; BUFFER].into(),
            unread: 0..0,
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
    pub fn read(&mut self, keys: &Keys, now: u64, measured: &Range<u64>) -> io::Result<()> {
        if self.unread.end == self.buffer.len() {
            self.buffer.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
        }
        match self.socket.read(&mut self.buffer[self.unread.end..]) {
            Ok(0) => Err(closed("without a Close frame")),
            Ok(read) => {
                self.unread.end += read;
                self.take(keys, now, measured)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn take(&mut self, keys: &Keys, now: u64, measured: &Range<u64>) -> io::Result<()> {
        if !self.is_open {
            let unread = &self.buffer[self.unread.clone()];
            let Some(end) = memmem::find(unread, b"\r\n\r\n") else {
                return Ok(());
            };
            if !unread.starts_with(b"HTTP/1.1 101") {
                let line = unread.split(|byte| *byte == b'\r').next().unwrap_or(unread);
                let line = String::from_utf8_lossy(line);
                return Err(io::Error::other(format!("the server answered {line:?}")));
            }
            self.is_open = true;
            self.unread.start += end + 4;
        }
        while let Some(header) = Header::read(&self.buffer[self.unread.clone()]) {
            let whole = header.len + header.payload_len;
            if whole > LARGEST {
                let message = format!("a message has {} bytes", header.payload_len);
                return Err(io::Error::other(message));
            }
            if whole > self.buffer.len() {
                let mut larger = vec![0; whole + BUFFER];
                larger[..self.unread.len()].copy_from_slice(&self.buffer[self.unread.clone()]);
                self.buffer = larger.into();
                self.unread = 0..self.unread.len();
            }
            if whole > self.unread.len() {
                break;
            }
            let payload = &self.buffer[self.unread.start..][header.len..whole];
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
            self.unread.start += whole;
        }
        // Moved only when there is little to move, or when no whole message fits behind it.
        let left = self.buffer.len() - self.unread.end;
        if self.unread.is_empty() || left < self.buffer.len() / 2 {
            self.buffer.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
        }
        Ok(())
    }
}

fn closed(how: &str) -> io::Error {
    io::Error::other(format!("the server closed a connection {how}"))
}
