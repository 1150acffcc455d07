//! A Space-Saving sketch: the keys that come most often, in bounded memory (protocol 8.3). Used by `top`.

use hashbrown::HashTable;

/// Counters of a sketch. Source: protocol 8.3.
pub const CAPACITY: usize = 1000;

/// Counts keys of `N` bytes. While there are at most [`CAPACITY`] of them, exactly; then a new key takes over the counter
/// with the smallest count, so that a count is too high by at most the smallest.
#[derive(Debug)]
pub struct Sketch<const N: usize> {
    /// Numbers of counters by key.
    table: HashTable<u32>,
    keys: Vec<[u8; N]>,
    hashes: Vec<u64>,
    counts: Vec<u64>,
    /// No count is smaller.
    floor: u64,
    /// Where the search for the smallest count goes on: of equal ones the next from here on is taken over.
    hand: usize,
}

impl<const N: usize> Default for Sketch<N> {
    fn default() -> Self {
        Sketch {
            table: HashTable::with_capacity(CAPACITY),
            keys: Vec::with_capacity(CAPACITY),
            hashes: Vec::with_capacity(CAPACITY),
            counts: Vec::with_capacity(CAPACITY),
            floor: 0,
            hand: 0,
        }
    }
}

impl<const N: usize> Sketch<N> {
    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Counts `key`, which has this hash.
    #[inline]
    pub fn count(&mut self, key: &[u8; N], hash: u64) {
        let found = self.table.find(hash, |at| self.keys[*at as usize] == *key);
        match found {
            Some(at) => self.counts[*at as usize] += 1,
            None => self.add(key, hash),
        }
    }

    fn add(&mut self, key: &[u8; N], hash: u64) {
        let at = if self.counts.len() < CAPACITY {
            self.keys.push(*key);
            self.hashes.push(hash);
            self.counts.push(1);
            self.counts.len() - 1
        } else {
            let at = self.smallest();
            if let Ok(entry) = self
                .table
                .find_entry(self.hashes[at], |other| *other as usize == at)
            {
                entry.remove();
            }
            (self.keys[at], self.hashes[at]) = (*key, hash);
            self.counts[at] += 1;
            at
        };
        let hashes = &self.hashes;
        self.table
            .insert_unique(hash, at as u32, |at| hashes[*at as usize]);
    }

    /// The counter that is taken over next.
    fn smallest(&mut self) -> usize {
        loop {
            let (before, behind) = self.counts.split_at(self.hand);
            let is_smallest = |count: &u64| *count == self.floor;
            let found = match behind.iter().position(is_smallest) {
                Some(at) => Some(self.hand + at),
                None => before.iter().position(is_smallest),
            };
            if let Some(at) = found {
                self.hand = (at + 1) % CAPACITY;
                return at;
            }
            self.floor = self.counts.iter().copied().min().unwrap_or(0);
        }
    }

    /// The `most` largest counts with their keys, largest first, equal ones by key.
    pub fn top(&self, most: usize) -> Vec<(&[u8; N], u64)> {
        let mut rows: Vec<_> = self.keys.iter().zip(self.counts.iter().copied()).collect();
        let order = |a: &(&[u8; N], u64), b: &(&[u8; N], u64)| b.1.cmp(&a.1).then(a.0.cmp(b.0));
        if most < rows.len() {
            rows.select_nth_unstable_by(most, order);
            rows.truncate(most);
        }
        rows.sort_unstable_by(order);
        rows
    }

    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        self.table.clear();
        self.keys.clear();
        self.hashes.clear();
        self.counts.clear();
        (self.floor, self.hand) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u32) -> [u8; 20] {
        let mut key = [7; 20];
        key[..4].copy_from_slice(&n.to_be_bytes());
        key
    }

    #[test]
    fn up_to_its_capacity_a_sketch_is_exact_and_ties_go_by_key() {
        let mut sketch = Sketch::default();
        for n in (0..CAPACITY as u32).rev() {
            (0..=n % 5).for_each(|_| sketch.count(&key(n), u64::from(n)));
        }
        let top = sketch.top(3);
        assert_eq!(top, [(&key(4), 5), (&key(9), 5), (&key(14), 5)]);
        assert_eq!(sketch.top(usize::MAX).len(), CAPACITY);
    }

    #[test]
    fn a_frequent_key_is_kept_among_any_number_of_others_and_counted_too_high_at_most() {
        let mut sketch = Sketch::default();
        let others = 50_000u32;
        for n in 1..=others {
            sketch.count(&key(n), 0x9e37_79b9_7f4a_7c15 ^ u64::from(n) << 20);
            if n % 20 == 0 {
                sketch.count(&key(0), 5);
            }
        }
        let (top, count) = sketch.top(1)[0];
        let all = u64::from(others + others / 20);
        let true_count = u64::from(others / 20);
        assert_eq!(*top, key(0));
        assert!(count >= true_count && count <= true_count + all / CAPACITY as u64);
        assert_eq!(
            sketch.counts.iter().sum::<u64>(),
            all,
            "every count is somewhere"
        );
        assert_eq!(
            (sketch.counts.len(), sketch.table.len()),
            (CAPACITY, CAPACITY)
        );
    }

    #[test]
    fn equal_hashes_of_different_keys_are_different_keys() {
        let mut sketch = Sketch::default();
        for n in 0..3000 {
            sketch.count(&key(n), 1);
        }
        assert_eq!(sketch.counts, [3; CAPACITY]);
        sketch.clear();
        assert!(sketch.is_empty() && sketch.top(10).is_empty());
    }
}
