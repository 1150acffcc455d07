//! Any descriptor and payload: decoded to an event that encodes to the same bytes again, or refused with a reason.
//! Input: event type, flow words, payload.
#![no_main]
#![allow(missing_docs, reason = "a program")]

use arbitrary::{Result, Unstructured};
use libfuzzer_sys::{Corpus, fuzz_target};
use monad_exec_events::{ExecEventRef, ExecEventRingFlowInfo, ExecEventType};

/// Where payloads start in a reader's buffer.
#[repr(C, align(16))]
struct Aligned([u8; 4096]);

fuzz_target!(|bytes: &[u8]| -> Corpus {
    match run(&mut Unstructured::new(bytes)) {
        Ok(()) => Corpus::Keep,
        Err(_) => Corpus::Reject,
    }
});

fn run(input: &mut Unstructured<'_>) -> Result<()> {
    let event_type = input.arbitrary::<u16>()?;
    let words = input.arbitrary::<[u8; 2]>()?;
    let account_index = input.arbitrary::<u16>()?;
    let content_ext = [7, words[0].into(), account_index.into(), words[1].into()];
    let mut buffer = Aligned([0; 4096]);
    let payload = &mut buffer.0[..input.len().min(4096)];
    input.fill_buffer(payload)?;

    let event = match ExecEventRef::decode(event_type, content_ext, payload) {
        Ok(event) => event,
        Err(error) => {
            let message = error.to_string();
            assert!(message.ends_with('.') && message.len() < 200, "{message}");
            // The only bytes that are refused for being where they are would be misaligned ones.
            assert!(!message.contains("aligned"), "{message}");
            return Ok(());
        }
    };
    assert_eq!(event.event_type() as u16, event_type);
    assert!(ExecEventType::try_from(event_type).is_ok());
    let mut first = vec![];
    event.encode_payload(&mut first);
    // What was kept of a dropped payload is no part of the event.
    if !matches!(event, ExecEventRef::RecordError(_)) {
        assert_eq!(first.len(), payload.len());
    }
    // An event that names its transaction names that of its descriptor.
    let flow = event.flow(7);
    let named = ExecEventRingFlowInfo::from(content_ext).txn_idx;
    assert!(flow.txn_idx.is_none() || flow.txn_idx == named);

    let mut again = Aligned([0; 4096]);
    again.0[..first.len()].copy_from_slice(&first);
    let again = ExecEventRef::decode(event_type, content_ext, &again.0[..first.len()])
        .expect("what was encoded can be decoded");
    assert_eq!(again, event);
    let mut second = vec![];
    again.encode_payload(&mut second);
    assert_eq!(second, first);
    assert_eq!(again.flow(7), flow);
    let json = serde_json::to_string(&event.into_owned()).expect("JSON of an event");
    assert!(!json.is_empty());
    Ok(())
}
