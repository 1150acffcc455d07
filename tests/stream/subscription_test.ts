// What a client's messages turn out to be: accepted subscriptions and their keys, and a sentence for everything else.

import assert from "node:assert/strict";
import { EVENT_NAMES, ITEMS } from "../../src/stream/protocol.ts";
import { type ClientMessage, readMessage, readSubscribe, type Subscription } from "../../src/stream/subscription.ts";
import type { SubscribeError } from "../../src/stream/subscription_error.ts";
import { BAD_MESSAGES } from "./bad_messages.ts";

function errorOf(message: ClientMessage): SubscribeError {
  assert.equal(message.kind, "error", JSON.stringify(message));
  return (message as { error: SubscribeError }).error;
}

function accepted(subscribe: unknown): Subscription {
  const message = readMessage(JSON.stringify({ subscribe }), 0);
  assert.equal(message.kind, "subscribe", JSON.stringify(message));
  return (message as { subscription: Subscription }).subscription;
}

Deno.test("6.3 every malformed message is answered with its class and a sentence in ASCII that names the place", () => {
  assert.ok(BAD_MESSAGES.length >= 70);
  for (const [text, type, says] of BAD_MESSAGES) {
    const error = errorOf(readMessage(text, 3));
    assert.equal(error.type, type, `${text.slice(0, 200)}: ${error.message}`);
    assert.match(error.message, says);
    assert.match(error.message, /^[\x20-\x7e]{10,700}[.?]$/, text.slice(0, 200));
    assert.equal(error.limit, type === "subscribe_limit" ? 3 : undefined);
  }
});

Deno.test("6.1 and 6.2 both forms are the same subscription, and duplicates count once", () => {
  const simple = accepted(["TxnLog", "BlockStart", "TPS", "TxnLog"]);
  const extended = accepted({
    events: ["TPS", "BlockStart", "TxnLog"],
    filters: [],
    min_stage: "Proposed",
    correlate: false,
  });
  assert.equal(simple.key, extended.key);
  assert.deepEqual(simple.items, ["BlockStart", "TxnLog", "TPS"]);
  assert.deepEqual(ITEMS.filter((_, index) => simple.wanted[index + 1] === 1), simple.items);
  assert.deepEqual([simple.minStage, simple.correlate, simple.blockIds, simple.notices, simple.id], [
    ...[1, "none", false, false, undefined],
  ]);
  assert.equal(readSubscribe(["TPS", "TPS", "TPS", "TPS"], 3).kind, "subscribe");
});

Deno.test("6.2 every item may be named, and each has its own entry type", () => {
  const { wanted, items } = accepted(ITEMS);
  assert.deepEqual(items, ITEMS);
  assert.equal(wanted.length, 31);
  assert.deepEqual([...wanted], [0, ...ITEMS.map(() => 1), 0]);
});

Deno.test("6.3 of duplicate keys the last one counts", () => {
  const message = readMessage('{"subscribe":["Nope"],"subscribe":{"events":["Nope"],"events":["TPS"]}}', 0);
  assert.equal(message.kind, "subscribe");
});

Deno.test("6.7 options are read, and all but id are part of the key", () => {
  const options = { min_stage: "Finalized", correlate: "transaction", block_ids: true, notices: true, id: "mine" };
  const subscription = accepted({ events: ["TxnLog"], ...options });
  assert.deepEqual(
    [subscription.minStage, subscription.correlate, subscription.blockIds, subscription.notices, subscription.id],
    [3, "transaction", true, true, "mine"],
  );
  const keys = new Set([subscription.key, accepted(["TxnLog"]).key]);
  for (const option of ["min_stage", "correlate", "block_ids", "notices"]) {
    keys.add(accepted({ events: ["TxnLog"], ...options, [option]: undefined }).key);
  }
  assert.equal(keys.size, 6);
  assert.equal(accepted({ events: ["TxnLog"], ...options, id: 7 }).key, subscription.key);
  assert.equal(accepted({ events: ["TxnHeaderStart"], correlate: true }).correlate, "header");
});

