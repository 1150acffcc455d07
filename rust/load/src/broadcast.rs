//! The command `broadcast`: a ring of bytes, filled with events at a rate, and every client a position in it. Nothing
//! is decoded, matched or framed per client, so that what it reaches is the limit of the kernel and of the clients.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use memchr::memmem;

use crate::frame;
use crate::tally::now_ns;

/// Bytes of the ring; a client that is further behind is let go.
const RING: usize = 64 << 20;
/// Bytes of a message.
const MESSAGE: usize = 16 << 10;
/// What is sent.
#[derive(clap::Args)]
pub struct Options {
    /// Where to listen.
    #[arg(long, value_name = "HOST:PORT")]
    listen: String,
    /// Events per second.
    #[arg(long)]
    rate: u64,
    /// Bytes of an event.
    #[arg(long, default_value_t = 520)]
    event_bytes: usize,
    /// How often what is due is sent, in milliseconds.
    #[arg(long, default_value_t = 1)]
    tick_ms: u64,
    /// How many events come at once.
    #[arg(long, default_value_t = 1)]
    burst: u64,
}

struct Client {
    socket: TcpStream,
    request: Vec<u8>,
    /// Bytes of the ring that were sent before; `None` during the handshake.
    sent: Option<u64>,
}

/// Sends until it is killed.
pub fn run(options: &Options) -> io::Result<()> {
    let listener = TcpListener::bind(&options.listen)?;
    listener.set_nonblocking(true)?;
    println!("listening on {}", listener.local_addr()?);
    let mut ring = vec![0_u8; RING];
    let mut written = 0_u64;
    let mut clients: Vec<Client> = Vec::new();
    let (begin, mut events) = (Instant::now(), 0_u64);
    let mut message = Vec::with_capacity(MESSAGE + options.event_bytes);
    loop {
        while let Ok((socket, _)) = listener.accept() {
            socket.set_nonblocking(true)?;
            socket.set_nodelay(true)?;
            clients.push(Client {
                socket,
                request: Vec::new(),
                sent: None,
            });
        }
        let due = (begin.elapsed().as_nanos() * u128::from(options.rate) / 1_000_000_000) as u64;
        let due = due - due % options.burst.max(1);
        while events < due {
            message.clear();
            message.extend_from_slice(b"[");
            while events < due && message.len() < MESSAGE {
                push_event(&mut message, events, options.event_bytes);
                events += 1;
            }
            message.extend_from_slice(b"{}]");
            for part in [&frame::unmasked_head(frame::TEXT, message.len()), &message] {
                written = append(&mut ring, written, part);
            }
        }
        clients.retain_mut(|client| client.serve(&ring, written).is_ok());
        std::thread::sleep(Duration::from_millis(options.tick_ms));
    }
}

fn push_event(message: &mut Vec<u8>, seqno: u64, len: usize) {
    let begin = message.len();
    message.extend_from_slice(b"{\"event_name\":\"TxnLog\",\"data\":\"0x");
    let tail = format!("\",\"seqno\":{seqno},\"timestamp_ns\":{}}},", now_ns());
    let filled = message.len() - begin + tail.len();
    message.resize(message.len() + len.saturating_sub(filled), b'a');
    message.extend_from_slice(tail.as_bytes());
}

fn append(ring: &mut [u8], written: u64, bytes: &[u8]) -> u64 {
    let at = written as usize % RING;
    let (first, second) = bytes.split_at(bytes.len().min(RING - at));
    ring[at..at + first.len()].copy_from_slice(first);
    ring[..second.len()].copy_from_slice(second);
    written + bytes.len() as u64
}

impl Client {
    /// Goes on with the handshake, or sends what the socket takes.
    fn serve(&mut self, ring: &[u8], written: u64) -> io::Result<()> {
        let Some(sent) = self.sent else {
            let mut bytes = [0; 1024];
            match self.socket.read(&mut bytes) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => self.request.extend_from_slice(&bytes[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            if memmem::find(&self.request, b"\r\n\r\n").is_some() {
                // `clients` does not look at the answer to its key.
                let answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
                self.socket.write_all(answer.as_bytes())?;
                self.sent = Some(written);
            }
            return Ok(());
        };
        if written - sent > RING as u64 {
            return Err(io::Error::other("too far behind"));
        }
        let at = sent as usize % RING;
        let left = (written - sent) as usize;
        if left == 0 {
            return Ok(());
        }
        let first = &ring[at..][..left.min(RING - at)];
        let second = &ring[..left - first.len()];
        match self
            .socket
            .write_vectored(&[IoSlice::new(first), IoSlice::new(second)])
        {
            Ok(taken) => self.sent = Some(sent + taken as u64),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
