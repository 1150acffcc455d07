//! Commands with their time: from a schedule file, or added by chaos.rs. player.rs takes those that are due.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    path::Path,
};

use super::command::Told;
use crate::error::SimError;

/// Commands by the number of blocks, or of events, before them.
#[derive(Debug, Default)]
pub struct Schedule {
    by_block: BTreeMap<u64, VecDeque<Told>>,
    by_event: BTreeMap<u64, VecDeque<Told>>,
}

impl Schedule {
    /// Reads a file of lines `block N COMMAND` (before the block of turn N, from 0) and `event N COMMAND` (before event
    /// N of the run, from 0); empty lines and those that begin with `#` say nothing.
    ///
    /// # Errors
    /// [`SimError::Schedule`] names the line and what is wrong.
    pub fn read(path: &Path) -> Result<Self, SimError> {
        let fail = |reason: String| SimError::Schedule {
            path: path.into(),
            reason,
        };
        let text = fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
        let mut schedule = Self::default();
        for (index, line) in text.lines().enumerate() {
            schedule
                .read_line(line.trim())
                .map_err(|reason| fail(format!("line {}: {reason}", index + 1)))?;
        }
        Ok(schedule)
    }

    fn read_line(&mut self, line: &str) -> Result<(), String> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let mut words = line.splitn(3, char::is_whitespace);
        let (unit, count, command) = (words.next(), words.next(), words.next());
        let count = count.and_then(|word| word.parse().ok());
        let (Some(unit @ ("block" | "event")), Some(count), Some(command)) = (unit, count, command)
        else {
            return Err(format!(
                "\"{line}\" is not of the form \"block N COMMAND\" or \"event N COMMAND\""
            ));
        };
        let by = match unit {
            "block" => &mut self.by_block,
            _ => &mut self.by_event,
        };
        by.entry(count).or_default().push_back(command.parse()?);
        Ok(())
    }

    /// Adds a command before event `event` of the run.
    pub(super) fn add(&mut self, event: u64, told: Told) {
        self.by_event.entry(event).or_default().push_back(told);
    }

    /// The next command due before turn `block`.
    pub(super) fn before_block(&mut self, block: u64) -> Option<Told> {
        next_due(&mut self.by_block, block)
    }

    /// The next command due before event `event`.
    #[inline]
    pub(super) fn before_event(&mut self, event: u64) -> Option<Told> {
        if self.by_event.is_empty() {
            return None;
        }
        next_due(&mut self.by_event, event)
    }
}

fn next_due(by: &mut BTreeMap<u64, VecDeque<Told>>, now: u64) -> Option<Told> {
    let mut due = by.first_entry().filter(|first| *first.key() <= now)?;
    let told = due.get_mut().pop_front();
    if due.get().is_empty() {
        due.remove();
    }
    told
}
