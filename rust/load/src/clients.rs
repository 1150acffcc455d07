//! The command `clients`: many connections in one epoll loop, one report. `connection` reads, `tally` counts.
//! The loop never sleeps: a client that does has the server's kernel wake it, which a client elsewhere would not.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use serde::Serialize;

use crate::connection::{Buffer, Connection};
use crate::frame;
use crate::tally::{Keys, Tally, now_ns};

/// A gateway closes clients that are silent for longer.
const PING_EVERY: Duration = Duration::from_secs(5);

/// What is measured.
#[derive(clap::Args)]
pub struct Options {
    /// Where the gateway listens.
    #[arg(long, value_name = "HOST:PORT")]
    address: String,
    /// What is asked for.
    #[arg(long, default_value = "/v1/ws")]
    path: String,
    /// How many clients.
    #[arg(long, default_value_t = 1)]
    count: usize,
    /// A file with one Subscribe message per line, which the clients take in turns.
    #[arg(long, value_name = "FILE")]
    subscriptions: Option<PathBuf>,
    /// How long to read before events count.
    #[arg(long, default_value_t = 2000)]
    warmup_ms: u64,
    /// For how long recorded events count.
    #[arg(long, default_value_t = 10_000)]
    millis: u64,
    /// How long to wait for what is late.
    #[arg(long, default_value_t = 3000)]
    patience_ms: u64,
}

/// Everything that was measured. Times are microseconds from an event's record time to its arrival.
#[derive(Serialize)]
struct Report {
    clients: usize,
    millis: u64,
    /// All deliveries.
    events: u64,
    /// What the clients with the fewest and the most events got.
    fewest: u64,
    most: u64,
    bytes: u64,
    frames: u64,
    gaps: u64,
    p50: u64,
    p99: u64,
    max: u64,
    /// The 99th percentile of the client that has the highest.
    worst_client_p99: u64,
    /// Why the first connection that ended early did.
    first_loss: Option<String>,
    lost_clients: usize,
}

/// Connects, reads and reports as JSON.
pub fn run(options: &Options) -> io::Result<String> {
    let address = options
        .address
        .to_socket_addrs()?
        .next()
        .ok_or_else(|| io::Error::other(format!("{:?} is no address", options.address)))?;
    let subscriptions = match &options.subscriptions {
        Some(file) => std::fs::read_to_string(file)?,
        None => String::new(),
    };
    let mut clients = Clients::open(address, options, &subscriptions)?;
    // Whoever started this looks at the server from here on.
    println!("connected");
    let begin = now_ns() + options.warmup_ms * 1_000_000;
    let measured = begin..begin + options.millis * 1_000_000;
    let last = measured.end + options.patience_ms * 1_000_000;
    clients.read_until(&measured, |clients| {
        let now = now_ns();
        now >= last || (now >= measured.end && clients.iter().all(|client| client.later > 0))
    })?;
    Ok(serde_json::to_string(&clients.report(options.millis))?)
}

struct Clients {
    epoll: rustix::fd::OwnedFd,
    connections: Vec<Option<Connection>>,
    /// Tallies of connections that ended.
    ended: Vec<Tally>,
    first_loss: Option<String>,
    keys: Keys,
    buffer: Buffer,
}

impl Clients {
    fn open(address: SocketAddr, options: &Options, subscriptions: &str) -> io::Result<Self> {
        let mut clients = Self {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            connections: Vec::new(),
            ended: Vec::new(),
            first_loss: None,
            keys: Keys::default(),
            buffer: Buffer::default(),
        };
        for index in 0..options.count {
            let connection = Connection::open(address, &options.path)?;
            let data = epoll::EventData::new_u64(index as u64);
            epoll::add(
                &clients.epoll,
                &connection.socket,
                data,
                epoll::EventFlags::IN,
            )?;
            clients.connections.push(Some(connection));
        }
        let nothing = 0..0;
        let deadline = Instant::now() + Duration::from_secs(30);
        while !clients
            .connections
            .iter()
            .flatten()
            .all(Connection::is_open)
        {
            if Instant::now() > deadline {
                return Err(io::Error::other("the handshakes took more than 30 s"));
            }
            clients.read_once(&nothing)?;
        }
        if let Some(loss) = clients.first_loss {
            return Err(io::Error::other(loss));
        }
        let lines: Vec<&str> = subscriptions
            .lines()
            .filter(|line| !line.is_empty())
            .collect();
        for (index, connection) in clients.connections.iter_mut().flatten().enumerate() {
            if let Some(line) = lines.get(index % lines.len().max(1)) {
                connection.send(frame::TEXT, line.as_bytes())?;
            }
        }
        Ok(clients)
    }

    fn read_until(
        &mut self,
        measured: &Range<u64>,
        is_over: impl Fn(&[&Tally]) -> bool,
    ) -> io::Result<()> {
        let mut ping_at = Instant::now() + PING_EVERY;
        let mut look_at = Instant::now();
        loop {
            self.read_once(measured)?;
            let now = Instant::now();
            if now < look_at {
                continue;
            }
            look_at = now + Duration::from_millis(10);
            let tallies: Vec<&Tally> = self
                .connections
                .iter()
                .flatten()
                .map(|one| &one.tally)
                .collect();
            if is_over(&tallies) {
                return Ok(());
            }
            if now >= ping_at {
                ping_at = now + PING_EVERY;
                for index in 0..self.connections.len() {
                    let sent = self.connections[index]
                        .as_mut()
                        .map(|one| one.send(frame::PING, b""));
                    if let Some(Err(error)) = sent {
                        self.lose(index, &error);
                    }
                }
            }
        }
    }

    fn read_once(&mut self, measured: &Range<u64>) -> io::Result<()> {
        let mut ready = Vec::with_capacity(256);
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        epoll::wait(&self.epoll, spare_capacity(&mut ready), Some(&at_once))?;
        for event in ready {
            let index = event.data.u64() as usize;
            let Some(connection) = &mut self.connections[index] else {
                continue;
            };
            if let Err(error) = connection.read(&mut self.buffer, &self.keys, now_ns(), measured) {
                self.lose(index, &error);
            }
        }
        Ok(())
    }

    fn lose(&mut self, index: usize, error: &io::Error) {
        self.first_loss.get_or_insert_with(|| error.to_string());
        self.ended
            .extend(self.connections[index].take().map(|one| one.tally));
    }

    fn report(self, millis: u64) -> Report {
        let lost_clients = self.ended.len();
        let tallies: Vec<Tally> = self
            .connections
            .into_iter()
            .flatten()
            .map(|one| one.tally)
            .chain(self.ended)
            .collect();
        let mut all = Tally::new();
        let p99 = |latencies: &Histogram<u64>| latencies.value_at_quantile(0.99);
        for one in &tallies {
            all.events += one.events;
            all.bytes += one.bytes;
            all.frames += one.frames;
            all.gaps += one.gaps;
            all.latencies += &one.latencies;
        }
        Report {
            clients: tallies.len(),
            millis,
            events: all.events,
            fewest: tallies.iter().map(|one| one.events).min().unwrap_or(0),
            most: tallies.iter().map(|one| one.events).max().unwrap_or(0),
            bytes: all.bytes,
            frames: all.frames,
            gaps: all.gaps,
            p50: all.latencies.value_at_quantile(0.5),
            p99: p99(&all.latencies),
            max: all.latencies.max(),
            worst_client_p99: tallies
                .iter()
                .map(|one| p99(&one.latencies))
                .max()
                .unwrap_or(0),
            first_loss: self.first_loss,
            lost_clients,
        }
    }
}
