// Messages that cannot be understood, with the class of error and what its message must say (protocol 6.3).
// subscription_test.ts reads them; the gateway under test gets them over a socket.

import { BAD_FILTERS } from "./bad_filters.ts";

/** Text of a message, class of the error, and a pattern for its sentence. */
export type BadMessage = readonly [text: string, type: string, says: RegExp];

const json = (value: unknown) => JSON.stringify(value);

/** An extended Subscribe of TxnLog with these keys besides. */
function extended(more: Record<string, unknown>): string {
  return json({ subscribe: { events: ["TxnLog"], ...more } });
}

const NO_MESSAGES: readonly BadMessage[] = [
  ["", "parse_error", /^The message is not JSON \(.*\)\.$/],
  ["{", "parse_error", /not JSON/],
  ['{"subscribe":["BlockStart"]', "parse_error", /not JSON/],
  ["{'subscribe':['BlockStart']}", "parse_error", /not JSON/],
  ['{"subscribe":["\u00e9\u0001"]}', "parse_error", /not JSON/],
  [`{"subscribe":${"[".repeat(60_000)}`, "parse_error", /not JSON/],
  [
    `{"subscribe":[${"[".repeat(30_000)}${"]".repeat(30_000)}]}`,
    "parse_error",
    /subscribe\[0\] is the name.*not a list\.$/,
  ],
  [json(["BlockStart"]), "parse_error", /^A message is an object.*not a list\.$/],
  ["[[]]", "parse_error", /not a list/],
  ["null", "parse_error", /not null/],
  ["7", "parse_error", /not number 7/],
  ["1e999", "parse_error", /not number Infinity/],
  ["true", "parse_error", /not boolean true/],
  ['"subscribe"', "parse_error", /not the text "subscribe"/],
  ["{}", "parse_error", /has no key; "subscribe" or "hello" is expected/],
  [
    json({ subscribes: ["BlockStart"] }),
    "parse_error",
    /Unknown key "subscribes" in the message; did you mean "subscribe"\?$/,
  ],
  [json({ Subscribe: ["BlockStart"] }), "parse_error", /did you mean "subscribe"\?$/],
  [json({ unsubscribe: ["BlockStart"] }), "parse_error", /Unknown key "unsubscribe"/],
  [json({ subscribe: ["BlockStart"], id: 1 }), "parse_error", /Unknown key "id" in the message/],
  [json({ subscribe: ["BlockStart"], hello: {} }), "parse_error", /send "hello" on its own/],
  ['{"subscribe":["BlockStart"],"__proto__":{}}', "parse_error", /Unknown key "__proto__" in the message/],
  ['{"__proto__":{"subscribe":["BlockStart"]}}', "parse_error", /Unknown key "__proto__" in the message/],
  ['{"\\u0000\\ud800":[]}', "parse_error", /Unknown key "\\u0000\\ud800" in the message/],
  [json({ hello: 1 }), "parse_error", /hello is an object, not number 1/],
  [json({ hello: [] }), "parse_error", /hello is an object, not an empty list/],
  [
    json({ hello: { protocol_version: "1" } }),
    "parse_error",
    /hello\.protocol_version is a whole number, not the text "1"/,
  ],
  [json({ hello: { client_name: "x".repeat(300) } }), "parse_error", /hello\.client_name is a text of at most 256/],
];

