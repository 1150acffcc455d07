// Protocol sections 4, 5 and 14: the text of events, and Hello, read off the raw text of one stream.
// rust/sidecar/tests has the exact text of every event type.

import assert from "node:assert/strict";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import type { AnyEvent } from "../harness/client.ts";
import { PAYLOAD_FIELDS } from "./payload_fields.ts";
import { of, take, target } from "./taken.ts";

const eventTexts = (texts: readonly string[]) =>
  texts.flatMap((text) => text.match(/\{"event_name":.*?"timestamp_ns":\d+\}/g) ?? []);

const KEYS = ["event_name", "block_number", "txn_idx", "txn_hash", "commit_stage", "payload", "seqno", "timestamp_ns"];

target.controlled(
  "4.1 keys of events come in order, absent ones are left out, payload begins with its type",
  async () => {
    const { texts, events } = await take();
    for (const event of events) {
      const keys = Object.keys(event);
      assert.deepEqual(keys, KEYS.filter((key) => keys.includes(key)));
      assert.deepEqual([Object.keys(event.payload)[0], event.payload.type], ["type", event.event_name]);
    }
    assert.ok(texts.every((text) => !text.includes("null")));
  },
);

target.controlled("4.2 the output is ASCII without white space, hex is lower case and of full length", async () => {
  const { texts, events } = await take();
  for (const text of texts) assert.match(text, /^[\x21-\x7e]+$/);
  for (const text of eventTexts(texts)) {
    for (const [hex] of text.matchAll(/"0x[^"]*"/g)) assert.match(hex, /^"0x[0-9a-f]*"$/);
  }
  for (const { payload } of of(events, "TxnHeaderStart")) {
    assert.deepEqual([payload.txn_hash.length, payload.sender.length, payload.to.length], [66, 42, 42]);
  }
});

target.controlled(
  "4.2 integers are JSON numbers, 256-bit ones minimal quantities, and empty bytes are 0x",
  async () => {
    const { texts, events } = await take();
    const starts = of(events, "TxnHeaderStart").map(({ payload }) => payload);
    const quantities = starts.flatMap((
      { value, max_fee_per_gas, chain_id, r, s },
    ) => [value, max_fee_per_gas, chain_id, r, s]);
    assert.ok(quantities.every((value) => /^0x(0|[1-9a-f][0-9a-f]*)$/.test(value)));
    assert.ok(quantities.includes("0x0"));
    assert.ok(starts.some(({ data }) => data === "0x"));
    assert.ok(eventTexts(texts).every((text) => /"timestamp_ns":1\d{18}\}$/.test(text)));
  },
);

