// Protocol sections 6.1 to 6.4, 6.7 and 13: what a Subscribe may say, what is refused, what is blocked, and a client's hello.
// filters_test.ts has 6.5 and 6.6; connection_test.ts when a subscription takes over.

import assert from "node:assert/strict";
import { DEFAULT_BLOCKED_EVENTS, EVENT_NAMES, METRIC_ITEMS } from "../../src/stream/protocol.ts";
import type { AnyEvent } from "../harness/client.ts";
import { BAD_MESSAGES, type BadMessage } from "../stream/bad_messages.ts";
import { Target } from "./target.ts";

const target = new Target({ node: ["run", "--block-ms", "60", "--txns-per-block", "8"] });

const named = (event: AnyEvent) => event.event_name;

target.rule("6.1 the simple form subscribes to its items and nothing else", async () => {
  await using client = await target.subscribed(["BlockStart", "BlockEnd"]);
  await client.until("blocks come", ({ events }) => events.length >= 6);
  assert.deepEqual([...new Set(client.events.map(named))].sort(), ["BlockEnd", "BlockStart"]);
});

target.rule("6.1 the extended form needs events alone, and takes filters, min_stage and correlate", async () => {
  for (
    const more of [{}, { filters: [] }, { min_stage: "Proposed" }, { correlate: false }, {
      filters: [],
      min_stage: "Proposed",
      correlate: true,
    }]
  ) {
    await using client = await target.connect();
    await client.send({ subscribe: { events: ["TxnHeaderStart"], ...more } });
    await client.frame("Events");
    assert.equal(client.kinds[0], "Hello");
  }
});

target.rule("6.1 the two forms of one subscription deliver the same bytes", async () => {
  await using simple = await target.subscribed(["TxnLog", "BlockEnd"]);
  await using extended = await target.subscribed({ events: ["BlockEnd", "TxnLog"], filters: [], correlate: false });
  await extended.until("blocks come", ({ events }) => events.filter((event) => named(event) === "BlockEnd").length > 2);
  const texts = (list: readonly string[]) =>
    list.flatMap((text) => text.match(/\{"event_name".*?"timestamp_ns":\d+\}/g) ?? []);
  const own = texts(extended.texts);
  await simple.until("the other is as far", ({ events }) => events.at(-1).seqno >= extended.events.at(-1).seqno);
  const others = texts(simple.texts);
  const at = others.indexOf(own[0]!);
  assert.ok(at >= 0);
  assert.deepEqual(others.slice(at, at + own.length), own.slice(0, others.length - at));
});

target.controlled("6.2 the items are the 25 events and 4 metrics", async () => {
  await using client = await target.connect();
  for (const item of [...EVENT_NAMES, ...METRIC_ITEMS]) {
    const { Subscribed: { items } } = await client.ask({ subscribe: { events: [item], id: item } }, "Subscribed");
    assert.deepEqual(items, [item]);
  }
  assert.equal(EVENT_NAMES.length, 25);
});

target.rule("6.2 names are case-sensitive", async () => {
  await using client = await target.connect();
  for (const item of ["blockStart", "BLOCKSTART", "tps", "Tps", " BlockStart", "BlockStart "]) {
    assert.equal((await client.ask({ subscribe: [item] }, "Error")).Error.type, "parse_error", item);
  }
});

target.rule("6.2 duplicates count once, towards the limit and in what is delivered", async () => {
  await using client = await target.connect();
  const events = ["BlockStart", "BlockStart", "BlockEnd", "BlockStart", "BlockEnd"];
  const { Subscribed } = await client.ask({ subscribe: { events, id: 1 } }, "Subscribed");
  assert.deepEqual(Subscribed.items, ["BlockStart", "BlockEnd"]);
  await client.until("events come", ({ events }) => events.length >= 6);
  const seqnos = client.events.map(({ seqno }) => seqno);
  assert.equal(new Set(seqnos).size, seqnos.length);
});

