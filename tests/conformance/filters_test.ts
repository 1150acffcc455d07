// Protocol 6.5 and 6.6: what filters and correlate deliver, held against a client that gets everything, from the same start.
// tests/stream/filter_test.ts has the filters by themselves.

import assert from "node:assert/strict";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import type { AnyEvent, AnyFrame } from "../harness/client.ts";
import { Target } from "./target.ts";

const target = new Target({
  node: ["run", "--block-ms", "60", "--txns-per-block", "25"],
  flags: ["--unrestricted"],
});

const named = (name: string) => ({ event_name }: AnyEvent) => event_name === name;
const at = (event: AnyEvent) => `${event.seqno} ${event.event_name}`;

/** Everything of some blocks, for values that filters will find again. */
const known: { events: AnyEvent[] } = { events: [] };

async function learn(): Promise<typeof known> {
  if (known.events.length > 0) return known;
  await using client = await target.subscribed(EVENT_NAMES);
  await client.until("three blocks end", ({ events }) => events.filter(named("BlockEnd")).length > 3);
  known.events = client.events;
  return known;
}

/** What a subscription delivers of some whole blocks, and everything there is of them. */
async function delivered(subscribe: unknown): Promise<{ own: AnyEvent[]; all: AnyEvent[] }> {
  await using whole = await target.subscribed(EVENT_NAMES);
  await using client = await target.subscribed(subscribe);
  const { Hello: { resume: { newest } } } = client.frames[0];
  await whole.until("events come", ({ events }) => events.length > 0);
  const base = target.base(whole.frames.find(({ Events }) => Events !== undefined));
  // Whole blocks that began when both had subscribed.
  const starts = () => whole.events.filter(named("BlockStart")).filter(({ seqno }) => base + 16 * seqno > newest);
  const ends = () => whole.events.filter(named("BlockEnd")).filter(({ seqno }) => seqno > starts()[0]?.seqno);
  await whole.until("blocks begin and end", () => ends().length > 3);
  const [first, last] = [starts()[0]!.seqno, ends().at(-1)!.seqno];
  // Something of a later block tells that nothing of these is on its way any more.
  await client.until("the client is beyond them", ({ events }) => (events.at(-1)?.seqno ?? 0) > last);
  const within = ({ seqno }: AnyEvent) => seqno >= first && seqno <= last;
  return { own: client.events.filter(within), all: whole.events.filter(within) };
}

/** Asserts that a subscription delivers exactly what `passes` says, and that this is some but not all of it. */
async function delivers(subscribe: { events: readonly string[] }, passes: (event: AnyEvent) => boolean): Promise<void> {
  const { own, all } = await delivered({ ...subscribe, events: [...subscribe.events, "BlockEnd"] });
  const ofTypes = all.filter((event) => subscribe.events.includes(event.event_name));
  const expected = ofTypes.filter((event) => passes(event));
  assert.deepEqual(own.filter(({ event_name }) => subscribe.events.includes(event_name)).map(at), expected.map(at));
  assert.ok(expected.length > 0, "nothing passes");
  assert.ok(expected.length < ofTypes.length, "everything passes");
}

/** One filter of one event. */
function filter(event: string, ...fields: readonly [field: string, filter: unknown][]) {
  return { event_name: event, field_filters: fields.map(([field, filter]) => ({ field, filter })) };
}

/** Values of a field that a few of an event's entries have. */
function some(events: readonly AnyEvent[], event: string, field: string, count = 3): string[] {
  const values = events.filter(named(event)).map(({ payload }) => payload[field]);
  const counts = Map.groupBy(values, (value) => value);
  return [...counts].sort((a, b) => b[1].length - a[1].length).slice(0, count).map(([value]) => value);
}

