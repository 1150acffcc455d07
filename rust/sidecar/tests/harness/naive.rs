//! The metrics of section 8 as their definitions say them, over events as JSON; slow, and unlike what is tested.
//! Fed entry by entry with everything that is in a log in which nothing is blocked.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::{Value, json};

use super::log::{Entry, TRANSFER};

/// Address and key of a storage slot, as they are printed.
type Slot = (String, String);

/// A block between its BlockStart and its end.
#[derive(Default)]
struct Block {
    number: u64,
    txn_count: u64,
    started_ns: u64,
    starts: HashMap<u64, u64>,
    txn_ns: u64,
    /// Transaction and whether it modified, of every access.
    accesses: BTreeMap<Slot, Vec<(u64, bool)>>,
}

/// Everything that is counted.
#[derive(Default)]
pub struct Naive {
    block: Option<Block>,
    ended: Vec<(u64, u64, u64)>,
    accounts: Sketch<String>,
    slots: Sketch<Slot>,
    began_ns: Option<u64>,
    told_ns: Option<u64>,
    /// Frames that had contended slots, edges, and replaced counters.
    pub contended: u64,
    pub edges: u64,
    pub replaced: u64,
}

/// Counters of which the next of the smallest is replaced, from the last replaced one on.
struct Sketch<K> {
    rows: Vec<(K, u64)>,
    places: HashMap<K, usize>,
    hand: usize,
}

impl<K> Default for Sketch<K> {
    fn default() -> Self {
        let (rows, places, hand) = (Vec::new(), HashMap::new(), 0);
        Sketch { rows, places, hand }
    }
}

impl<K: Clone + Ord + std::hash::Hash> Sketch<K> {
    fn count(&mut self, key: K) -> bool {
        if let Some(at) = self.places.get(&key) {
            self.rows[*at].1 += 1;
            return false;
        }
        if self.rows.len() < 1000 {
            self.places.insert(key.clone(), self.rows.len());
            self.rows.push((key, 1));
            return false;
        }
        let least = self.rows.iter().map(|row| row.1).min().unwrap();
        let mut from_hand = (0..1000).map(|step| (self.hand + step) % 1000);
        let at = from_hand.find(|at| self.rows[*at].1 == least).unwrap();
        self.hand = (at + 1) % 1000;
        self.places.remove(&self.rows[at].0);
        self.places.insert(key.clone(), at);
        self.rows[at] = (key, least + 1);
        true
    }

    fn top(&self) -> Vec<(K, u64)> {
        let mut rows = self.rows.clone();
        rows.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        rows.truncate(10);
        rows
    }
}

/// A quotient with at most 4 decimals.
fn share(part: u64, whole: u64, factor: f64) -> f64 {
    match whole {
        0 => 0.0,
        _ => (part as f64 / whole as f64 * factor * 1e4).round() / 1e4,
    }
}

impl Naive {
    /// Takes an event or a gap and returns what must follow it: slot and message.
    pub fn take(&mut self, entry: &Entry) -> Vec<(u64, Value)> {
        if entry.is_gap() {
            self.block = None;
            self.ended.clear();
            return Vec::new();
        }
        if entry.entry_type == TRANSFER {
            return Vec::new();
        }
        let event = entry.json();
        let payload = &event["payload"];
        let now_ns = event["timestamp_ns"].as_u64().unwrap();
        let txn = event["txn_idx"].as_u64();
        let text = |key: &str| payload[key].as_str().unwrap().to_owned();
        match (&entry.name()[..], &mut self.block) {
            ("BlockStart", block) => {
                *block = Some(Block {
                    number: payload["block_number"].as_u64().unwrap(),
                    txn_count: payload["txn_count"].as_u64().unwrap(),
                    started_ns: now_ns,
                    ..Block::default()
                });
            }
            ("BlockReject", block) => *block = None,
            ("EvmError", block) if txn.is_none() => *block = None,
            ("TxnHeaderStart", Some(block)) => drop(block.starts.insert(txn.unwrap(), now_ns)),
            ("TxnEnd", Some(block)) => {
                if let Some(start) = block.starts.remove(&txn.unwrap()) {
                    block.txn_ns += now_ns.saturating_sub(start);
                }
            }
            ("AccountAccess", _) => {
                self.began_ns.get_or_insert(now_ns);
                self.replaced += u64::from(self.accounts.count(text("address")));
            }
            ("StorageAccess", block) => {
                self.began_ns.get_or_insert(now_ns);
                let slot = (text("address"), text("key"));
                self.replaced += u64::from(self.slots.count(slot.clone()));
                if let (Some(block), Some(txn), false) = (block, txn, payload["transient"] == true)
                {
                    let access = (txn, payload["modified"] == true);
                    block.accesses.entry(slot).or_default().push(access);
                }
            }
            ("BlockEnd", block) => {
                let block = block.take().unwrap();
                return self.end(&block, now_ns);
            }
            _ => {}
        }
        Vec::new()
    }

