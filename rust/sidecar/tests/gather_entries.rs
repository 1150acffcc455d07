//! Events joined again for a release: with the stage that released them and with block ids. Source: protocol 4.5, 7.1.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::door::{Door, last_error};
use harness::events::{hex, id};
use harness::log::Entry;
use harness::recorder::Recorder;
use harness::until;
use ringcast_sidecar::door::ringcast_gather_entries;
use ringcast_sidecar::log::MOST_ADDED;
use serde_json::{Value, json};

const MIB: usize = 1 << 20;
const STAGES: [&str; 5] = ["Proposed", "Voted", "Finalized", "Verified", "Rejected"];

/// Two proposals of one number and what became of them; entries that are held, all published.
fn filled() -> (Door, Vec<Entry>) {
    let mut recorder = Recorder::new();
    recorder.block_of(10, 1, 2);
    recorder.qc(10, 1);
    recorder.block_of(10, 2, 1);
    recorder.finalized(10, 2);
    recorder.verified(9);
    let mut door = Door::open(&recorder.path, json!({}), MIB);
    until("everything is read", || {
        door.status("events") as u64 == recorder.last()
    });
    door.metrics = 0;
    let mut head = 0;
    until("everything is published", || {
        head = door.status("head") as u64;
        head > 0 && door.entry(head - 1).seq == door.status("newest_seq") as u64
    });
    let entries = (0..head).map(|number| door.entry(number)).collect();
    (door, entries)
}

fn gather(
    door: &Door,
    entries: &[f64],
    stage: u32,
    flags: u32,
    room: usize,
) -> Result<String, String> {
    let mut bytes: Vec<u8> = entries
        .iter()
        .flat_map(|entry| entry.to_le_bytes())
        .collect();
    let mut out = vec![0; room];
    // SAFETY: both buffers are as long as they are said to be.
    let written = unsafe {
        ringcast_gather_entries(
            door.handle,
            bytes.as_mut_ptr(),
            entries.len() as u32,
            stage,
            flags,
            out.as_mut_ptr(),
            room as u32,
        )
    };
    if written < 0.0 {
        return Err(last_error());
    }
    out.truncate(written as usize);
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn every_commit_stage_becomes_the_one_that_is_given_and_nothing_else_changes() {
    let (door, entries) = filled();
    let events: Vec<usize> = (0..entries.len())
        .filter(|at| !entries[*at].is_metric())
        .collect();
    let numbers: Vec<f64> = events.iter().map(|at| *at as f64).collect();
    let room: usize = events
        .iter()
        .map(|at| entries[*at].text_len + MOST_ADDED)
        .sum();
    assert!(events.len() > 10);
    for stage in 0..=5 {
        for flags in [0, 1] {
            let text = gather(&door, &numbers, stage, flags, room).unwrap();
            let joined: Vec<Value> = serde_json::from_str(&format!("[{text}]")).unwrap();
            let expected = events.iter().map(|at| {
                let mut event = entries[*at].json();
                if stage > 0 && event.get("commit_stage").is_some() {
                    event["commit_stage"] = json!(STAGES[stage as usize - 1]);
                }
                // The first id that was seen got ordinal 1; the verified number has none.
                if flags == 1 && entries[*at].proposal > 0 {
                    event["block_id"] = json!(hex(&id(entries[*at].proposal.into())));
                }
                event
            });
            assert_eq!(joined, expected.collect::<Vec<_>>());
            if (stage, flags) == (0, 0) {
                let texts: Vec<_> = events.iter().map(|at| &entries[*at].text[..]).collect();
                assert_eq!(text, texts.join(","));
            }
            if flags == 1 {
                let end = format!(",\"block_id\":\"{}\"}}", hex(&id(1)));
                assert!(
                    text.split("},{")
                        .next()
                        .unwrap()
                        .ends_with(end.trim_end_matches('}')),
                    "it is the last key"
                );
            }
            let exact = text.len();
            assert_eq!(
                gather(&door, &numbers, stage, flags, exact).as_ref(),
                Ok(&text)
            );
            let refused = gather(&door, &numbers, stage, flags, exact - 1).unwrap_err();
            assert!(refused.contains("too few"), "{refused}");
        }
    }
    assert_eq!(gather(&door, &[], 3, 1, 0), Ok(String::new()));
}

#[test]
fn what_is_no_held_event_in_ascending_order_is_refused_with_a_sentence() {
    let (mut door, entries) = filled();
    let head = entries.len() as f64;
    let metric = entries.iter().position(|entry| entry.is_metric()).unwrap() as f64;
    for (numbers, stage, flags, sentence) in [
        (vec![0.0, head], 0, 0, "is not held"),
        (vec![f64::NAN], 0, 0, "is not held"),
        (vec![-1.0], 0, 0, "is not held"),
        (vec![2.0, 2.0], 0, 0, "ascending"),
        (vec![2.0, 0.0], 0, 0, "ascending"),
        (vec![0.0, metric], 0, 0, "no event"),
        (vec![0.0], 6, 0, "no commit stage"),
        (vec![0.0], 262, 0, "no commit stage"),
        (vec![0.0], 0, 2, "flags"),
    ] {
        let refused = gather(&door, &numbers, stage, flags, MIB).unwrap_err();
        assert!(
            refused.contains(sentence) && refused.ends_with('.'),
            "{refused}"
        );
    }
    assert!(gather(&door, &[0.0], 0, 0, MIB).is_ok());
    door.take_all();
    let refused = gather(&door, &[0.0], 0, 0, MIB).unwrap_err();
    assert!(refused.contains("Entry 0 is not held"), "{refused}");
    door.handle += 1000;
    let refused = gather(&door, &[0.0], 0, 0, MIB).unwrap_err();
    door.handle -= 1000;
    assert!(refused.contains("no log with handle"), "{refused}");
}
