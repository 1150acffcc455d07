// Filters that cannot be understood, in the form of bad_messages.ts, which adds them to its own.

import type { BadMessage } from "./bad_messages.ts";

const json = (value: unknown) => JSON.stringify(value);
const ADDRESS = `0x${"ab".repeat(20)}`;
const TOPIC = `0x${"cd".repeat(32)}`;

/** An extended Subscribe of TxnLog with these keys besides. */
function extended(more: Record<string, unknown>): string {
  return json({ subscribe: { events: ["TxnLog"], ...more } });
}

/** A Subscribe with one filter of `event`, which has this one test. */
function tested(event: string, field: unknown, filter: unknown): string {
  return json({ subscribe: { events: [event], filters: [{ event_name: event, field_filters: [{ field, filter }] }] } });
}

const FIRST = "subscribe\\.filters\\[0\\]";
const TEST = `${FIRST}\\.field_filters\\[0\\]`;
const at = (place: string, rest: string) => new RegExp(`${place}${rest}`);

const FILTERS: readonly BadMessage[] = [
  [extended({ filters: {} }), "parse_error", /^subscribe\.filters is a list of filters, not an object\.$/],
  [extended({ filters: null }), "parse_error", /subscribe\.filters .* not null/],
  [extended({ filters: [7] }), "parse_error", at(FIRST, " is an object such as .* not number 7")],
  [extended({ filters: [null] }), "parse_error", at(FIRST, " .* not null")],
  [extended({ filters: [{}] }), "parse_error", at(FIRST, "\\.event_name is missing")],
  [extended({ filters: [{ event_name: "TxnLog" }] }), "parse_error", at(FIRST, "\\.field_filters is missing")],
  [
    extended({ filters: [{ event: "TxnLog", field_filters: [] }] }),
    "parse_error",
    at(FIRST, "\\.event_name is missing"),
  ],
  [
    extended({ filters: [{ event_name: 5, field_filters: [] }] }),
    "parse_error",
    at(FIRST, "\\.event_name is the name of an event, not number 5"),
  ],
  [
    extended({ filters: [{ event_name: "TxnLogs", field_filters: [] }] }),
    "parse_error",
    at('Unknown event "TxnLogs" in ', `${FIRST}\\.event_name; did you mean "TxnLog"\\?$`),
  ],
  [
    extended({ filters: [{ event_name: "TPS", field_filters: [] }] }),
    "parse_error",
    at(FIRST, "\\.event_name names TPS, which is a metric; metrics are never filtered"),
  ],
  [
    extended({ filters: [{ event_name: "TxnLog", field_filters: [] }, { event_name: "TxnEnd", field_filters: [] }] }),
    "parse_error",
    /subscribe\.filters\[1\] is for TxnEnd, which subscribe\.events does not list/,
  ],
  [
    extended({ filters: [{ event_name: "TxnLog", field_filters: [], field_filter: [] }] }),
    "parse_error",
    at('Unknown key "field_filter" in ', `${FIRST}; did you mean "field_filters"\\?$`),
  ],
  [
    extended({ filters: [{ event_name: "TxnLog", field_filters: { field: "address" } }] }),
    "parse_error",
    at(FIRST, "\\.field_filters is a list of tests.* not an object"),
  ],
  [
    extended({ filters: [{ event_name: "TxnLog", field_filters: ["address"] }] }),
    "parse_error",
    at(TEST, ' is an object such as .* not the text "address"'),
  ],
  [
    extended({ filters: [{ event_name: "TxnLog", field_filters: [{ filter: {} }] }] }),
    "parse_error",
    at(TEST, "\\.field is missing; it is the name of a field: txn_index, log_index"),
  ],
  [
    extended({ filters: [{ event_name: "TxnLog", field_filters: [{ field: "address" }] }] }),
    "parse_error",
    at(TEST, "\\.filter is missing; it is an object such as"),
  ],
  [
    extended({ filters: [{ event_name: "TxnLog", field_filters: [{ field: "address", filters: { values: [] } }] }] }),
    "parse_error",
    at('Unknown key "filters" in ', `${TEST}; did you mean "filter"\\?$`),
  ],
  [
    extended({ filters: Array(129).fill({ event_name: "TxnLog", field_filters: [] }) }),
    "parse_error",
    /subscribe\.filters is too long: it has more than 128 filters/,
  ],
  [`{"subscribe":{"events":["TxnLog"],"filters":[${"{},".repeat(21_000)}{}]}}`, "parse_error", /too long/],
  [
    tested("TxnLog", "adress", { values: [] }),
    "parse_error",
    at('Unknown field "adress" in ', `${TEST}\\.field; did you mean "address"\\?$`),
  ],
  [tested("TxnLog", "__proto__", { values: [] }), "parse_error", /Unknown field "__proto__"/],
  [tested("TxnLog", 1, { values: [] }), "parse_error", at(TEST, "\\.field is the name of a field: .* not number 1")],
  [
    tested("TxnLog", "sender", { values: [] }),
    "parse_error",
    at('Field "sender" in ', `${TEST}\\.field applies to TxnHeaderStart; fields that apply here: txn_index`),
  ],
  [
    tested("TxnEnd", "value", {}),
    "parse_error",
    /Field "value" .* applies to TxnHeaderStart, TxnCallFrame, NativeTransfer; .* here: txn_index\.$/,
  ],
  [tested("BlockStart", "txn_index", {}), "parse_error", at(TEST, " cannot be tested: this event has no fields")],
];

