//! Lays proposals out as a tree: a row for each, heights down the page, a lane for each branch.
//! A fork stands above the sibling that keeps its parent's lane: `├─✗` and then `●`.

use std::collections::BTreeMap;

use crate::chain::{Proposal, State};

/// A line of the tree.
pub enum Row<'a> {
    /// A proposal, with the lanes around it drawn left of it.
    Proposal {
        proposal: &'a Proposal,
        graph: String,
        /// False for a sibling of the row above.
        is_first_of_height: bool,
    },
    /// Heights of which nothing is known.
    Hole { heights: u64 },
}

/// One proposal while it is laid out.
struct Placed<'a> {
    proposal: &'a Proposal,
    /// Place of its parent among all placed ones.
    parent: Option<usize>,
    lane: usize,
    row: usize,
}

pub fn symbol(state: State) -> char {
    match state {
        State::Rejected => '⊘',
        State::Abandoned => '✗',
        State::Unknown => '?',
        State::Executing => '…',
        State::Proposed => '○',
        State::Voted => '◐',
        State::Finalized => '●',
        State::Verified => '✔',
    }
}

/// All rows, the lowest height first.
pub fn lay_out(proposals: &[Proposal]) -> Vec<Row<'_>> {
    let mut heights: BTreeMap<u64, Vec<&Proposal>> = BTreeMap::new();
    for proposal in proposals {
        heights.entry(proposal.number).or_default().push(proposal);
    }
    let mut placed: Vec<Placed<'_>> = Vec::new();
    for (number, siblings) in heights {
        let below = placed
            .iter()
            .rposition(|one| one.proposal.number + 1 != number)
            .map_or(0, |at| at + 1);
        place(&siblings, below, &mut placed);
    }
    draw(&placed)
}

/// Gives the proposals of one height their lanes and their order; `below..` are those of the height before.
///
/// Lane 0 belongs to the one that has come furthest, and of equals to the child of the one in lane 0.
fn place<'a>(siblings: &[&'a Proposal], below: usize, placed: &mut Vec<Placed<'a>>) {
    let with_parent = |proposal: &'a Proposal| {
        let parent = (below..placed.len())
            .filter(|at| placed[*at].proposal.eth_hash == Some(proposal.parent_eth_hash))
            .max_by_key(|at| placed[*at].proposal.state);
        (proposal, parent, parent.map(|at| placed[at].lane))
    };
    let siblings: Vec<_> = siblings
        .iter()
        .map(|proposal| with_parent(proposal))
        .collect();
    let rank = |at: &usize| {
        let (proposal, _, parent_lane) = siblings[*at];
        (
            proposal.state,
            parent_lane == Some(0),
            std::cmp::Reverse(*at),
        )
    };
    let main = (0..siblings.len()).max_by_key(rank);
    let mut taken = vec![0];
    let (mut keepers, mut forks) = (Vec::new(), Vec::new());
    for (at, &(proposal, parent, parent_lane)) in siblings.iter().enumerate() {
        match parent_lane {
            _ if main == Some(at) => {}
            Some(lane) if !taken.contains(&lane) => {
                taken.push(lane);
                keepers.push((proposal, parent, lane));
            }
            _ => forks.push((proposal, parent)),
        }
    }
    let forks = forks.into_iter().map(|(proposal, parent)| {
        let lane = (0..).find(|lane| !taken.contains(lane)).unwrap_or_default();
        taken.push(lane);
        (proposal, parent, lane)
    });
    // Forks stand above the lanes that they leave, lane 0 stands last.
    let main = main.map(|at| (siblings[at].0, siblings[at].1, 0));
    let rows: Vec<_> = forks.collect();
    for (proposal, parent, lane) in rows.into_iter().chain(keepers).chain(main) {
        let row = placed.len();
        placed.push(Placed {
            proposal,
            parent,
            lane,
            row,
        });
    }
}

fn draw<'a>(placed: &[Placed<'a>]) -> Vec<Row<'a>> {
    let lanes = placed.iter().map(|one| one.lane + 1).max().unwrap_or(0);
    let mut grid = vec![vec![' '; 2 * lanes]; placed.len()];
    // Lines down from a parent to each child, in the parent's lane.
    for child in placed {
        let Some(parent) = child.parent.map(|at| &placed[at]) else {
            continue;
        };
        for line in &mut grid[parent.row + 1..child.row] {
            line[2 * parent.lane] = '│';
        }
    }
    for child in placed {
        if let Some(parent) = child.parent.map(|at| &placed[at])
            && parent.lane != child.lane
        {
            let goes_on = placed[child.row + 1..]
                .iter()
                .any(|other| other.parent == child.parent);
            branch(&mut grid[child.row], parent.lane, child.lane, goes_on);
        }
        grid[child.row][2 * child.lane] = symbol(child.proposal.state);
    }
    let mut rows = Vec::new();
    let mut last = None;
    for (one, line) in placed.iter().zip(grid) {
        let number = one.proposal.number;
        if let Some(last) = last
            && number > last + 1
        {
            rows.push(Row::Hole {
                heights: number - last - 1,
            });
        }
        rows.push(Row::Proposal {
            proposal: one.proposal,
            graph: line.into_iter().collect(),
            is_first_of_height: last != Some(number),
        });
        last = Some(number);
    }
    rows
}