for (const [min, max] of [[3, 7], [undefined, 5], [20, undefined], [4, 4]] as const) {
  target.controlled(
    `6.5 txn_index ${min ?? ""}..${max ?? ""} is an inclusive range over every event of transactions`,
    () => {
      const range = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
      const events = ["TxnHeaderStart", "TxnLog", "TxnEnd", "TxnPerfEvmEnter", "TxnCallFrame"];
      const filters = events.map((event) => filter(event, ["txn_index", range]));
      return delivers(
        { events, ...{ filters } },
        ({ txn_idx }) => txn_idx >= (min ?? 0) && txn_idx <= (max ?? Infinity),
      );
    },
  );
}

target.controlled("6.5 log_index is the index within the transaction", () => {
  const filters = [filter("TxnLog", ["log_index", { min: 1, max: 2 }])];
  return delivers(
    { events: ["TxnLog"], ...{ filters } },
    ({ payload }) => payload.log_index === 1 || payload.log_index === 2,
  );
});

target.controlled(
  "6.5 address passes any of the values, on logs, access lists and state accesses, whatever the case",
  async () => {
    const { events } = await learn();
    const types = ["TxnLog", "AccountAccess", "StorageAccess", "TxnAccessListEntry"];
    const values = types.flatMap((type) => some(events, type, "address", 2));
    const upper = values.map((value) => `0x${value.slice(2).toUpperCase()}`);
    await delivers(
      { events: types, ...{ filters: types.map((type) => filter(type, ["address", { values: upper }])) } },
      ({ payload }) => values.includes(payload.address),
    );
  },
);

target.controlled("6.5 topics match as a prefix, position by position; null is any, a list any of", async () => {
  const { events } = await learn();
  const two = events.filter(named("TxnLog")).map(({ payload }) => payload.topics).filter(({ length }) => length > 1);
  const [[t0, t1]] = two;
  const others = some(events, "TxnLog", "topics").map((topics) => topics[0]!);
  const cases: [values: unknown[], passes: (topics: string[]) => boolean][] = [
    [[t0], (topics) => topics[0] === t0],
    [[t0, t1], (topics) => topics[0] === t0 && topics[1] === t1],
    [[null, t1], (topics) => topics[1] === t1],
    [[[t0, ...others]], (topics) => [t0, ...others].includes(topics[0])],
    [[null, null], (topics) => topics.length >= 2],
  ];
  for (const [values, passes] of cases) {
    const { own, all } = await delivered({
      events: ["TxnLog", "BlockEnd"],
      filters: [filter("TxnLog", ["topics", { values }])],
    });
    const expected = all.filter((event) => named("TxnLog")(event) && passes(event.payload.topics));
    assert.deepEqual(own.filter(named("TxnLog")).map(at), expected.map(at), JSON.stringify(values));
  }
});

target.controlled("6.5 sender and to pass any of the values, and fields of one spec are ANDed", async () => {
  const { events } = await learn();
  const to = some(events, "TxnHeaderStart", "to", 4);
  const filters = [filter("TxnHeaderStart", ["to", { values: to }], ["txn_index", { max: 15 }])];
  await delivers({ events: ["TxnHeaderStart"], ...{ filters } }, ({ payload, txn_idx }) => {
    return to.includes(payload.to) && !payload.is_contract_creation && txn_idx <= 15;
  });
});

target.controlled("6.5 to never matches a creation", async () => {
  const zero = `0x${"0".repeat(40)}`;
  const { own, all } = await delivered({
    events: ["TxnHeaderStart", "BlockEnd"],
    filters: [filter("TxnHeaderStart", ["to", { values: [zero] }])],
  });
  const calls = all.filter((event) => named("TxnHeaderStart")(event) && event.payload.to === zero);
  assert.deepEqual(
    own.filter(named("TxnHeaderStart")).map(at),
    calls.filter((event) => !event.payload.is_contract_creation).map(at),
  );
});