target.controlled(
  "4.3 transaction events carry txn_idx from 0, the hash since their header, every event its block",
  async () => {
    const { events } = await take();
    let hashes = new Map<number, string>();
    const indexes = new Set<number>();
    for (const { event_name, block_number, txn_idx, txn_hash, commit_stage, payload } of events) {
      assert.ok(Number.isInteger(block_number) && typeof commit_stage === "string", event_name);
      if (event_name === "BlockStart") hashes = new Map();
      if (event_name === "TxnHeaderStart") {
        hashes.set(txn_idx, payload.txn_hash);
        assert.equal(txn_idx, payload.txn_index);
      }
      if (!event_name.startsWith("Txn") && event_name !== "NativeTransfer") continue;
      assert.ok(Number.isInteger(txn_idx), event_name);
      indexes.add(txn_idx);
      assert.equal(txn_hash, hashes.get(txn_idx), `${event_name} of ${block_number}.${txn_idx}`);
    }
    assert.deepEqual([...indexes].sort((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i));
  },
);

target.controlled("4.4 commit_stage is the stage of the event's own id at its own position", async () => {
  const { events } = await take();
  const stages: Readonly<Record<string, string>> = {
    BlockQC: "Voted",
    BlockFinalized: "Finalized",
    BlockVerified: "Verified",
  };
  for (const { event_name, commit_stage } of events) {
    assert.equal(commit_stage, stages[event_name] ?? "Proposed", event_name);
  }
});

target.controlled("4.4 live and replayed bytes are equal", async () => {
  await using live = await target.subscribed(EVENT_NAMES);
  await live.until("blocks come", ({ events }) => of(events, "BlockFinalized").length > 2);
  const after = live.frames[1].seq;
  // What is replayed ends where the log does at the upgrade.
  const last = live.events.at(-1).seqno;
  await using replayed = await target.connect(`/v1/ws?resume_from=${after}`);
  await replayed.until("it is as far", ({ events }) => events.at(-1)?.seqno >= last);
  const [own, others] = [eventTexts(live.texts.slice(2)), eventTexts(replayed.texts)];
  const count = Math.min(own.length, others.length);
  assert.ok(count > 500, `${count} events`);
  assert.equal(others.slice(0, count).join("\n"), own.slice(0, count).join("\n"));
});

target.controlled("4.5 lists of hashes are arrays, and block_ids appends block_id as the last key", async () => {
  const { events } = await take();
  const logs = of(events, "TxnLog");
  assert.ok(logs.length > 0);
  for (const { payload } of logs) {
    assert.ok(payload.topics.every((topic: string) => /^0x[0-9a-f]{64}$/.test(topic)));
    assert.ok(payload.topics.length <= 4);
  }
  assert.ok(of(events, "TxnAccessListEntry").every(({ payload }) => Array.isArray(payload.storage_keys)));
  await using client = await target.subscribed({ events: EVENT_NAMES, block_ids: true });
  await client.until("a block ends", ({ events }) => of(events, "BlockFinalized").length > 0);
  assert.ok(client.events.every((event) => Object.keys(event).at(-1) === "block_id"));
  for (const { payload, block_id } of client.events) {
    if (payload.block_id !== undefined) assert.equal(block_id, payload.block_id);
  }
});

target.controlled("5 the fields of every type come in their order and form", async () => {
  const { events } = await take();
  const seen = new Set<string>();
  for (const { event_name, payload } of events) {
    const fields = PAYLOAD_FIELDS[event_name];
    assert.ok(fields !== undefined, event_name);
    const { type: _type, ...rest } = payload;
    const names = Object.keys(rest);
    const expected = Object.keys(fields);
    const required = expected.filter((name) => !name.endsWith("?"));
    const known = expected.map((name) => name.replace("?", ""));
    assert.deepEqual(names, known.filter((name) => names.includes(name)), event_name);
    for (const name of required) assert.ok(names.includes(name), `${event_name} lacks ${name}`);
    for (const [i, name] of known.entries()) {
      if (rest[name] !== undefined) {
        assert.ok(fields[expected[i]!]!(rest[name]), `${event_name}.${name} is ${rest[name]}`);
      }
    }
    seen.add(event_name);
  }
  assert.ok(seen.size >= 18, `only ${[...seen]}`);
});

target.controlled(
  "5.1 NativeTransfers follow exactly the frames that moved value, with their seqno and time",
  async () => {
    const { events } = await take();
    const MOVES = ["CALL", "CREATE", "CREATE2", "SELFDESTRUCT"];
    const outcomes = new Map<string, boolean>();
    const key = ({ block_number, txn_hash }: AnyEvent) => `${block_number} ${txn_hash}`;
    for (const event of of(events, "TxnEvmOutput")) outcomes.set(key(event), event.payload.status);
    let transfers = 0;
    const succeeded: boolean[] = []; // by depth, of the frames that the next one lies in
    for (const [i, event] of events.entries()) {
      if (event.event_name === "NativeTransfer") {
        assert.equal(events[i - 1].event_name, "TxnCallFrame");
        transfers++;
      }
      if (event.event_name !== "TxnCallFrame" || i + 1 === events.length || !outcomes.has(key(event))) continue;
      const { depth, opcode_name, value, evmc_status } = event.payload;
      succeeded.length = depth;
      succeeded[depth] = evmc_status === 0;
      const moves = MOVES.includes(opcode_name) && value !== "0x0" && succeeded.every((one) => one) &&
        outcomes.get(key(event));
      const next = events[i + 1];
      assert.equal(next.event_name === "NativeTransfer", moves, JSON.stringify(event));
      if (!moves) continue;
      assert.deepEqual([next.seqno, next.timestamp_ns], [event.seqno, event.timestamp_ns]);
      assert.deepEqual({ ...next.payload, type: "TxnCallFrame" }, event.payload);
    }
    assert.ok(transfers > 5);
  },
);

target.controlled("5.1 a NativeTransfer's own seq is one above its frame's", async () => {
  await using client = await target.subscribed(["TxnCallFrame", "NativeTransfer"]);
  await using transfers = await target.subscribed(["NativeTransfer"]);
  await transfers.until("transfers come", ({ events }) => events.length > 3);
  const base = target.base(client.frames.find(({ Events }) => Events !== undefined));
  for (const { seq, Events } of transfers.frames.slice(1)) assert.equal(seq, base + 16 * Events.at(-1).seqno + 1);
});

target.controlled("5.2 names of opcodes and types of numbers are as the table says", async () => {
  const { events } = await take();
  const names: Readonly<Record<string, number>> = {
    CALL: 0xf1,
    DELEGATECALL: 0xf4,
    STATICCALL: 0xfa,
    CREATE: 0xf0,
    CREATE2: 0xf5,
  };
  const frames = of(events, "TxnCallFrame").map(({ payload }) => payload);
  for (const { opcode, opcode_name } of frames) {
    if (names[opcode_name] !== undefined) assert.equal(opcode, names[opcode_name]);
  }
  assert.ok(frames.some(({ opcode_name }) => opcode_name === "CALL"));
  for (const { payload } of of(events, "BlockStart")) {
    assert.match(payload.nonce, /^0x[0-9a-f]{16}$/);
    assert.equal(typeof payload.difficulty, "number");
    assert.match(payload.base_fee_trend, /^0x/);
  }
  assert.deepEqual(
    [...new Set(of(events, "AccountAccessListHeader").map(({ payload }) => payload.access_context))].sort(),
    [0, 1, 2],
  );
});

target.controlled("14 Hello has its keys in order, then the extensions", async () => {
  const { texts, frames } = await take();
  const { Hello } = frames[0];
  assert.deepEqual(Object.keys(Hello), [
    ...["protocol_version", "server_version", "chain_id", "block_number", "available_filters", "blocked_events"],
    ...["limits", "stream_id", "resume", "source"],
  ]);
  assert.deepEqual([Hello.protocol_version, Hello.chain_id, Hello.source], [1, 20143, "simulated"]);
  assert.ok(Hello.block_number >= 1000 && Hello.stream_id.length > 0);
  assert.ok(texts[0]!.includes(
    '"limits":{"backfill_events":100000,"buffer_per_client":4096,"slow_off_limit":10000,' +
      '"heartbeat_interval":30,"heartbeat_timeout":60,"max_subscribes":0}',
  ));
});

target.controlled("6.4 --unrestricted empties the block list and sets max_subscribes 0", async () => {
  const { frames, events } = await take();
  const { blocked_events, limits } = frames[0].Hello;
  assert.deepEqual([blocked_events, limits.max_subscribes], [[], 0]);
  assert.ok(of(events, "StorageAccess").length > 0 && of(events, "AccountAccess").length > 0);
});

target.rule("6.5 Hello's available_filters starts with the seven of the seeds", async () => {
  await using client = await target.subscribed(["BlockStart"]);
  const names = ["txn_index", "log_index", "address", "topics", "sender", "to", "function_selector"];
  assert.deepEqual(client.frames[0].Hello.available_filters.slice(0, 7), names);
});