target.controlled(
  "6.3 one item more than max_subscribes is a subscribe_limit with the limit, as many are taken",
  async () => {
    await using client = await target.connect();
    for (const items of [EVENT_NAMES.slice(1, 5), [...METRIC_ITEMS], { events: EVENT_NAMES }]) {
      const frame = await client.ask({ subscribe: items }, "Error");
      assert.deepEqual(Object.keys(frame), ["seq", "Error"]);
      assert.deepEqual(Object.keys(frame.Error), ["type", "message", "limit"]);
      assert.deepEqual([frame.seq, frame.Error.type, frame.Error.limit], [0, "subscribe_limit", 3]);
    }
    await client.ask({ subscribe: ["BlockStart", "BlockEnd", "TPS"] }, "Hello");
  },
);

target.rule("6.3 no item is an empty_subscribe", async () => {
  await using client = await target.connect();
  for (const subscribe of [[], { events: [] }, { events: [], filters: [], min_stage: "Voted" }]) {
    assert.equal((await client.ask({ subscribe }, "Error")).Error.type, "empty_subscribe");
  }
});

/** Sends bad messages on one connection, fewer than end it, and looks at each answer and at what stays subscribed. */
async function refuses(messages: readonly BadMessage[]): Promise<void> {
  await using client = await target.subscribed({ events: ["BlockStart"], block_ids: true });
  for (const [text, type, says] of messages) {
    const { seq, Error: error } = await client.ask(text, "Error");
    assert.deepEqual([seq, error.type], [0, type], text.slice(0, 100));
    assert.match(error.message, says);
    assert.ok(client.texts.findLast((frame) => frame.includes('"Error"'))!.match(/^[\x20-\x7e]*$/), "ASCII");
  }
  const { length } = client.frames;
  await client.frame("Events", length);
  assert.equal(client.kinds.filter((kind) => kind === "Error").length, messages.length);
  assert.ok(client.events.every((event) => named(event) === "BlockStart" && event.block_id !== undefined));
  const numbers = client.events.map(({ seqno }) => seqno);
  assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
  assert.equal(client.closed, undefined);
}

/** Messages that one connection is sent: 100 errors end it. */
const PER_CONNECTION = 60;
for (let from = 0; from < BAD_MESSAGES.length; from += PER_CONNECTION) {
  const messages = BAD_MESSAGES.slice(from, from + PER_CONNECTION);
  target.controlled(
    `6.3 bad messages ${from + 1} to ${from + messages.length} get their errors, and the subscription stays`,
    () => refuses(messages),
  );
}

target.rule("6.3 a refused Subscribe leaves the subscription as it was, without a hole", async () => {
  await using whole = await target.subscribed(["TxnEnd"]);
  await using client = await target.subscribed(["TxnEnd"]);
  await client.frame("Events");
  for (let i = 0; i < 20; i++) await client.ask({ subscribe: ["BlockStart", "Nonsense"] }, "Error");
  const last = client.events.at(-1).seqno;
  await whole.until("the other client is as far", ({ events }) => events.at(-1).seqno >= last);
  const from = Math.max(client.events[0].seqno, whole.events[0].seqno);
  const within = (events: readonly AnyEvent[]) =>
    events.map(({ seqno }) => seqno).filter((seqno) => seqno >= from && seqno <= last);
  assert.deepEqual(within(client.events), within(whole.events));
});

target.rule("6.3 of duplicate JSON keys the last one counts", async () => {
  await using client = await target.connect();
  await client.send('{"subscribe":["Nonsense"],"subscribe":{"events":["x"],"events":["BlockEnd"],"id":1,"id":2}}');
  const { Subscribed } = await client.frame("Subscribed");
  assert.deepEqual([Subscribed.items, Subscribed.id], [["BlockEnd"], 2]);
});

target.rule('6.3 min_stage "Proposed" holds nothing', async () => {
  await using client = await target.subscribed({ events: ["BlockStart", "BlockEnd"], min_stage: "Proposed" });
  await client.until("blocks come", ({ events }) => events.length > 4);
  assert.ok(client.events.every(({ commit_stage }) => commit_stage === "Proposed"));
});