target.controlled("6.5 function_selector is the first 4 bytes of data, and shorter data never matches", async () => {
  const { events } = await learn();
  const selectors = [...new Set(some(events, "TxnHeaderStart", "data", 40).map((data) => data.slice(0, 10)))].filter((
    { length },
  ) => length === 10);
  const values = [...selectors.slice(0, 3), "0x00000000"];
  await delivers(
    { events: ["TxnHeaderStart"], ...{ filters: [filter("TxnHeaderStart", ["function_selector", { values }])] } },
    ({ payload }) => payload.data.length >= 10 && values.includes(payload.data.slice(0, 10)),
  );
});

target.controlled("6.5 value is a range of 256-bit numbers, as hex or number", async () => {
  const filters = [filter("TxnCallFrame", ["value", { min: 1 }]), filter("TxnHeaderStart", ["value", { max: "0x0" }])];
  await delivers({ events: ["TxnCallFrame", "TxnHeaderStart"], ...{ filters } }, ({ event_name, payload }) => {
    return event_name === "TxnCallFrame" ? BigInt(payload.value) >= 1n : BigInt(payload.value) === 0n;
  });
});

target.controlled("6.5 caller and call_target are those of call frames and transfers", async () => {
  const { events } = await learn();
  const callers = some(events, "TxnCallFrame", "caller", 3);
  const targets = some(events, "NativeTransfer", "call_target", 3);
  const filters = [
    filter("TxnCallFrame", ["caller", { values: callers }]),
    filter("NativeTransfer", ["call_target", { values: [...targets, ...callers] }]),
  ];
  const { own, all } = await delivered({ events: ["TxnCallFrame", "NativeTransfer", "BlockEnd"], filters });
  const expected = all.filter(({ event_name, payload }) => {
    if (event_name === "TxnCallFrame") return callers.includes(payload.caller);
    return event_name === "NativeTransfer"
      ? [...targets, ...callers].includes(payload.call_target)
      : event_name === "BlockEnd";
  });
  assert.deepEqual(own.map(at), expected.map(at));
});

target.controlled("6.5 status tells successful transactions from others", () => {
  const filters = [filter("TxnEvmOutput", ["status", { values: [true] }], ["txn_index", { max: 20 }])];
  return delivers(
    { events: ["TxnEvmOutput"], ...{ filters } },
    ({ payload, txn_idx }) => payload.status && txn_idx <= 20,
  );
});

target.controlled("6.5 specs of the same event are ORed, and an event without a spec passes", () => {
  const filters = [filter("TxnLog", ["txn_index", { max: 2 }]), filter("TxnLog", ["txn_index", { min: 10, max: 11 }])];
  return delivers({ events: ["TxnLog", "TxnEvmOutput"], ...{ filters } }, ({ event_name, txn_idx }) => {
    return event_name === "TxnEvmOutput" || txn_idx <= 2 || txn_idx === 10 || txn_idx === 11;
  });
});

target.controlled("6.5 an empty list of values is no constraint, and metric items are never filtered", async () => {
  const filters = [filter("TxnLog", ["address", { values: [] }], ["topics", { values: [] }])];
  await using client = await target.subscribed({ events: ["TxnLog", "TPS", "Lifecycle"], filters });
  await client.frame("TPS");
  await client.until("changes of stage come", ({ frames }) => frames.filter(({ Lifecycle }) => Lifecycle).length > 8);
  const { own, all } = await delivered({ events: ["TxnLog", "BlockEnd"], filters });
  assert.deepEqual(own.filter(named("TxnLog")).map(at), all.filter(named("TxnLog")).map(at));
});

target.rule("6.5 min above max is a parse_error", async () => {
  await using client = await target.connect();
  const filters = [filter("TxnLog", ["log_index", { min: 2, max: 1 }])];
  assert.equal((await client.ask({ subscribe: { events: ["TxnLog"], filters } }, "Error")).Error.type, "parse_error");
});

