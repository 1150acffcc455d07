//! Shows a chain: as a tree that is drawn in place on a terminal, else as a line per change.

use std::{
    io::{self, IsTerminal, StdoutLock, Write},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::chain::{Chain, Proposal, State};
use crate::tree::{Row, lay_out, symbol};

/// A terminal whose size is not known is taken for this one: columns, rows.
const USUAL_SIZE: (usize, usize) = (80, 24);

/// Where the tree is drawn.
pub struct Screen {
    out: io::BufWriter<StdoutLock<'static>>,
    is_terminal: bool,
    has_color: bool,
    /// Lines of the drawing that the cursor stands below.
    drawn: usize,
}

impl Screen {
    pub fn new() -> Self {
        let stdout = io::stdout();
        let is_terminal = stdout.is_terminal();
        Self {
            out: io::BufWriter::new(stdout.lock()),
            is_terminal,
            has_color: is_terminal && std::env::var_os("NO_COLOR").is_none(),
            drawn: 0,
        }
    }

    pub fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Prints one line per proposal that changed.
    pub fn print(&mut self, changed: &[Proposal]) -> io::Result<()> {
        for one in changed {
            let gas = one.gas_used.map_or("-".into(), |gas| gas.to_string());
            writeln!(
                self.out,
                "{} {} {:<9} {} round {} txns {} gas {gas}",
                one.number,
                symbol(one.state),
                format!("{:?}", one.state),
                one.id,
                one.round,
                one.txns
            )?;
        }
        Ok(())
    }

    /// Prints a remark of its own line, unless a tree is drawn.
    pub fn remark(&mut self, text: &str) -> io::Result<()> {
        if self.is_terminal {
            return Ok(());
        }
        writeln!(self.out, "-- {text}")
    }

    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Draws the newest part of the tree that fits, in the place of the drawing before.
    pub fn draw(&mut self, title: &str, chain: &Chain) -> io::Result<()> {
        let (columns, lines) = size();
        // Twice what fits is enough to find the parents and lanes of what is shown.
        let first = chain.proposals.len().saturating_sub(2 * lines);
        let rows = lay_out(&chain.proposals[first..]);
        let shown = &rows[rows.len().saturating_sub(lines.saturating_sub(4))..];
        let lanes = shown.iter().map(lanes_of).max().unwrap_or(0).max(1);
        if self.drawn > 0 {
            write!(self.out, "\x1b[{}A\r", self.drawn)?;
        }
        self.line(columns, &[(None, title)])?;
        let heading = format!(
            "{:>12}  {:lanes$} {:9} {:9} {:>12} {:>6} {:>9} {:>7}",
            "HEIGHT", "", "BLOCK", "STATE", "ROUND", "TXNS", "GAS", "AGE"
        );
        self.line(columns, &[(Some("1"), &heading)])?;
        for (at, row) in shown.iter().enumerate() {
            self.row(columns, lanes, row, at == 0)?;
        }
        let legend =
            "… executing ○ proposed ◐ voted ● final ✔ verified ✗ abandoned ⊘ rejected ? lost";
        self.line(columns, &[(Some("2"), legend)])?;
        write!(self.out, "\x1b[J")?;
        self.drawn = shown.len() + 3;
        self.out.flush()
    }

    fn row(&mut self, columns: usize, lanes: usize, row: &Row<'_>, is_top: bool) -> io::Result<()> {
        let (proposal, graph, is_first_of_height) = match row {
            Row::Hole { heights } => {
                let text = format!("{:>12}  {heights} heights not seen", "⋮");
                return self.line(columns, &[(Some("2"), &text)]);
            }
            Row::Proposal {
                proposal,
                graph,
                is_first_of_height,
            } => (proposal, graph.trim_end(), *is_first_of_height || is_top),
        };
        let color = color(proposal.state);
        let height = if is_first_of_height {
            proposal.number.to_string()
        } else {
            String::new()
        };
        // Of the lanes only the proposal's own symbol has its color.
        let own = graph.find(symbol(proposal.state)).unwrap_or(graph.len());
        let (left, rest) = graph.split_at(own);
        let (own, right) = rest.split_at(rest.chars().next().map_or(0, char::len_utf8));
        let padding = " ".repeat(lanes - graph.chars().count());
        let numbers = format!(
            " {:>12} {:>6} {:>9} {:>7}",
            proposal.round,
            proposal.txns,
            proposal.gas_used.map_or("-".into(), gas),
            age(proposal.started_nanos)
        );
        let is_void = proposal.state <= State::Abandoned;
        let plain = if is_void { Some("2") } else { None };
        let id = proposal.id.to_string();
        let head = format!("{height:>12}  ");
        // Both ends: ids of replayed blocks begin with zeros.
        let block = format!("{padding} {}‥{} ", &id[2..6], &id[id.len() - 4..]);
        let state = format!("{:9}", format!("{:?}", proposal.state));
        self.line(
            columns,
            &[
                (None, &head),
                (None, left),
                (Some(color), own),
                (None, right),
                (plain, &block),
                (Some(color), &state),
                (plain, &numbers),
            ],
        )
    }

    /// One line of pieces with their colors (SGR parameters), cut before the terminal's edge.
    fn line(&mut self, columns: usize, pieces: &[(Option<&str>, &str)]) -> io::Result<()> {
        // A character at the edge would be erased with the rest of the line.
        let mut left = columns.saturating_sub(1);
        for (color, text) in pieces {
            let end = text
                .char_indices()
                .nth(left)
                .map_or(text.len(), |(at, _)| at);
            let text = &text[..end];
            left -= text.chars().count();
            match color.filter(|_| self.has_color && !text.is_empty()) {
                Some(color) => write!(self.out, "\x1b[{color}m{text}\x1b[0m")?,
                None => write!(self.out, "{text}")?,
            }
        }
        writeln!(self.out, "\x1b[K")
    }
}

fn lanes_of(row: &Row<'_>) -> usize {
    match row {
        Row::Proposal { graph, .. } => graph.trim_end().chars().count(),
        Row::Hole { .. } => 0,
    }
}

fn size() -> (usize, usize) {
    match rustix::termios::tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.into(), size.ws_row.into()),
        _ => USUAL_SIZE,
    }
}

fn color(state: State) -> &'static str {
    match state {
        State::Rejected => "31",
        State::Abandoned => "2;31",
        State::Unknown => "35",
        State::Executing => "2",
        State::Proposed => "33",
        State::Voted => "36",
        State::Finalized => "94",
        State::Verified => "32",
    }
}

/// Gas in a few digits.
fn gas(gas: u64) -> String {
    match gas {
        0..10_000 => gas.to_string(),
        10_000..1_000_000 => format!("{:.1} k", gas as f64 / 1e3),
        _ => format!("{:.2} M", gas as f64 / 1e6),
    }
}

/// Time since a moment, in its largest unit.
fn age(nanos: u64) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos() as u64);
    let millis = now.saturating_sub(nanos) / 1_000_000;
    match millis {
        0..100_000 => format!("{}.{} s", millis / 1000, millis / 100 % 10),
        100_000..6_000_000 => format!("{} min", millis / 60_000),
        6_000_000..172_800_000 => format!("{} h", millis / 3_600_000),
        _ => format!("{} d", millis / 86_400_000),
    }
}
