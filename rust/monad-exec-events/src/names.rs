//! Names for the codes inside payloads: reasons of rejection and call opcodes.
//! Used by the sidecar's JSON text (protocol §5.2). Source: ring-and-events §4.4.

/// By code minus one: why a block was rejected.
const BLOCK_REJECT_REASONS: [&str; 20] = [
    "GasAboveLimit",
    "InvalidGasLimit",
    "ExtraDataTooLong",
    "WrongOmmersHash",
    "WrongParentHash",
    "FieldBeforeFork",
    "MissingField",
    "PowBlockAfterMerge",
    "InvalidNonce",
    "TooManyOmmers",
    "DuplicateOmmers",
    "InvalidOmmerHeader",
    "WrongLogsBloom",
    "InvalidGasUsed",
    "InvalidExcessBlobGas",
    "WrongMerkleRoot",
    "SystemCallMissingCode",
    "SystemCallFailed",
    "InvalidRequestsHash",
    "InvalidDepositLog",
];

/// By code minus one: why a transaction was rejected.
const TXN_REJECT_REASONS: [&str; 16] = [
    "InsufficientBalance",
    "IntrinsicGasGreaterThanLimit",
    "BadNonce",
    "SenderNotEoa",
    "TypeNotSupported",
    "MaxFeeLessThanBase",
    "PriorityFeeGreaterThanMax",
    "NonceExceedsMax",
    "InitCodeLimitExceeded",
    "GasLimitReached",
    "WrongChainId",
    "MissingSender",
    "GasLimitOverflow",
    "InvalidSignature",
    "InvalidBlobHash",
    "EmptyAuthorizationList",
];

fn reason_name(names: &[&'static str], code: u32) -> Option<&'static str> {
    names
        .get(usize::try_from(code.checked_sub(1)?).ok()?)
        .copied()
}

/// Name of a BLOCK_REJECT code; `None` for a code that this build does not know.
pub fn block_reject_reason_name(code: u32) -> Option<&'static str> {
    reason_name(&BLOCK_REJECT_REASONS, code)
}

/// Name of a TXN_REJECT code; `None` for a code that this build does not know.
pub fn txn_reject_reason_name(code: u32) -> Option<&'static str> {
    reason_name(&TXN_REJECT_REASONS, code)
}

/// Name of an opcode that opens a call frame; `None` for every other opcode, which no frame has.
#[inline]
pub fn opcode_name(opcode: u8) -> Option<&'static str> {
    Some(match opcode {
        0xf0 => "CREATE",
        0xf1 => "CALL",
        0xf2 => "CALLCODE",
        0xf4 => "DELEGATECALL",
        0xf5 => "CREATE2",
        0xfa => "STATICCALL",
        0xff => "SELFDESTRUCT",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_outside_the_tables_have_no_name() {
        assert_eq!(block_reject_reason_name(0), None);
        assert_eq!(block_reject_reason_name(5), Some("WrongParentHash"));
        assert_eq!(block_reject_reason_name(20), Some("InvalidDepositLog"));
        assert_eq!(block_reject_reason_name(21), None);
        assert_eq!(txn_reject_reason_name(0), None);
        assert_eq!(txn_reject_reason_name(12), Some("MissingSender"));
        assert_eq!(txn_reject_reason_name(16), Some("EmptyAuthorizationList"));
        assert_eq!(txn_reject_reason_name(u32::MAX), None);
        assert_eq!((0..=255).filter_map(opcode_name).count(), 7);
        assert_eq!(opcode_name(0xfa), Some("STATICCALL"));
    }
}
