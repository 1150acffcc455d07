//! A simulated node as a process: told what to do by lines, answering each.

use std::{
    io::{BufRead, BufReader, Lines, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
};

use monad_event_ring::{ContentType, OpenError, RawEventRing, RingExpectation};
use monad_exec_events::ffi::EXEC_SCHEMA_HASH;
use tempfile::TempDir;

/// Where a node has its ring and its truth; in memory if the system has such a place.
pub struct Place {
    directory: TempDir,
}

impl Place {
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let directory = match memory.is_dir() {
            true => tempfile::tempdir_in(memory),
            false => tempfile::tempdir(),
        };
        Self {
            directory: directory.unwrap(),
        }
    }

    pub fn ring(&self) -> PathBuf {
        self.directory.path().join("ring")
    }

    pub fn truth(&self) -> PathBuf {
        self.directory.path().join("truth")
    }

    pub fn open(&self) -> Arc<RawEventRing> {
        self.try_open().expect("a ring")
    }

    /// The ring, if there is one now.
    pub fn try_open(&self) -> Option<Arc<RawEventRing>> {
        let expectation = RingExpectation {
            content_type: ContentType::Exec,
            schema_hash: EXEC_SCHEMA_HASH,
        };
        match RawEventRing::open(self.ring(), &expectation, 0) {
            Ok(ring) => Some(Arc::new(ring)),
            Err(OpenError::NotFound { .. }) => None,
            Err(error) => panic!("{error}"),
        }
    }
}

/// A running node.
pub struct Node {
    process: Child,
    commands: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Node {
    /// Starts `node-sim run` with these arguments and waits until its ring is published.
    pub fn start(place: &Place, arguments: &[String]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_node-sim"))
            .arg("run")
            .args(arguments)
            .arg("--ring")
            .arg(place.ring())
            .arg("--truth")
            .arg(place.truth())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let commands = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut node = Self {
            process,
            commands,
            answers,
        };
        let line = node.answers.next().unwrap().unwrap();
        assert_eq!(line, format!("ring {}", place.ring().display()));
        node
    }

    /// Gives a command, waits until it is done and returns the ring's ordinal and its last seqno then.
    pub fn tell(&mut self, command: &str) -> (u32, u64) {
        self.send(command);
        let line = self.answer();
        let answer = line.strip_prefix("ok ").unwrap_or_else(|| panic!("{line}"));
        let words: Vec<&str> = answer.split(' ').collect();
        let [.., "ring", ring, "seqno", seqno] = words.as_slice() else {
            panic!("{line}");
        };
        assert!(answer.starts_with(command), "{line} to {command}");
        (ring.parse().unwrap(), seqno.parse().unwrap())
    }

    /// Gives a command without waiting.
    pub fn send(&mut self, command: &str) {
        writeln!(self.commands, "{command}").unwrap();
    }

    /// Waits for the next answer.
    pub fn answer(&mut self) -> String {
        self.answers.next().unwrap().unwrap()
    }

    /// True once the process has ended.
    pub fn has_ended(&mut self) -> bool {
        self.process.try_wait().unwrap().is_some()
    }

    /// Waits for the end of a node that was told to stop, or that has played all its blocks.
    pub fn wait(mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