const ITEMS: readonly BadMessage[] = [
  [json({ subscribe: null }), "parse_error", /^subscribe is a list of names or an object with "events", not null\.$/],
  [json({ subscribe: "BlockStart" }), "parse_error", /not the text "BlockStart"/],
  [json({ subscribe: 3 }), "parse_error", /not number 3/],
  [json({ subscribe: [] }), "empty_subscribe", /^subscribe is empty; name at least one/],
  [json({ subscribe: { events: [] } }), "empty_subscribe", /^subscribe\.events is empty/],
  [json({ subscribe: {} }), "parse_error", /^subscribe\.events is missing; it is a list of names\.$/],
  [
    json({ subscribe: { event: ["TPS"] } }),
    "parse_error",
    /Unknown key "event" in subscribe; did you mean "events"\?$/,
  ],
  [
    json({ subscribe: { events: "TPS" } }),
    "parse_error",
    /^subscribe\.events is a list of names, not the text "TPS"\.$/,
  ],
  [json({ subscribe: { events: { 0: "TPS" } } }), "parse_error", /subscribe\.events is a list of names, not an object/],
  [json({ subscribe: { events: null } }), "parse_error", /subscribe\.events .* not null/],
  ['{"subscribe":{"events":["TPS"],"__proto__":{"filters":[]}}}', "parse_error", /"__proto__" in subscribe/],
  [
    json({ subscribe: ["BlockStart", "TxnLogs"] }),
    "parse_error",
    /^Unknown event "TxnLogs" in subscribe\[1\]; did you mean "TxnLog"\?$/,
  ],
  [json({ subscribe: ["blockstart"] }), "parse_error", /did you mean "BlockStart"\?$/],
  [json({ subscribe: ["tps"] }), "parse_error", /did you mean "TPS"\?$/],
  [json({ subscribe: ["TPS", ""] }), "parse_error", /Unknown event "" in subscribe\[1\]; known: RecordError, /],
  [json({ subscribe: ["constructor"] }), "parse_error", /Unknown event "constructor"/],
  [
    json({ subscribe: ["BlockStart", 7] }),
    "parse_error",
    /^subscribe\[1\] is the name of an event or metric, not number 7\.$/,
  ],
  [json({ subscribe: [["BlockStart"]] }), "parse_error", /subscribe\[0\].*not a list/],
  [json({ subscribe: [null] }), "parse_error", /subscribe\[0\].*not null/],
  [json({ subscribe: ["\u001b[31m\ud800\u00e9"] }), "parse_error", /Unknown event "\\u001b\[31m\\ud800\\u00e9" in/],
  [json({ subscribe: ["x".repeat(60_000)] }), "parse_error", /Unknown event "x{64}\.\.\."/],
  [`{"subscribe":[${"0,".repeat(32_000)}0]}`, "parse_error", /subscribe\[0\]/],
  [
    json({ subscribe: ["BlockStart", "BlockEnd", "TPS", "TxnLog"] }),
    "subscribe_limit",
    /^Subscription exceeds limit of 3 items: 4 are named/,
  ],
  [
    json({ subscribe: { events: ["BlockStart", "BlockEnd", "TPS", "TxnLog"] } }),
    "subscribe_limit",
    /exceeds limit of 3/,
  ],
];

const OPTIONS: readonly BadMessage[] = [
  [extended({ filtres: [] }), "parse_error", /Unknown key "filtres" in subscribe; did you mean "filters"\?$/],
  [
    extended({ resume_from: 5 }),
    "parse_error",
    /subscribe\.resume_from is not served by this version; connect with \?resume_from=/,
  ],
  [
    extended({ min_stage: "Final" }),
    "parse_error",
    /Unknown stage "Final" in subscribe\.min_stage; known: Proposed, Voted/,
  ],
  [extended({ min_stage: "finalized" }), "parse_error", /did you mean "Finalized"\?$/],
  [extended({ min_stage: "Rejected" }), "parse_error", /Unknown stage "Rejected" in subscribe\.min_stage/],
  [extended({ min_stage: 3 }), "parse_error", /subscribe\.min_stage is the name of a stage, not number 3/],
  [extended({ min_stage: null }), "parse_error", /subscribe\.min_stage is the name of a stage, not null/],
  [extended({ correlate: true }), "parse_error", /add TxnHeaderStart to subscribe\.events/],
  [
    extended({ correlate: "header" }),
    "parse_error",
    /subscribe\.correlate is false, true or "transaction", not the text "header"/,
  ],
  [extended({ correlate: 1 }), "parse_error", /subscribe\.correlate .* not number 1/],
  [
    json({ subscribe: { events: ["BlockEnd"], correlate: "transaction" } }),
    "parse_error",
    /lists no event of a transaction/,
  ],
  [extended({ id: {} }), "parse_error", /subscribe\.id is a text of at most 256 characters or a number/],
  [extended({ id: null }), "parse_error", /subscribe\.id .* not null/],
  [extended({ id: "x".repeat(257) }), "parse_error", /subscribe\.id is a text of at most 256/],
  ['{"subscribe":{"events":["TPS"],"id":1e300}}', "parse_error", /subscribe\.id .* not number 1e\+300/],
  [extended({ block_ids: "yes" }), "parse_error", /subscribe\.block_ids is true or false.*not the text "yes"/],
  [extended({ notices: 1 }), "parse_error", /subscribe\.notices is true or false/],
];

/** All of them; each is refused with the limit of 3 items, and leaves the subscription as it was. */
export const BAD_MESSAGES: readonly BadMessage[] = [...NO_MESSAGES, ...ITEMS, ...OPTIONS, ...BAD_FILTERS];
