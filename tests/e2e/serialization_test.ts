// The rules on seqs, frames and the text of events (protocol sections 3, 4 and 14), read off a live ring's raw text.
// The exact text of every event type is tested where it is made: rust/sidecar/tests/fields*.rs.

import assert from "node:assert/strict";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import { Client } from "../harness/client.ts";
import { Gateway } from "../harness/gateway.ts";
import { Node, RingPlace } from "../harness/node.ts";

const startedUs = Date.now() * 1000;

/** What a client gets that subscribes to everything, until a few blocks are verified. */
async function takeSome(): Promise<Client> {
  using place = new RingPlace();
  await using _node = await Node.start(["run", "--block-ms", "20", "--txns-per-block", "20"], place.ring);
  await using gateway = await Gateway.start(["--ring", place.ring, "--unrestricted"]);
  await gateway.ready();
  await using client = await Client.connect(gateway.url());
  client.send({ subscribe: EVENT_NAMES });
  await client.until("blocks of it are verified", ({ events }) => {
    const count = (name: string) => events.filter(({ event_name }) => event_name === name).length;
    return count("BlockVerified") > 5 && count("TxnHeaderStart") > 200;
  });
  return client;
}

const client = await takeSome();
const eventFrames = client.frames.filter((frame) => frame.Events !== undefined);
const eventTexts = client.texts.flatMap((text) => text.match(/\{"event_name":.*?"timestamp_ns":\d+\}/g) ?? []);

Deno.test("3.1 every frame has two keys, seq first", () => {
  for (const [index, frame] of client.frames.entries()) {
    assert.deepEqual([Object.keys(frame).length, Object.keys(frame)[0]], [2, "seq"]);
    assert.ok(client.texts[index]!.startsWith('{"seq":'));
  }
});

Deno.test("3.2 Hello carries seq 0, event frames at least 1", () => {
  assert.equal(client.frames[0].seq, 0);
  assert.ok(eventFrames.every((frame) => frame.seq >= 1));
});

Deno.test("3.3 all seqs of a live ring share one base, at least the Unix time in microseconds, and slots 0 and 1", () => {
  const bases = new Set(eventFrames.map(({ seq, Events }) => {
    const { seqno, event_name } = Events.at(-1);
    return seq - 16 * seqno - (event_name === "NativeTransfer" ? 1 : 0);
  }));
  assert.equal(bases.size, 1);
  assert.ok([...bases][0]! >= startedUs);
});

Deno.test("3.4 seqs strictly increase and frames stay within 64 KiB", () => {
  for (const [index, { seq }] of eventFrames.entries()) assert.ok(index === 0 || seq > eventFrames[index - 1].seq);
  assert.ok(client.texts.every((text) => text.length <= 1 << 16));
});

Deno.test("3.6 seqno is the ring's own number, without holes for who takes everything", () => {
  const seqnos = client.events.filter((event) => event.event_name !== "NativeTransfer").map((event) => event.seqno);
  assert.ok(seqnos.every((seqno, index) => index === 0 || seqno === seqnos[index - 1] + 1));
});

Deno.test("4.1 keys of events come in order, absent ones are left out, and payload begins with its type", () => {
  const order = [
    "event_name",
    "block_number",
    "txn_idx",
    "txn_hash",
    "commit_stage",
    "payload",
    "seqno",
    "timestamp_ns",
  ];
  for (const event of client.events) {
    const keys = Object.keys(event);
    assert.deepEqual(keys, order.filter((key) => keys.includes(key)));
    assert.deepEqual([Object.keys(event.payload)[0], event.payload.type], ["type", event.event_name]);
    assert.ok(!Object.values(event).includes(null) && !Object.values(event.payload).includes(null));
  }
});

Deno.test("4.2 text is ASCII without white space, hex is lower case, quantities are minimal", () => {
  assert.equal(eventTexts.length, client.events.length);
  for (const text of eventTexts) {
    assert.match(text, /^[\x21-\x7e]+$/);
    for (const [hex] of text.matchAll(/"0x[^"]*"/g)) assert.match(hex, /^"0x[0-9a-f]*"$/);
  }
  const quantities = client.events.filter((event) => event.event_name === "TxnCallFrame").map(({ payload }) =>
    payload.value
  );
  assert.ok(quantities.length > 0 && quantities.every((value) => /^0x(0|[1-9a-f][0-9a-f]*)$/.test(value)));
});

Deno.test("4.3 transaction events carry txn_idx, the hash since their header, and every event its block and stage", () => {
  const hashes = new Map<string, string>();
  // The client came in the middle of a block, whose headers it may not have seen.
  const whole = client.events.slice(client.events.findIndex((event) => event.event_name === "BlockStart"));
  for (const { event_name, block_number, txn_idx, txn_hash, commit_stage, payload } of whole) {
    assert.ok(Number.isInteger(block_number) && typeof commit_stage === "string", event_name);
    if (!event_name.startsWith("Txn") && event_name !== "NativeTransfer") continue;
    assert.ok(Number.isInteger(txn_idx), event_name);
    const key = `${block_number}.${txn_idx}`;
    if (event_name === "TxnHeaderStart") hashes.set(key, payload.txn_hash);
    assert.equal(txn_hash, hashes.get(key), `${event_name} of ${key}`);
  }
  assert.ok(hashes.size > 100);
});

Deno.test("4.4 commit_stage is the stage of the event's own block at the event's own position", () => {
  const expected: Readonly<Record<string, string>> = {
    BlockQC: "Voted",
    BlockFinalized: "Finalized",
    BlockVerified: "Verified",
  };
  for (const { event_name, commit_stage } of client.events) {
    assert.equal(commit_stage, expected[event_name] ?? "Proposed");
  }
});

Deno.test("14 Hello has its keys in order", () => {
  const { Hello } = client.frames[0];
  assert.deepEqual(Object.keys(Hello), [
    ...["protocol_version", "server_version", "chain_id", "block_number", "available_filters", "blocked_events"],
    ...["limits", "stream_id", "resume", "source"],
  ]);
  assert.deepEqual(Object.keys(Hello.limits), [
    ...["backfill_events", "buffer_per_client", "slow_off_limit", "heartbeat_interval", "heartbeat_timeout"],
    "max_subscribes",
  ]);
  assert.deepEqual([Hello.protocol_version, Hello.chain_id, Hello.source], [1, 20143, "simulated"]);
  assert.deepEqual(Hello.available_filters.slice(0, 2), ["txn_index", "log_index"]);
});
