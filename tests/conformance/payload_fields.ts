// The table of protocol section 5: fields of every event type in their order, each with what its values look like.
// serialization_test.ts holds the stream against it. A name with a question mark may be absent.

type Form = (value: unknown) => boolean;

const num: Form = (value) => typeof value === "number" && Number.isInteger(value);
const bool: Form = (value) => typeof value === "boolean";
const text: Form = (value) => typeof value === "string" && /^[A-Za-z0-9_]+$/.test(value);
const hex = (pattern: RegExp): Form => (value) => typeof value === "string" && pattern.test(value);
const U256 = hex(/^0x(0|[1-9a-f][0-9a-f]{0,63})$/);
const bytesOf = (count: number) => hex(new RegExp(`^0x[0-9a-f]{${2 * count}}$`));
const B256 = bytesOf(32);
const Addr = bytesOf(20);
const Bytes = hex(/^0x([0-9a-f]{2})*$/);
const hashes: Form = (value) => Array.isArray(value) && value.every(B256);

const FRAME = {
  ...{ txn_index: num, depth: num, caller: Addr, call_target: Addr, value: U256, input: Bytes, output: Bytes },
  ...{ index: num, opcode: num, "opcode_name?": text, gas: num, gas_used: num, evmc_status: num },
};

/** By event name, the form of each field. */
export const PAYLOAD_FIELDS: Readonly<Record<string, Readonly<Record<string, Form>>>> = {
  RecordError: {
    ...{ error_type: num, dropped_event_type: num, truncated_payload_size: num, requested_payload_size: num },
  },
  BlockStart: {
    ...{ block_number: num, block_id: B256, round: num, epoch: num, parent_eth_hash: B256, timestamp: num },
    ...{ beneficiary: Addr, gas_limit: num, base_fee_per_gas: U256, chain_id: num, txn_count: num },
    ...{ proposal_epoch_nanos: num, author: bytesOf(33), transactions_root: B256, prev_randao: B256 },
    ...{ extra_data: Bytes, ommers_hash: B256, difficulty: num, nonce: bytesOf(8), "withdrawals_root?": B256 },
    ...{ base_fee_trend: U256, base_fee_moment: U256 },
  },
  BlockReject: { reason: num, "reason_name?": text },
  BlockEnd: { eth_block_hash: B256, state_root: B256, receipts_root: B256, logs_bloom: bytesOf(256), gas_used: num },
  BlockQC: { block_id: B256, block_number: num, round: num, epoch: num },
  BlockFinalized: { block_id: B256, block_number: num },
  BlockVerified: { block_number: num, "block_id?": B256 },
  TxnHeaderStart: {
    ...{ txn_index: num, txn_hash: B256, sender: Addr, txn_type: num, chain_id: U256, nonce: num, gas_limit: num },
    ...{ max_fee_per_gas: U256, max_priority_fee_per_gas: U256, value: U256, data: Bytes, to: Addr },
    ...{ is_contract_creation: bool, r: U256, s: U256, y_parity: bool, access_list_count: num },
    ...{ auth_list_count: num, "max_fee_per_blob_gas?": U256, "blob_versioned_hashes?": hashes },
  },
  TxnAccessListEntry: { txn_index: num, address: Addr, storage_keys: hashes, index: num },
  TxnAuthListEntry: {
    ...{ txn_index: num, address: Addr, index: num, chain_id: U256, nonce: num, y_parity: bool, r: U256, s: U256 },
    ...{ authority: Addr, is_valid_authority: bool },
  },
  TxnReject: { txn_index: num, reason: num, "reason_name?": text },
  TxnEvmOutput: { txn_index: num, log_count: num, status: bool, gas_used: num, call_frame_count: num },
  TxnLog: { txn_index: num, log_index: num, address: Addr, topics: hashes, data: Bytes },
  TxnCallFrame: FRAME,
  NativeTransfer: FRAME,
  AccountAccessListHeader: { "txn_index?": num, entry_count: num, access_context: num },
  AccountAccess: {
    ...{ "txn_index?": num, address: Addr, balance: U256, nonce: num, code_hash: B256, index: num },
    ...{ access_context: num, "modified_balance?": U256, "modified_nonce?": num, storage_key_count: num },
    transient_count: num,
  },
  StorageAccess: {
    ...{ "txn_index?": num, account_index: num, key: B256, value: B256, address: Addr, index: num },
    ...{ access_context: num, modified: bool, "end_value?": B256, transient: bool },
  },
  EvmError: { domain_id: num, status_code: num, "txn_index?": num },
  BlockPerfEvmEnter: {},
  BlockPerfEvmExit: {},
  TxnHeaderEnd: {},
  TxnPerfEvmEnter: {},
  TxnPerfEvmExit: {},
  TxnEnd: {},
};
