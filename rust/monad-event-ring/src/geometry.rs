//! The sizes of one ring and the file offsets that follow from them, checked once so that later arithmetic
//! cannot overflow. Made by header.rs and the writer, used by mapping.rs. Source: ring-and-events §1.3, §1.4.

use crate::layout::{
    DESCRIPTOR_SHIFT_RANGE, DESCRIPTOR_SIZE, HEADER_SECTION_SIZE, PAYLOAD_SHIFT_RANGE,
};

/// Validated sizes of a ring's sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingGeometry {
    descriptor_capacity: u64,
    payload_buf_size: u64,
    context_area_size: u64,
}

/// Why three sizes do not describe a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GeometryError {
    /// A size that must be a power of two is none.
    #[error("{field} must be a power of two and is {value}")]
    NotPowerOfTwo {
        /// Official name of the header field.
        field: &'static str,
        /// What the header says.
        value: u64,
    },
    /// A size is outside the format's limits.
    #[error("{field} must be between {min} and {max} and is {value}")]
    OutOfRange {
        /// Official name of the header field.
        field: &'static str,
        /// What the header says.
        value: u64,
        /// Smallest value of the format.
        min: u64,
        /// Largest value of the format.
        max: u64,
    },
}

impl RingGeometry {
    /// Checks the three sizes of a header: descriptors, payload bytes, context bytes.
    ///
    /// # Errors
    /// [`GeometryError`] names the first size that the format does not allow.
    pub fn new(
        descriptor_capacity: u64,
        payload_buf_size: u64,
        context_area_size: u64,
    ) -> Result<Self, GeometryError> {
        let (low, high) = DESCRIPTOR_SHIFT_RANGE.into_inner();
        check(
            "descriptor_capacity",
            descriptor_capacity,
            1 << low,
            1 << high,
        )?;
        let (low, high) = PAYLOAD_SHIFT_RANGE.into_inner();
        check("payload_buf_size", payload_buf_size, 1 << low, 1 << high)?;
        if context_area_size != 0 {
            // The format names no limit; this one keeps the sum of all sections far below 2^63.
            check("context_area_size", context_area_size, 1, 1 << 40)?;
        }
        Ok(Self {
            descriptor_capacity,
            payload_buf_size,
            context_area_size,
        })
    }

    /// Number of descriptor slots, a power of two.
    pub const fn descriptor_capacity(&self) -> u64 {
        self.descriptor_capacity
    }

    /// Bytes of the payload buffer, a power of two.
    pub const fn payload_buf_size(&self) -> u64 {
        self.payload_buf_size
    }

    /// Bytes of the context area: 0 or a power of two.
    pub const fn context_area_size(&self) -> u64 {
        self.context_area_size
    }

    /// File offset of the descriptor array.
    pub const fn descriptors_offset(&self) -> u64 {
        HEADER_SECTION_SIZE
    }

    /// File offset of the payload buffer.
    pub const fn payload_offset(&self) -> u64 {
        HEADER_SECTION_SIZE + self.descriptor_capacity * DESCRIPTOR_SIZE
    }

    /// File offset of the context area; the part of a ring that readers use ends here.
    pub const fn context_offset(&self) -> u64 {
        self.payload_offset() + self.payload_buf_size
    }

    /// Bytes of the whole file.
    pub const fn total_size(&self) -> u64 {
        self.context_offset() + self.context_area_size
    }
}

// The sums above cannot overflow: 2^38 descriptor bytes, 2^40 payload bytes and 2^40 context bytes at most.
const _: () = assert!(DESCRIPTOR_SIZE << *DESCRIPTOR_SHIFT_RANGE.end() == 1 << 38);

fn check(field: &'static str, value: u64, min: u64, max: u64) -> Result<(), GeometryError> {
    if !value.is_power_of_two() {
        return Err(GeometryError::NotPowerOfTwo { field, value });
    }
    if !(min..=max).contains(&value) {
        return Err(GeometryError::OutOfRange {
            field,
            value,
            min,
            max,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_default_ring_of_a_node_has_321_huge_pages() {
        let geometry = RingGeometry::new(1 << 21, 1 << 29, 0).unwrap();
        assert_eq!(geometry.total_size(), 673_185_792);
        assert_eq!(geometry.total_size() / HEADER_SECTION_SIZE, 321);
        assert_eq!(geometry.payload_offset(), HEADER_SECTION_SIZE + (128 << 20));
    }

    #[test]
    fn every_limit_is_inclusive() {
        for (descriptors, payload) in [(1 << 16, 1 << 27), (1 << 32, 1 << 40)] {
            assert!(RingGeometry::new(descriptors, payload, 0).is_ok());
            assert!(RingGeometry::new(descriptors, payload, 1 << 40).is_ok());
        }
        for (field, sizes) in [
            ("descriptor_capacity", (1 << 15, 1 << 27, 0)),
            ("descriptor_capacity", (1 << 33, 1 << 27, 0)),
            ("payload_buf_size", (1 << 16, 1 << 26, 0)),
            ("payload_buf_size", (1 << 16, 1 << 41, 0)),
            ("context_area_size", (1 << 16, 1 << 27, 1 << 41)),
        ] {
            match RingGeometry::new(sizes.0, sizes.1, sizes.2) {
                Err(GeometryError::OutOfRange { field: found, .. }) => assert_eq!(found, field),
                other => panic!("expected a range error of {field}, got {other:?}"),
            }
        }
    }

    #[test]
    fn sizes_between_powers_of_two_are_refused() {
        for sizes in [
            (65_537, 1 << 27, 0),
            (0, 1 << 27, 0),
            (1 << 16, u64::MAX, 0),
            (1 << 16, 1 << 27, 3),
        ] {
            let error = RingGeometry::new(sizes.0, sizes.1, sizes.2).unwrap_err();
            assert!(
                matches!(error, GeometryError::NotPowerOfTwo { .. }),
                "{error}"
            );
        }
    }
}
