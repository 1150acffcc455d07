// What the payload of every event holds, as JSON Schema (protocol section 5).
// Part of the document of schema_document.ts; the texts themselves are made by rust/sidecar/src/text.

import type { EventName } from "./protocol.ts";

/** JSON Schemas by name, for `$defs`. */
export type Definitions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Types of fields on the wire, by the names that FIELDS uses. Source: protocol 4.2. */
export const SCALARS = {
  num: { type: "integer", minimum: 0 },
  signed: { type: "integer" },
  bool: { type: "boolean" },
  name: { type: "string", minLength: 1 },
  U256: { description: "256-bit number", type: "string", pattern: "^0x(0|[1-9a-f][0-9a-f]{0,63})$" },
  B256: { description: "32 bytes", type: "string", pattern: "^0x[0-9a-f]{64}$" },
  Addr: { description: "20 bytes", type: "string", pattern: "^0x[0-9a-f]{40}$" },
  Bytes: { description: "Any number of bytes", type: "string", pattern: "^0x([0-9a-f]{2})*$" },
  Bytes8: { description: "8 bytes", type: "string", pattern: "^0x[0-9a-f]{16}$" },
  Bytes33: { description: "33 bytes", type: "string", pattern: "^0x[0-9a-f]{66}$" },
  Bytes256: { description: "256 bytes", type: "string", pattern: "^0x[0-9a-f]{512}$" },
  B256s: { type: "array", items: { $ref: "#/$defs/B256" } },
} as const satisfies Definitions;

const CALL_FRAME = `txn_index num, depth num, caller Addr, call_target Addr, value U256, input Bytes, output Bytes,
  index num, opcode num, opcode_name? name, gas num, gas_used num, evmc_status signed`;

/** Fields of each payload behind `type`, in the order of protocol section 5; `?` marks those that may be absent. */
const FIELDS: Readonly<Record<EventName, string>> = {
  RecordError: "error_type num, dropped_event_type num, truncated_payload_size num, requested_payload_size num",
  BlockStart: `block_number num, block_id B256, round num, epoch num, parent_eth_hash B256, timestamp num,
    beneficiary Addr, gas_limit num, base_fee_per_gas U256, chain_id num, txn_count num, proposal_epoch_nanos num,
    author Bytes33, transactions_root B256, prev_randao B256, extra_data Bytes, ommers_hash B256, difficulty num,
    nonce Bytes8, withdrawals_root? B256, base_fee_trend U256, base_fee_moment U256`,
  BlockReject: "reason num, reason_name? name",
  BlockPerfEvmEnter: "",
  BlockPerfEvmExit: "",
  BlockEnd: "eth_block_hash B256, state_root B256, receipts_root B256, logs_bloom Bytes256, gas_used num",
  BlockQC: "block_id B256, block_number num, round num, epoch num",
  BlockFinalized: "block_id B256, block_number num",
  BlockVerified: "block_number num, block_id? B256",
  TxnHeaderStart: `txn_index num, txn_hash B256, sender Addr, txn_type num, chain_id U256, nonce num, gas_limit num,
    max_fee_per_gas U256, max_priority_fee_per_gas U256, value U256, data Bytes, to Addr, is_contract_creation bool,
    r U256, s U256, y_parity bool, access_list_count num, auth_list_count num, max_fee_per_blob_gas? U256,
    blob_versioned_hashes? B256s`,
  TxnAccessListEntry: "txn_index num, address Addr, storage_keys B256s, index num",
  TxnAuthListEntry: `txn_index num, address Addr, index num, chain_id U256, nonce num, y_parity bool, r U256, s U256,
    authority Addr, is_valid_authority bool`,
  TxnHeaderEnd: "",
  TxnReject: "txn_index num, reason num, reason_name? name",
  TxnPerfEvmEnter: "",
  TxnPerfEvmExit: "",
  TxnEvmOutput: "txn_index num, log_count num, status bool, gas_used num, call_frame_count num",
  TxnLog: "txn_index num, log_index num, address Addr, topics B256s, data Bytes",
  TxnCallFrame: CALL_FRAME,
  TxnEnd: "",
  AccountAccessListHeader: "txn_index? num, entry_count num, access_context num",
  AccountAccess: `txn_index? num, address Addr, balance U256, nonce num, code_hash B256, index num, access_context num,
    modified_balance? U256, modified_nonce? num, storage_key_count num, transient_count num`,
  StorageAccess: `txn_index? num, account_index num, key B256, value B256, address Addr, index num, access_context num,
    modified bool, end_value? B256, transient bool`,
  EvmError: "domain_id num, status_code signed, txn_index? num",
  NativeTransfer: CALL_FRAME,
};

/** A payload's schema from its line in FIELDS. */
function payloadSchema(event: string, fields: string): Readonly<Record<string, unknown>> {
  const properties: Record<string, unknown> = { type: { const: event } };
  const required = ["type"];
  for (const [, name = "", mark, type = ""] of fields.matchAll(/(\w+)(\??) (\w+)/g)) {
    if (!Object.hasOwn(SCALARS, type)) throw new TypeError(`${event}.${name} has no known type.`);
    properties[name] = { $ref: `#/$defs/${type}` };
    if (mark === "") required.push(name);
  }
  return { type: "object", properties, required };
}

/** The payload of each event under its name, and the types of their fields. */
export function payloadDefinitions(): Definitions {
  const payloads = Object.entries(FIELDS).map(([event, fields]) => [event, payloadSchema(event, fields)]);
  return { ...SCALARS, ...Object.fromEntries(payloads) };
}