const VALUES: readonly BadMessage[] = [
  [
    tested("TxnLog", "address", { values: [ADDRESS, "0x12"] }),
    "parse_error",
    at(TEST, '\\.filter\\.values\\[1\\] is an address, 0x and 40 hex digits, not the text "0x12"\\.$'),
  ],
  [
    tested("TxnLog", "address", { values: [ADDRESS.slice(2)] }),
    "parse_error",
    at(TEST, "\\.filter\\.values\\[0\\] is an address"),
  ],
  [
    tested("TxnLog", "address", { values: [ADDRESS.replace("b", "g")] }),
    "parse_error",
    at(TEST, "\\.filter\\.values\\[0\\]"),
  ],
  [tested("TxnLog", "address", { values: [`${ADDRESS}\n`] }), "parse_error", at(TEST, "\\.filter\\.values\\[0\\]")],
  [tested("TxnLog", "address", { values: [null] }), "parse_error", at(TEST, "\\.filter\\.values\\[0\\] .* not null")],
  [tested("TxnLog", "address", { values: ADDRESS }), "parse_error", at(TEST, "\\.filter\\.values is a list such as")],
  [tested("TxnLog", "address", {}), "parse_error", at(TEST, "\\.filter\\.values is missing")],
  [tested("TxnLog", "address", [ADDRESS]), "parse_error", at(TEST, "\\.filter is an object such as .* not a list")],
  [
    tested("TxnLog", "address", { min: 1 }),
    "parse_error",
    at('Unknown key "min" in ', `${TEST}\\.filter; known: values`),
  ],
  [
    tested("TxnLog", "address", { value: [ADDRESS] }),
    "parse_error",
    /Unknown key "value" in .*; did you mean "values"\?$/,
  ],
  [
    tested("TxnLog", "topics", { values: [null, TOPIC, ADDRESS] }),
    "parse_error",
    at(TEST, "\\.filter\\.values\\[2\\] is a topic, 0x and 64 hex digits, or null for any"),
  ],
  [
    tested("TxnLog", "topics", { values: [[TOPIC, null]] }),
    "parse_error",
    at(TEST, "\\.filter\\.values\\[0\\]\\[1\\] is a topic, 0x and 64 hex digits, not null"),
  ],
  [
    tested("TxnLog", "topics", { values: [[[TOPIC]]] }),
    "parse_error",
    at(TEST, "\\.filter\\.values\\[0\\]\\[0\\] .* not a list"),
  ],
  [
    tested("TxnLog", "topics", { values: [TOPIC, TOPIC, TOPIC, TOPIC, TOPIC] }),
    "parse_error",
    /values is too long: a log has at most 4 topics/,
  ],
  [
    `{"subscribe":{"events":["TxnLog"],"filters":[{"event_name":"TxnLog","field_filters":[{"field":"topics","filter":{"values":[${
      "0,".repeat(30_000)
    }0]}}]}]}}`,
    "parse_error",
    /at most 4 topics/,
  ],
  [
    tested("TxnLog", "topics", { values: [Array(30_000).fill(0)] }),
    "parse_error",
    at(TEST, "\\.filter\\.values\\[0\\]\\[0\\]"),
  ],
  [
    tested("TxnHeaderStart", "function_selector", { values: ["0xa9059cbb00"] }),
    "parse_error",
    at(TEST, "\\.filter\\.values\\[0\\] is a function selector, 0x and 8 hex digits"),
  ],
  [
    tested("TxnEvmOutput", "status", { values: [1] }),
    "parse_error",
    at(TEST, "\\.filter\\.values\\[0\\] is true or false, not number 1"),
  ],
  [tested("TxnEvmOutput", "status", { values: ["true"] }), "parse_error", /not the text "true"/],
  [
    tested("TxnEvmOutput", "status", { values: Array(10_001).fill(true) }),
    "parse_error",
    /subscribe\.filters has 10001 values; at most 10000/,
  ],
  [
    tested("TxnLog", "txn_index", { min: -1 }),
    "parse_error",
    at(TEST, "\\.filter\\.min is a whole number from 0 on, not number -1"),
  ],
  [
    tested("TxnLog", "txn_index", { max: 1.5 }),
    "parse_error",
    at(TEST, "\\.filter\\.max is a whole number .* not number 1\\.5"),
  ],
  [
    tested("TxnLog", "txn_index", { min: "0x1" }),
    "parse_error",
    at(TEST, '\\.filter\\.min is a whole number .* not the text "0x1"'),
  ],
  [tested("TxnLog", "txn_index", { min: null }), "parse_error", at(TEST, "\\.filter\\.min .* not null")],
  [tested("TxnLog", "txn_index", { min: 1e300 }), "parse_error", /not number 1e\+300/],
  [
    tested("TxnLog", "txn_index", { min: 9, max: 3 }),
    "parse_error",
    at(TEST, "\\.filter matches nothing: its min 9 is above its max 3"),
  ],
  [
    tested("TxnLog", "log_index", { values: [1] }),
    "parse_error",
    /Unknown key "values" in .*filter; known: min, max\.$/,
  ],
  [
    tested("NativeTransfer", "value", { min: 2 ** 53 }),
    "parse_error",
    at(
      TEST,
      "\\.filter\\.min is a whole number .* above 2\\^53 - 1 written as hex text .* not number 9007199254740992",
    ),
  ],
  [tested("NativeTransfer", "value", { min: "1000" }), "parse_error", /written as hex text .* not the text "1000"/],
  [tested("NativeTransfer", "value", { min: "0x" }), "parse_error", /not the text "0x"/],
  [tested("NativeTransfer", "value", { min: `0x1${"0".repeat(64)}` }), "parse_error", at(TEST, "\\.filter\\.min")],
  [
    tested("NativeTransfer", "value", { min: "0x10", max: 15 }),
    "parse_error",
    /matches nothing: its min "0x10" is above its max 15/,
  ],
];

/** All of them. */
export const BAD_FILTERS: readonly BadMessage[] = [...FILTERS, ...VALUES];
