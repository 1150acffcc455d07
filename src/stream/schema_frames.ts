// What the server sends, as JSON Schema (protocol sections 3, 4, 6.7, 8, 10, 12 and 14).
// Part of the document of schema_document.ts; payloads of events come from schema_events.ts. Objects are open: keys may
// be added without a new protocol version.

import { DEFAULT_BLOCKED_EVENTS, EVENT_NAMES, FILTER_FIELDS, ITEMS, MIN_STAGES, STAGES } from "./protocol.ts";
import type { Definitions } from "./schema_events.ts";
import { SOURCE_KINDS } from "./source.ts";

type Schema = Readonly<Record<string, unknown>>;

const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });
const [NUM, B256, ADDR] = [ref("num"), ref("B256"), ref("Addr")];
const TEXT: Schema = { type: "string" };
const MS: Schema = { type: "number", minimum: 0 };
const RATIO: Schema = { type: "number", minimum: 0, maximum: 1 };
const ID: Schema = { type: ["string", "number"] };
const EVENT: Schema = { enum: EVENT_NAMES };

function list(items: Schema, maxItems?: number): Schema {
  return { type: "array", items, ...(maxItems === undefined ? {} : { maxItems }) };
}

/** An object with these keys, of which those with a question mark may be absent. */
function object(keys: Readonly<Record<string, Schema>>): Schema {
  const names = Object.keys(keys);
  return {
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name.replace("?", ""), keys[name]])),
    required: names.filter((name) => !name.endsWith("?")),
  };
}

/** A frame of this kind: two keys, seq first. */
function frame(kind: string, body: Schema, seq: Schema): Schema {
  return { ...object({ seq, [kind]: body }), additionalProperties: false };
}

const CONTROL: Schema = { const: 0 };
const NUMBERED: Schema = { type: "integer", minimum: 1 };
/** The first parts of a split release carry 0. Source: protocol 7.1. */
const EVENTS_SEQ: Schema = { type: "integer", minimum: 0 };

const EVENT_OBJECT = object({
  event_name: EVENT,
  "block_number?": NUM,
  "txn_idx?": NUM,
  "txn_hash?": B256,
  "commit_stage?": { enum: [...MIN_STAGES, "Rejected"] },
  payload: { oneOf: EVENT_NAMES.map(ref) },
  seqno: NUM,
  timestamp_ns: NUM,
  "block_id?": B256,
});

const HELLO = object({
  protocol_version: { const: 1 },
  server_version: TEXT,
  chain_id: NUM,
  block_number: NUM,
  available_filters: list({ enum: FILTER_FIELDS }),
  blocked_events: { ...list(EVENT), examples: [DEFAULT_BLOCKED_EVENTS] },
  limits: object({
    ...{ backfill_events: NUM, buffer_per_client: NUM, slow_off_limit: NUM },
    ...{ heartbeat_interval: NUM, heartbeat_timeout: NUM, max_subscribes: NUM },
  }),
  stream_id: TEXT,
  resume: object({
    status: { enum: ["replayed", "unavailable", "none"] },
    "requested?": NUM,
    ...{ oldest: NUM, newest: NUM },
    "reason?": { enum: ["too_old", "future", "other_stream"] },
  }),
  "call_frames?": { const: false },
  source: { enum: [...SOURCE_KINDS.filter((kind) => kind !== "unknown"), "relay"] },
});

const CONTENTION = object({
  ...{ block_number: NUM, block_wall_time_ns: NUM, total_tx_time_ns: NUM },
  parallel_efficiency_pct: { type: "number", minimum: 0, maximum: 100 },
  ...{ total_unique_slots: NUM, contended_slot_count: NUM },
  contention_ratio: RATIO,
  total_txn_count: NUM,
  top_contended_slots: list(object({ address: ADDR, slot: B256, txn_count: NUM, access_count: NUM }), 20),
  top_contended_contracts: list(
    object({
      ...{ address: ADDR, total_slots: NUM, contended_slots: NUM, total_accesses: NUM },
      contention_score: RATIO,
    }),
    15,
  ),
  contract_edges: list(object({ contract_a: ADDR, contract_b: ADDR, shared_txn_count: NUM }), 15),
  write_contended_slot_count: NUM,
});

const TOP_ACCESSES = object({
  account: list(object({ key: ADDR, count: NUM }), 10),
  storage: list(
    object({ key: { type: "array", prefixItems: [ADDR, B256], items: false, minItems: 2 }, count: NUM }),
    10,
  ),
});

const LIFECYCLE = object({
  ...{ block_hash: B256, block_number: NUM },
  "from_stage?": { enum: STAGES },
  to_stage: { enum: STAGES },
  "time_in_previous_stage_ms?": MS,
  block_age_ms: MS,
  txn_count: NUM,
  "gas_used?": NUM,
});

const BACKPRESSURE = object({ type: { const: "backpressure" }, dropped: NUM, drop_limit: NUM });
const GAP = object({
  type: { const: "gap" },
  "dropped?": NUM,
  reason: {
    enum: [
      ...["ring_overrun", "payload_expired", "source_restarted", "record_error", "undecodable", "too_large"],
      ...["window", "journal_damaged"],
    ],
  },
  "from_seqno?": NUM,
  "to_seqno?": NUM,
});

const ERROR = object({
  type: { enum: ["subscribe_limit", "empty_subscribe", "parse_error"] },
  message: TEXT,
  "limit?": NUM,
  "id?": ID,
});

const SUBSCRIBED = object({ id: ID, items: list({ enum: ITEMS }), blocked: list(EVENT), seq: NUM });

const RPC_ID: Schema = { type: ["string", "number", "null"] };
const RPC_RESULT = object({ jsonrpc: { const: "2.0" }, result: {}, id: RPC_ID });
const RPC_ERROR = object({
  jsonrpc: { const: "2.0" },
  error: object({ code: { type: "integer" }, message: TEXT, "data?": {} }),
  id: RPC_ID,
});

/** Bodies of frames by their key, with the seq they carry. */
const FRAMES: Readonly<Record<string, readonly [body: Schema, seq: Schema]>> = {
  Hello: [HELLO, CONTROL],
  Events: [{ ...list(ref("Event")), minItems: 1 }, EVENTS_SEQ],
  TPS: [NUM, NUMBERED],
  ContentionData: [CONTENTION, NUMBERED],
  TopAccesses: [TOP_ACCESSES, NUMBERED],
  Lifecycle: [LIFECYCLE, NUMBERED],
  Warning: [{ oneOf: [BACKPRESSURE, GAP] }, CONTROL],
  Error: [ERROR, CONTROL],
  Subscribed: [SUBSCRIBED, CONTROL],
};

/** The schema of everything a server sends is `ServerMessage`; `ServerFrame` is that without JSON-RPC. */
export function frameDefinitions(): Definitions {
  const frames = Object.entries(FRAMES).map(([kind, [body, seq]]) => [`${kind}Frame`, frame(kind, body, seq)] as const);
  return {
    Event: EVENT_OBJECT,
    ...Object.fromEntries(frames),
    ServerFrame: { oneOf: frames.map(([name]) => ref(name)) },
    JsonRpcAnswer: { oneOf: [RPC_RESULT, RPC_ERROR] },
    ServerMessage: {
      anyOf: [ref("ServerFrame"), ref("JsonRpcAnswer"), { ...list(ref("JsonRpcAnswer")), minItems: 1 }],
    },
  };
}