Deno.test("6.7 errors carry the id of their Subscribe, if it is one", () => {
  for (const subscribe of [{ events: [] }, { events: ["Nope"] }, { events: ITEMS }, { events: ["TPS"], nope: 1 }]) {
    assert.equal(errorOf(readSubscribe({ ...subscribe, id: 0 }, 3)).id, 0);
    assert.equal(errorOf(readSubscribe({ ...subscribe, id: "é" }, 3)).id, "é");
    assert.equal(errorOf(readSubscribe({ ...subscribe, id: [] }, 3)).id, undefined);
  }
});

Deno.test("6.4 and 6.5 blocked events may be named and filtered", () => {
  const filters = [{ event_name: "StorageAccess", field_filters: [{ field: "txn_index", filter: {} }] }];
  assert.deepEqual(accepted({ events: ["StorageAccess", "RecordError"], filters }).items, [
    "RecordError",
    "StorageAccess",
  ]);
});

Deno.test("6.5 filters that constrain nothing are no filters", () => {
  const none = accepted(["TxnLog", "TxnEvmOutput", "BlockStart"]).key;
  const of = (event_name: string, field: string, filter: unknown) => ({
    event_name,
    field_filters: [{ field, filter }],
  });
  const topic = { values: [`0x${"1".repeat(64)}`] };
  const filters = [
    [of("TxnLog", "address", { values: [] })],
    [of("TxnLog", "topics", { values: [] })],
    [of("TxnLog", "txn_index", {})],
    [of("TxnEvmOutput", "status", { values: [false, true] })],
    [{ event_name: "BlockStart", field_filters: [] }],
    [of("TxnLog", "topics", topic), { event_name: "TxnLog", field_filters: [] }],
  ];
  for (const list of filters) {
    assert.equal(accepted({ events: ["TxnLog", "TxnEvmOutput", "BlockStart"], filters: list }).key, none);
  }
  assert.notEqual(
    accepted({ events: ["TxnLog"], filters: [of("TxnLog", "topics", topic)] }).key,
    accepted(["TxnLog"]).key,
  );
});

Deno.test("12.1 what is JSON-RPC is handed on, a bare list is not", () => {
  const request = { jsonrpc: "2.0", method: "eth_blockNumber", id: 1 };
  for (
    const message of [request, [request], [], [request, 7], { jsonrpc: 1 }, { jsonrpc: "2.0", subscribe: ["TPS"] }]
  ) {
    assert.deepEqual(readMessage(JSON.stringify(message), 3), { kind: "json_rpc", request: message });
  }
  for (const message of [[7], [{}], [["TPS"]], [null]]) errorOf(readMessage(JSON.stringify(message), 3));
});

Deno.test("13 a hello is read, and keys of later versions do no harm", () => {
  const hello = { protocol_version: 2, client_name: "bot", client_version: "1.0.0", extra: [] };
  assert.deepEqual(readMessage(JSON.stringify({ hello }), 3), {
    kind: "hello",
    hello: { protocolVersion: 2, clientName: "bot", clientVersion: "1.0.0" },
  });
  assert.equal(readMessage('{"hello":{}}', 3).kind, "hello");
});

Deno.test("simple and extended subscriptions of the seeds are accepted as they stand", () => {
  const seeds = [
    { subscribe: ["BlockStart", "BlockFinalized", "TPS"] },
    {
      subscribe: {
        events: ["TxnHeaderStart", "TxnLog"],
        filters: [{
          event_name: "TxnLog",
          field_filters: [{ field: "address", filter: { values: [`0x${"aB".repeat(20)}`] } }],
        }],
        min_stage: "Finalized",
        correlate: true,
      },
    },
  ];
  for (const message of seeds) assert.equal(readMessage(JSON.stringify(message), 3).kind, "subscribe");
  assert.equal(readSubscribe(EVENT_NAMES, 0).kind, "subscribe");
});
