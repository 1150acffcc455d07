//! The built program: what it prints, how it ends, what it leaves behind, and that it is never ahead of its pace.

use std::{
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::Arc,
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use monad_event_ring::RawEventRing;
use monad_exec_events::ExecEventType;

use crate::recorded::{fixture, open, read_all};

fn program<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_node-sim"));
    command.args(arguments);
    command
}

/// A running simulated node; it is ended with the test.
struct Node {
    process: Child,
}

impl Node {
    /// Starts it and waits until its ring is published.
    fn start(arguments: &[&str], ring: &Path) -> (Self, Arc<RawEventRing>) {
        let mut process = program(arguments)
            .arg("--ring")
            .arg(ring)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = process.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        assert_eq!(line, format!("ring {}\n", ring.display()));
        (Self { process }, open(ring))
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.process.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
    }

    fn exit_code(&mut self) -> i32 {
        self.process
            .wait()
            .unwrap()
            .code()
            .expect("an exit, not a signal")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn wait_for(ring: &RawEventRing, seqno: u64) {
    while ring.last_seqno() < seqno {
        thread::yield_now();
    }
}

#[test]
fn sigterm_and_sigint_end_the_block_and_remove_what_was_made() {
    for signal in ["TERM", "INT"] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new/deep/ring");
        let arguments = ["run", "--block-ms", "1000", "--txns-per-block", "50"];
        let (mut node, ring) = Node::start(&arguments, &path);
        wait_for(&ring, 100);
        assert_eq!(ring.recorder_note().as_deref(), Some("ringcast node-sim"));
        node.signal(signal);
        assert_eq!(node.exit_code(), 0);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
        let events = read_all(&ring);
        let last = events.last().unwrap().descriptor;
        assert!(
            last.content_ext[0] == 0 || last.event_type == ExecEventType::BlockEnd.code(),
            "the last event is inside a block: {last:?}"
        );
    }
}

#[test]
fn a_second_signal_ends_it_at_once_and_the_next_node_takes_the_path() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    let (mut node, ring) = Node::start(&["run"], &path);
    wait_for(&ring, 10);
    // Both arrive together when it goes on, before it can act on either.
    node.signal("STOP");
    node.signal("TERM");
    node.signal("INT");
    node.signal("CONT");
    let code = node.exit_code();
    assert!(code == 128 + 15 || code == 128 + 2, "exit code {code}");
    assert!(path.exists());
    let (mut next, ring) = Node::start(&["run", "--blocks", "1", "--block-ms", "0"], &path);
    assert_eq!(next.exit_code(), 0);
    assert!(ring.last_seqno() > 0 && !path.exists());
}

fn now_nanos() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_nanos() as u64
}

#[test]
fn no_event_comes_before_its_time() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    let file = fixture("emn-1b-15m.snapshot.zst");
    let arguments = [
        "replay",
        file.to_str().unwrap(),
        "--loop",
        "--rate",
        "20000",
    ];
    let before = now_nanos();
    let (mut node, ring) = Node::start(&arguments, &path);
    wait_for(&ring, 40_001);
    // What `wait_for` saw is reserved; its slot is committed a moment later.
    let recorded = loop {
        if let Some(descriptor) = ring.try_copy(40_001) {
            break descriptor.record_epoch_nanos;
        }
        thread::yield_now();
    };
    let seconds = (recorded - before) as f64 / 1e9;
    println!("40000 events, start included, in {seconds} s");
    // How much later a busy machine is says nothing; an event that comes before its time does.
    assert!(seconds >= 2.0, "40000 events took only {seconds} s");
    node.signal("TERM");
    assert_eq!(node.exit_code(), 0);
    assert!(!path.exists());
}

#[test]
fn no_block_comes_before_its_time() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    let arguments = [
        "run",
        "--block-ms",
        "50",
        "--txns-per-block",
        "3",
        "--blocks",
        "21",
        "--first-block",
        "7",
        "--chain-id",
        "9",
    ];
    let before = now_nanos();
    let (mut node, ring) = Node::start(&arguments, &path);
    assert_eq!(node.exit_code(), 0);
    let events = read_all(&ring);
    let starts: Vec<_> = events
        .iter()
        .filter_map(|one| match one.event() {
            monad_exec_events::ExecEventRef::BlockStart(start) => Some((one.descriptor, *start)),
            _ => None,
        })
        .collect();
    assert_eq!(starts.len(), 21);
    let seconds = (starts[20].0.record_epoch_nanos - before) as f64 / 1e9;
    assert!(seconds >= 1.0, "20 intervals took only {seconds} s");
    for (number, (descriptor, start)) in (7..).zip(&starts) {
        assert_eq!(start.block_tag.block_number, number);
        assert_eq!(start.chain_id, 9_u64.into());
        let proposed = start.proposal_epoch_nanos as u64;
        assert!(proposed <= descriptor.record_epoch_nanos);
        assert_eq!(start.eth_block_input.timestamp, proposed / 1_000_000_000);
    }
}

#[test]
fn failures_are_one_sentence_and_exit_1_wrong_usage_exits_2() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    let ring = path.to_str().unwrap();
    let run = |arguments: &[&str]| -> Output { program(arguments).output().unwrap() };
    let sentence = |output: &Output| {
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stderr.clone()).unwrap();
        assert!(
            text.starts_with("node-sim: ") && text.lines().count() == 1,
            "{text}"
        );
        text
    };
    let missing = sentence(&run(&["replay", "/nowhere.zst", "--ring", ring]));
    assert!(missing.contains("/nowhere.zst"), "{missing}");
    fs::write(&path, "a letter").unwrap();
    let refused = sentence(&run(&["run", "--ring", ring]));
    assert!(refused.contains("is no event ring"), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), b"a letter");
    fs::remove_file(&path).unwrap();
    let (_node, _) = Node::start(&["run"], &path);
    let locked = sentence(&run(&["run", "--ring", ring]));
    assert!(locked.contains("living writer"), "{locked}");
    for wrong in [
        &["run"] as &[&str],
        &["run", "--ring", ring, "--descriptor-shift", "15"],
        &["replay", "file", "--ring", ring, "--speed", "0"],
        &["replay", "file", "--ring", ring, "--rate", "0"],
        &["replay", "file", "--ring", ring, "--rate", "5", "--max"],
        &["replay", "file", "--ring", ring, "--laps", "2", "--loop"],
    ] {
        assert_eq!(run(wrong).status.code(), Some(2), "{wrong:?}");
    }
}
