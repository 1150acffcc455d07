//! Which record and which text byte was read or written when, in the cells that loom checks for data races.

use loom::cell::UnsafeCell;

use super::super::lent::Geometry;

/// One cell per record and one per text byte; the bytes themselves are the lent memory's.
#[derive(Debug)]
pub struct Accesses {
    records: Vec<UnsafeCell<()>>,
    text: Vec<UnsafeCell<()>>,
}

impl Accesses {
    /// Nothing was accessed yet.
    pub fn new(geometry: Geometry) -> Accesses {
        let cells = |count| (0..count).map(|_| UnsafeCell::new(())).collect();
        Accesses {
            records: cells(geometry.index_capacity),
            text: cells(geometry.text_size),
        }
    }

    fn record(&self, entry: u64) -> &UnsafeCell<()> {
        &self.records[entry as usize % self.records.len()]
    }

    fn text(&self, offset: u64, len: usize) -> &[UnsafeCell<()>] {
        &self.text[offset as usize..offset as usize + len]
    }

    /// The record of this entry is read here.
    pub fn read_record(&self, entry: u64) {
        self.record(entry).with(|_| ());
    }

    /// The record of this entry is written from here on.
    pub fn write_record(&self, entry: u64) {
        self.record(entry).with_mut(|_| ());
    }

    /// These bytes are read here.
    pub fn read_text(&self, offset: u64, len: usize) {
        for cell in self.text(offset, len) {
            cell.with(|_| ());
        }
    }

    /// These bytes are written from here on.
    pub fn write_text(&self, offset: u64, len: usize) {
        for cell in self.text(offset, len) {
            cell.with_mut(|_| ());
        }
    }
}
