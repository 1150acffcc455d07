//! The C door called wrong: handles, spans, options and memory that make no sense; and what it says of itself.
//! Right calls are in `door`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::door::*;
use harness::log::{Layout, Memory};
use harness::recorder::Recorder;
use harness::seed::{Random, seed};
use harness::until;
use ringcast_sidecar::door::*;
use serde_json::json;

const MIB: usize = 1 << 20;

#[test]
fn the_description_is_what_javascript_was_written_for() {
    assert_eq!(ringcast_abi_version(), 5);
    let layout = Layout::described();
    let fields = [
        ("seq", 0, "f64"),
        ("text_at", 8, "f64"),
        ("block_number", 16, "f64"),
        ("recorded_us", 24, "f64"),
        ("text_len", 32, "u32"),
        ("txn", 36, "u32"),
        ("proposal", 40, "u32"),
        ("type", 44, "u8"),
        ("stage", 45, "u8"),
        ("stage_at", 46, "u16"),
    ];
    assert_eq!(
        (layout.record_size, layout.fields.len()),
        (48, fields.len())
    );
    for (name, at, kind) in fields {
        assert_eq!(layout.fields[name], (at, kind.to_owned()), "{name}");
    }
    assert_eq!((layout.native_transfer, layout.gap), (25, 30));
    let status = "head oldest newest_seq block_number chain_id events gaps lost recorded_us call_frames source_state source_kind";
    assert_eq!(layout.status.join(" "), status);
    let mut short = [0; 10];
    // SAFETY: `short` is as long as it says.
    let len = unsafe { ringcast_describe(short.as_mut_ptr(), 10) };
    assert!(
        len > 10 && short.starts_with(b"{"),
        "as much as fits, and the whole length"
    );
    assert_eq!(ringcast_prepare_process(), OK);
}

#[test]
fn a_handle_that_is_closed_or_was_never_open_is_refused() {
    let recorder = Recorder::new();
    let door = Door::open(&recorder.path, json!({}), MIB);
    assert_eq!(ringcast_close(door.handle), OK);
    for handle in [0, door.handle, u32::MAX] {
        let mut out = [0u8; 96];
        assert_eq!(ringcast_wait(handle, 0.0, 1000, 0, 0), -1.0);
        assert_eq!(ringcast_release(handle, 0.0), UNKNOWN_HANDLE);
        assert!(
            last_error().contains(&format!("handle {handle}")),
            "{}",
            last_error()
        );
        assert_eq!(ringcast_play(handle), UNKNOWN_HANDLE);
        assert_eq!(ringcast_close(handle), UNKNOWN_HANDLE);
        // SAFETY: `out` is as long as it says, and no spans are read.
        unsafe {
            assert_eq!(
                ringcast_status(handle, out.as_mut_ptr(), 96),
                UNKNOWN_HANDLE
            );
            assert_eq!(ringcast_source_message(handle, out.as_mut_ptr(), 96), 0);
            assert_eq!(
                ringcast_gather(handle, std::ptr::null_mut(), 0, out.as_mut_ptr(), 96),
                -1.0
            );
        }
    }
}

#[test]
fn gather_and_release_refuse_what_is_not_held() {
    let mut recorder = Recorder::new();
    recorder.block_of(1, 1, 1);
    let door = Door::open(&recorder.path, json!({}), MIB);
    // BlockStart, Lifecycle, two events of the transaction, BlockEnd, TPS, ContentionData.
    until("all entries are there", || {
        ringcast_wait(door.handle, 6.0, 1000, 0, 0) == 7.0
    });
    let entries: Vec<_> = (0..4).map(|number| door.entry(number)).collect();
    let spans =
        [&entries[2], &entries[0]].map(|entry| (entry.text_at as f64, entry.text_len as f64));
    let both = [&entries[2].text[..], &entries[0].text].concat();
    let mut out = vec![0; both.len()];
    assert_eq!(door.gather(&spans, &mut out), Some(both.len()));
    assert_eq!(String::from_utf8(out).unwrap(), both);
    let mut out = vec![0; both.len() - 1];
    assert_eq!(door.gather(&spans, &mut out), None, "it does not fit");
    assert!(last_error().ends_with('.'), "{}", last_error());
    assert_eq!(door.gather(&[(1e300, 1.0)], &mut out), None);
    assert_eq!(door.gather(&[(0.0, f64::INFINITY)], &mut out), None);
    assert_eq!(door.gather(&[(0.0, 1e18)], &mut out), None);
    // SAFETY: nothing is read through a count that 16 bytes each would overflow.
    let copied = unsafe {
        ringcast_gather(
            door.handle,
            [0u8; 16].as_mut_ptr(),
            u32::MAX,
            out.as_mut_ptr(),
            1,
        )
    };
    assert_eq!(copied, -1.0);
    assert_eq!(ringcast_release(door.handle, 8.0), BAD_ARGUMENT);
    assert_eq!(
        last_error(),
        "Entry 8 cannot be released: it was never published."
    );
    assert_eq!(ringcast_release(door.handle, f64::INFINITY), BAD_ARGUMENT);
    assert_eq!(ringcast_release(door.handle, 2.0), OK);
    assert_eq!(
        ringcast_release(door.handle, 1.0),
        OK,
        "backwards changes nothing"
    );
    assert_eq!(door.status("oldest"), 2.0);
    let mut out = vec![0; MIB];
    assert_eq!(door.gather(&spans[1..], &mut out), None, "released");
    assert_eq!(
        door.gather(&spans[..1], &mut out),
        Some(entries[2].text_len)
    );
}