target.controlled(
  "6.6 correlate delivers the later events of every transaction whose header passes, until its end",
  async () => {
    const filters = [filter("TxnHeaderStart", ["txn_index", { min: 5, max: 9 }])];
    const { own, all } = await delivered({ events: ["TxnHeaderStart", "BlockEnd"], filters, correlate: true });
    const open = new Set<number>();
    const expected = all.filter(({ event_name, txn_idx }) => {
      if (event_name === "BlockStart") open.clear();
      if (event_name === "BlockEnd") return true;
      if (txn_idx === undefined || txn_idx < 5 || txn_idx > 9) return false;
      if (event_name === "TxnHeaderStart") open.add(txn_idx);
      const isOpen = open.has(txn_idx);
      if (["TxnEnd", "TxnReject", "EvmError"].includes(event_name)) open.delete(txn_idx);
      return isOpen;
    });
    assert.deepEqual(own.map(at), expected.map(at));
    assert.ok(own.some(named("TxnCallFrame")) && own.some(named("StorageAccess")));
  },
);

target.rule("6.6 correlate requires TxnHeaderStart in events", async () => {
  await using client = await target.connect();
  const { Error: error } = await client.ask({ subscribe: { events: ["TxnLog"], correlate: true } }, "Error");
  assert.equal(error.type, "parse_error");
  assert.match(error.message, /TxnHeaderStart/);
});

target.controlled(
  '6.6 "transaction" delivers the whole transaction of any match when it ends, with the seq of its end',
  async () => {
    const filters = [filter("TxnLog", ["txn_index", { max: 6 }])];
    const subscribe = { events: ["TxnLog", "BlockEnd"], filters, correlate: "transaction" };
    await using client = await target.subscribed(subscribe);
    const { own, all } = await delivered(subscribe);
    const expected: AnyEvent[] = [];
    let events: AnyEvent[] = [];
    for (const event of all) {
      if (event.event_name === "BlockStart") events = [];
      events.push(event);
      if (event.event_name === "BlockEnd") expected.push(event);
      if (event.event_name !== "TxnEnd") continue;
      const ofTxn = events.filter(({ txn_idx }) => txn_idx === event.txn_idx);
      const whole = ofTxn.slice(ofTxn.findIndex(named("TxnHeaderStart")));
      if (event.txn_idx <= 6 && whole.some(named("TxnLog"))) expected.push(...whole);
    }
    assert.deepEqual(own.map(at), expected.map(at));
    const base = target.base(client.frames.findLast(({ Events }) => Events?.at(-1).event_name === "BlockEnd"));
    const releases = client.frames.filter(({ Events }) =>
      Events !== undefined && Events.at(-1).event_name === "TxnEnd"
    );
    assert.ok(releases.length > 3);
    for (const { seq, Events } of releases) assert.equal(seq, base + 16 * Events.at(-1).seqno);
  },
);

target.controlled(
  "6.6 transactions that end with their block come in one frame, so that a cursor stands behind all of them",
  async () => {
    await using client = await target.subscribed({ events: ["TxnHeaderStart"], correlate: "transaction" });
    const isCut = ({ Events }: AnyFrame) => {
      return Events !== undefined && !["TxnEnd", "TxnReject", "EvmError"].includes(Events.at(-1).event_name);
    };
    const txns = ({ Events }: AnyFrame) => new Set(Events.map(({ txn_idx }: AnyEvent) => txn_idx)).size;
    // How many transactions stand open when one of them fails is the chain's affair.
    while (!client.frames.some((frame) => isCut(frame) && txns(frame) > 1)) {
      const from = client.frames.length;
      await target.tell("fail txn");
      await client.until("blocks go on", ({ frames }) => frames.length > from + 60);
      const seqs = client.frames.slice(1).map(({ seq }) => seq);
      assert.ok(seqs.every((seq, i) => i === 0 || seq > seqs[i - 1]), `${seqs}`);
    }
    for (const { Events } of client.frames.filter(isCut)) {
      assert.ok(
        Events.every(({ seqno }: AnyEvent, i: number) => i === 0 || seqno >= Events[i - 1].seqno),
        "ring order",
      );
    }
  },
);