/// Draws the way from lane `from` to lane `to` into one line.
fn branch(line: &mut [char], from: usize, to: usize, goes_on: bool) {
    let is_right = to > from;
    line[2 * from] = match (is_right, goes_on) {
        (true, true) => '├',
        (true, false) => '╰',
        (false, true) => '┤',
        (false, false) => '╯',
    };
    let (left, right) = (2 * from.min(to), 2 * from.max(to));
    for at in &mut line[left + 1..right] {
        *at = if *at == '│' { '┼' } else { '─' };
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    /// (number, own hash, parent's hash, state)
    fn rows(blocks: &[(u64, u8, u8, State)]) -> Vec<String> {
        let proposals: Vec<Proposal> = blocks
            .iter()
            .map(|&(number, hash, parent, state)| Proposal {
                id: [hash; 32].into(),
                number,
                round: number,
                parent_eth_hash: [parent; 32].into(),
                eth_hash: Some([hash; 32].into()),
                state,
                txns: 0,
                gas_used: None,
                started_nanos: 0,
            })
            .collect();
        lay_out(&proposals)
            .into_iter()
            .map(|row| match row {
                Row::Proposal {
                    proposal,
                    graph,
                    is_first_of_height: true,
                } => format!("{} {}", proposal.number, graph.trim_end()),
                Row::Proposal { graph, .. } => format!("  {}", graph.trim_end()),
                Row::Hole { heights } => format!("hole of {heights}"),
            })
            .collect()
    }

    use State::{Abandoned, Finalized, Proposed, Unknown, Verified, Voted};

    #[test]
    fn a_chain_is_one_lane() {
        let blocks = [
            (1, 1, 0, Verified),
            (2, 2, 1, Finalized),
            (3, 3, 2, Proposed),
        ];
        assert_eq!(rows(&blocks), ["1 ✔", "2 ●", "3 ○"]);
    }

    #[test]
    fn a_fork_leaves_the_lane_above_the_sibling_that_keeps_it() {
        let blocks = [
            (1, 1, 0, Finalized),
            (2, 2, 1, Abandoned),
            (2, 3, 1, Finalized),
            (3, 4, 3, Proposed),
        ];
        assert_eq!(rows(&blocks), ["1 ●", "2 ├─✗", "  ●", "3 ○"]);
    }

    #[test]
    fn three_siblings_are_two_forks() {
        let blocks = [
            (1, 1, 0, Finalized),
            (2, 2, 1, Proposed),
            (2, 3, 1, Voted),
            (2, 4, 1, Proposed),
        ];
        assert_eq!(rows(&blocks), ["1 ●", "2 ├─○", "  ├───○", "  ◐"]);
    }

    #[test]
    fn the_first_lane_goes_over_to_the_branch_that_is_finalized() {
        let states = |winner: [State; 2], loser: [State; 2]| {
            [
                (1, 1, 0, Finalized),
                (2, 2, 1, loser[0]),
                (2, 3, 1, winner[0]),
                (3, 4, 2, loser[1]),
                (3, 5, 3, winner[1]),
            ]
        };
        assert_eq!(
            rows(&states([Proposed; 2], [Proposed; 2])),
            ["1 ●", "2 ├─○", "  ○ │", "3 │ ○", "  ○"]
        );
        assert_eq!(
            rows(&states([Finalized; 2], [Abandoned; 2])),
            ["1 ●", "2 ├─✗", "  ● │", "3 │ ✗", "  ●"]
        );
    }

    #[test]
    fn branches_of_several_blocks_keep_their_lanes() {
        let blocks = [
            (1, 1, 0, Finalized),
            (2, 2, 1, Voted),
            (2, 3, 1, Proposed),
            (3, 4, 2, Proposed),
            (3, 5, 3, Proposed),
            (4, 6, 5, Proposed),
        ];
        assert_eq!(
            rows(&blocks),
            ["1 ●", "2 ├─○", "  ◐ │", "3 │ ○", "  ○ │", "4 ○─╯"]
        );
    }

    #[test]
    fn a_late_fork_crosses_the_lanes_between() {
        let blocks = [
            (1, 1, 0, Finalized),
            (2, 2, 1, Voted),
            (2, 3, 1, Proposed),
            (3, 4, 2, Voted),
            (3, 5, 2, Proposed),
            (3, 6, 3, Proposed),
        ];
        assert_eq!(
            rows(&blocks),
            ["1 ●", "2 ├─○", "  ◐ │", "3 ├─┼─○", "  │ ○", "  ◐"]
        );
    }

    #[test]
    fn unknown_parents_and_heights_leave_a_hole() {
        let blocks = [(1, 1, 0, Verified), (5, 5, 9, Unknown), (6, 6, 8, Proposed)];
        assert_eq!(rows(&blocks), ["1 ✔", "hole of 3", "5 ?", "6 ○"]);
    }
}