    fn end(&mut self, block: &Block, now_ns: u64) -> Vec<(u64, Value)> {
        self.ended.push((block.number, block.txn_count, now_ns));
        let mut frames = vec![
            (2, json!({ "TPS": self.tps() })),
            (
                3,
                json!({ "ContentionData": self.contention(block, now_ns) }),
            ),
        ];
        let is_due = self
            .told_ns
            .is_none_or(|told| now_ns.abs_diff(told) >= 1_000_000_000);
        if is_due && self.began_ns.is_some() {
            self.told_ns = Some(now_ns);
            let row = |(key, count): (Value, u64)| json!({ "key": key, "count": count });
            let account: Vec<_> = self
                .accounts
                .top()
                .into_iter()
                .map(|(key, count)| row((json!(key), count)))
                .collect();
            let storage: Vec<_> = self
                .slots
                .top()
                .into_iter()
                .map(|(key, count)| row((json!([key.0, key.1]), count)))
                .collect();
            frames.push((
                4,
                json!({ "TopAccesses": { "account": account, "storage": storage } }),
            ));
            if now_ns.abs_diff(self.began_ns.unwrap()) >= 300_000_000_000 {
                (self.accounts, self.slots, self.began_ns) =
                    (Sketch::default(), Sketch::default(), None);
            }
        }
        frames
    }

    fn tps(&self) -> u64 {
        let (_, _, now_ns) = *self.ended.last().unwrap();
        let Some(a) = self
            .ended
            .iter()
            .rposition(|block| block.2 + 1_000_000_000 <= now_ns)
        else {
            return 0;
        };
        let numbers: HashMap<u64, u64> = self.ended[a + 1..]
            .iter()
            .map(|block| (block.0, block.1))
            .collect();
        let seconds = (now_ns - self.ended[a].2) as f64 / 1e9;
        (numbers.values().sum::<u64>() as f64 / seconds).round() as u64
    }

    fn contention(&mut self, block: &Block, now_ns: u64) -> Value {
        let wall_ns = now_ns.saturating_sub(block.started_ns);
        let txns = |accesses: &[(u64, bool)]| {
            accesses
                .iter()
                .map(|access| access.0)
                .collect::<HashSet<_>>()
                .len()
        };
        let contended: Vec<_> = block
            .accesses
            .iter()
            .filter(|(_, accesses)| txns(accesses) >= 2)
            .collect();
        let written = contended
            .iter()
            .filter(|(_, accesses)| accesses.iter().any(|access| access.1))
            .count();
        let mut slots = contended.clone();
        slots.sort_by_key(|(slot, accesses)| (usize::MAX - txns(accesses), (*slot).clone()));
        let slots: Vec<_> = slots.iter().take(20).map(|(slot, accesses)| {
            json!({ "address": slot.0, "slot": slot.1, "txn_count": txns(accesses), "access_count": accesses.len() })
        }).collect();

        let mut contracts: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
        let mut touched: BTreeMap<u64, BTreeSet<&str>> = BTreeMap::new();
        for (slot, accesses) in &block.accesses {
            let row = contracts.entry(&slot.0).or_default();
            row.0 += 1;
            row.1 += u64::from(txns(accesses) >= 2);
            row.2 += accesses.len() as u64;
            for (txn, _) in accesses {
                touched.entry(*txn).or_default().insert(&slot.0);
            }
        }
        let mut rows: Vec<_> = contracts.iter().filter(|(_, row)| row.1 > 0).collect();
        rows.sort_by_key(|(address, row)| (u64::MAX - row.1, **address));
        let rows: Vec<_> = rows.iter().take(15).map(|(address, row)| {
            json!({
                "address": address, "total_slots": row.0, "contended_slots": row.1, "total_accesses": row.2,
                "contention_score": share(row.1, row.0, 1.0),
            })
        }).collect();

        let mut pairs: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for contracts in touched.values() {
            for a in contracts {
                for b in contracts.range(*a..).skip(1) {
                    *pairs.entry((a, b)).or_default() += 1;
                }
            }
        }
        let mut edges: Vec<_> = pairs.iter().collect();
        edges.sort_by_key(|(pair, count)| (u64::MAX - **count, **pair));
        let edges: Vec<_> = edges.iter().take(15).map(|((a, b), count)| {
            json!({ "contract_a": a, "contract_b": b, "shared_txn_count": count })
        }).collect();
        self.contended += u64::from(!slots.is_empty());
        self.edges += u64::from(!edges.is_empty());
        json!({
            "block_number": block.number,
            "block_wall_time_ns": wall_ns,
            "total_tx_time_ns": block.txn_ns,
            "parallel_efficiency_pct": share(block.txn_ns.saturating_sub(wall_ns), block.txn_ns, 100.0),
            "total_unique_slots": block.accesses.len(),
            "contended_slot_count": contended.len(),
            "contention_ratio": share(contended.len() as u64, block.accesses.len() as u64, 1.0),
            "total_txn_count": block.txn_count,
            "top_contended_slots": slots,
            "top_contended_contracts": rows,
            "contract_edges": edges,
            "write_contended_slot_count": written,
        })
    }
}