#[test]
fn options_and_memory_that_make_no_sense_are_refused_with_a_sentence() {
    let plain = json!({ "ring": "/nowhere/ring", "index_capacity": 64 });
    let with = |name: &str, value: serde_json::Value| {
        let mut options = plain.clone();
        options[name] = value;
        options.to_string()
    };
    let memory = Memory::new(MIB);
    let refused = |text: &str, len: f64| {
        let sentence =
            open_raw(&mut text.to_owned().into_bytes(), memory.start(), len).unwrap_err();
        assert!(
            sentence.ends_with('.') && sentence.len() > 20,
            "{text}: {sentence}"
        );
        sentence
    };
    let whole = MIB as f64;
    for text in [
        "",
        "{",
        "null",
        "[]",
        "{}",
        "\u{0}",
        r#"{"ring":"/x"}"#,
        "{\"ring\":\"\\ud800\"}",
    ] {
        refused(text, whole);
    }
    for (name, value) in [
        ("ring", json!(7)),
        ("index_capacity", json!(-64)),
        ("index_capacity", json!("64")),
        ("blocked", json!([256])),
        ("from", json!("latest")),
        ("from", json!({ "block": -1 })),
        ("loop", json!(1)),
        ("index_size", json!(1)),
    ] {
        assert!(
            refused(&with(name, value), whole).contains("options"),
            "{name}"
        );
    }
    // 2^15 records alone take more than a MiB.
    for capacity in [0, 63, 1 << 15, 1 << 31] {
        let sentence = refused(&with("index_capacity", json!(capacity)), whole);
        assert!(sentence.contains(&capacity.to_string()), "{sentence}");
    }
    for len in [0.0, -1.0, f64::NAN, 1000.0, 64.0 * 48.0 + 65535.0] {
        assert!(refused(&plain.to_string(), len).contains("memory"), "{len}");
    }
    let mut text = plain.to_string().into_bytes();
    let sentence = open_raw(&mut text, std::ptr::null_mut(), whole).unwrap_err();
    assert_eq!(sentence, "No memory was lent for the log.");
    let shifted = memory.start().wrapping_add(4);
    let sentence = open_raw(&mut text, shifted, whole - 8.0).unwrap_err();
    assert!(sentence.contains("multiple of 8"), "{sentence}");
}

#[test]
fn random_bytes_as_options_never_end_the_process() {
    let mut random = Random(seed());
    let memory = Memory::new(MIB);
    let valid = json!({ "ring": "/nowhere/at/all", "from": { "block": 7 }, "blocked": [1, 24], "speed": 0.5,
        "index_capacity": 64, "loop": true, "wait_for_play": false })
    .to_string()
    .into_bytes();
    let mut opened = 0;
    for round in 0..3000 {
        let mut options = match round % 3 {
            0 => (0..random.below(200))
                .map(|_| random.bits() as u8)
                .collect(),
            _ => valid.clone(),
        };
        for _ in 0..random.below(4) * u64::from(round % 3 != 0) {
            let at = random.below(options.len() as u64) as usize;
            match random.below(3) {
                0 => options[at] = random.bits() as u8,
                1 => drop(options.remove(at)),
                _ => options.insert(at, random.below(128) as u8),
            }
        }
        let text = String::from_utf8_lossy(&options).into_owned();
        match open_raw(&mut options, memory.start(), MIB as f64) {
            Ok(handle) => {
                opened += 1;
                assert_eq!(ringcast_close(handle), OK, "{text}");
            }
            Err(sentence) => assert!(!sentence.contains("failed inside"), "{sentence}: {text}"),
        }
    }
    assert!(
        opened > 300,
        "only {opened} were opened, which tests little"
    );
}