target.controlled(
  "6.4 blocked events may be named and are never delivered; Hello and Subscribed say which they are",
  async () => {
    await using client = await target.connect();
    const events = ["AccountAccess", "StorageAccess", "BlockEnd"];
    const { Subscribed } = await client.ask({ subscribe: { events, id: "b" } }, "Subscribed");
    assert.deepEqual(Subscribed.blocked, ["AccountAccess", "StorageAccess"]);
    await client.until("blocks come", ({ events }) => events.length >= 3);
    assert.deepEqual(client.frames[0].Hello.blocked_events, DEFAULT_BLOCKED_EVENTS);
    assert.ok(client.events.every((event) => named(event) === "BlockEnd"));
  },
);

target.controlled("6.4 blocked events are not replayed, and not delivered by correlate", async () => {
  await using client = await target.subscribed({ events: ["TxnHeaderStart"], correlate: true });
  await client.until("a block passes", ({ events }) => events.filter((event) => named(event) === "TxnEnd").length > 10);
  await using replayed = await target.connect(`/v1/ws?resume_from=${client.frames[1].seq}&subscribe=TxnEnd`);
  await replayed.frame("Hello");
  await replayed.until("it is live", ({ frames, kinds }) => frames.length > kinds.indexOf("Hello") + 2);
  for (const { events } of [client, replayed]) {
    assert.ok(events.length > 10);
    assert.ok(!events.some((event) => (DEFAULT_BLOCKED_EVENTS as string[]).includes(named(event))));
  }
});

target.rule("6.7 id is answered right after Hello with Subscribed, and later first of all", async () => {
  await using client = await target.connect();
  await client.send({ subscribe: { events: ["TPS", "BlockStart"], id: "one" } });
  const { seq, Subscribed } = await client.frame("Subscribed");
  assert.deepEqual(client.kinds.slice(0, 2), ["Hello", "Subscribed"]);
  assert.equal(seq, 0);
  assert.deepEqual(Object.keys(Subscribed), ["id", "items", "blocked", "seq"]);
  assert.deepEqual([Subscribed.id, Subscribed.items, Subscribed.blocked], ["one", ["BlockStart", "TPS"], []]);
  assert.ok(Number.isSafeInteger(Subscribed.seq) && Subscribed.seq >= 1);
  await client.frame("Events");
  const from = client.frames.length;
  const second = await client.ask({ subscribe: { events: ["BlockEnd"], id: -2.5 } }, "Subscribed");
  assert.equal(second.Subscribed.id, -2.5);
  await client.frame("Events", client.kinds.lastIndexOf("Subscribed"));
  const before = client.frames.slice(from, client.kinds.lastIndexOf("Subscribed"));
  assert.ok(before.every((frame) => frame.seq <= second.Subscribed.seq));
  const after = client.frames.slice(client.kinds.lastIndexOf("Subscribed") + 1);
  assert.ok(after.every((frame) => frame.seq > second.Subscribed.seq && named(frame.Events[0]) === "BlockEnd"));
});

target.rule("6.7 without an id there is no Subscribed, and Errors carry the id of their Subscribe", async () => {
  await using client = await target.subscribed(["BlockStart"]);
  await client.frame("Events");
  assert.ok(!client.kinds.includes("Subscribed"));
  for (
    const subscribe of [{ events: [], id: "e" }, { events: ["x"], id: "e" }, { events: ["TPS"], wrong: 1, id: "e" }]
  ) {
    assert.equal((await client.ask({ subscribe }, "Error")).Error.id, "e");
  }
  assert.ok(!Object.hasOwn((await client.ask({ subscribe: [] }, "Error")).Error, "id"));
});

target.controlled("13 a hello is answered with nothing and logged; another version as a warning", async () => {
  await using client = await target.connect();
  await client.send({ hello: { protocol_version: 1, client_name: "conformance-13", client_version: "1" } });
  await client.send({ hello: { protocol_version: 9, client_name: "conformance-13" } });
  await client.ask({ subscribe: [] }, "Error");
  assert.equal(client.frames.length, 1);
  const own = target.lines().filter(({ properties }) => properties["clientName"] === "conformance-13");
  assert.deepEqual(own.map(({ level, properties }) => [level, properties["protocolVersion"]]), [["INFO", 1], [
    "WARN",
    9,
  ]]);
});
