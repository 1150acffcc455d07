// Protocol 8.2 and 8.3: contention and the most frequent accesses, by their shape and against computations in Python over
// the accesses that the same client gets. tests/e2e/metrics_test.ts does so for a recording.

import assert from "node:assert/strict";
import type { AnyFrame } from "../harness/client.ts";
import { compute } from "../harness/independent.ts";
import type { RawFrames } from "../harness/raw_frames.ts";
import { Target } from "./target.ts";

const target = new Target({
  node: ["run", "--block-ms", "50", "--txns-per-block", "40"],
  flags: ["--unrestricted"],
});

const EVENTS = ["BlockStart", "BlockEnd", "TxnHeaderStart", "TxnEnd", "AccountAccess", "StorageAccess"];

/** Places of the frames of a metric that follow a BlockEnd which the client got. */
function places({ frames }: RawFrames, metric: string): number[] {
  const first = frames.findIndex(({ Events }) => Events?.at(-1).event_name === "BlockEnd");
  return [...frames.keys()].filter((at) => at > first && first >= 0 && frames[at][metric] !== undefined);
}

/** The BlockEnd that caused the frame at a place. */
const cause = ({ frames }: RawFrames, at: number): AnyFrame =>
  frames.slice(0, at).findLast(({ Events }) => Events?.at(-1).event_name === "BlockEnd");

/** Asserts that rows are in descending order of a number, and of equal ones in ascending order of their keys. */
function assertSorted(rows: readonly AnyFrame[], by: string, ...keys: readonly string[]): void {
  const texts = rows.map((row) => String(1e9 - row[by]) + keys.map((key) => row[key]).join(" "));
  assert.deepEqual(texts, texts.toSorted());
}

target.controlled(
  "8.2 ContentionData follows every BlockEnd, in slot 3, with its keys, orders and bounds",
  async () => {
    await using client = await target.subscribed(["BlockEnd", "ContentionData"]);
    await client.until("blocks pass", (client) => places(client, "ContentionData").length > 10);
    let edges = 0;
    for (const at of places(client, "ContentionData")) {
      const { seq, ContentionData } = client.frames[at];
      const { seq: ended, Events } = client.frames[at - 1];
      assert.deepEqual([seq, Events?.at(-1).event_name], [ended + 3, "BlockEnd"]);
      assert.deepEqual(Object.keys(ContentionData), [
        ...["block_number", "block_wall_time_ns", "total_tx_time_ns", "parallel_efficiency_pct", "total_unique_slots"],
        ...["contended_slot_count", "contention_ratio", "total_txn_count", "top_contended_slots"],
        ...["top_contended_contracts", "contract_edges", "write_contended_slot_count"],
      ]);
      const { top_contended_slots: slots, top_contended_contracts: contracts, contract_edges } = ContentionData;
      assert.equal(ContentionData.block_number, Events.at(-1).block_number);
      assert.equal(ContentionData.total_txn_count, 40);
      assert.equal(slots.length, Math.min(20, ContentionData.contended_slot_count));
      assert.ok(contracts.length <= 15 && contract_edges.length <= 15);
      assertSorted(slots, "txn_count", "address", "slot");
      assertSorted(contracts, "contended_slots", "address");
      assertSorted(contract_edges, "shared_txn_count", "contract_a", "contract_b");
      assert.ok(slots.every(({ txn_count, access_count }: AnyFrame) => txn_count >= 2 && access_count >= txn_count));
      assert.ok(contract_edges.every(({ contract_a, contract_b }: AnyFrame) => contract_a < contract_b));
      edges += contract_edges.length;
      assert.doesNotMatch(client.texts[at]!, /\.\d{5}|null/);
    }
    assert.ok(edges > 0);
  },
);

target.controlled("8.2 ContentionData is what Python computes from headers, ends and storage accesses", async () => {
  await using client = await target.subscribed([...EVENTS, "ContentionData"]);
  await client.until("blocks pass", (client) => places(client, "ContentionData").length > 10);
  const [first] = places(client, "ContentionData");
  // The client may have come in the middle of the first block.
  const given = places(client, "ContentionData").slice(1).map((at) => client.frames[at].ContentionData);
  const computed = (await compute("contention.py", client.texts.slice(first))).map((line) => JSON.parse(line));
  assert.deepEqual(given, computed.slice(0, given.length));
  assert.ok(given.some(({ parallel_efficiency_pct }) => parallel_efficiency_pct > 0));
  assert.ok(given.some(({ write_contended_slot_count }) => write_contended_slot_count > 0));
});

target.controlled("8.3 TopAccesses has ten of each at most, in slot 4, and comes at most once a second", async () => {
  await using client = await target.subscribed(["BlockEnd", "TopAccesses"]);
  await client.until("three come", (client) => places(client, "TopAccesses").length >= 3);
  let before = 0;
  for (const at of places(client, "TopAccesses")) {
    const { seq, TopAccesses } = client.frames[at];
    const { seq: ended, Events } = cause(client, at);
    assert.equal(seq, ended + 4);
    // Parsed, a time in nanoseconds is exact to some hundred of them.
    const { timestamp_ns } = Events.at(-1);
    assert.ok(timestamp_ns - before > 1e9 - 1000, `${timestamp_ns - before} ns`);
    before = timestamp_ns;
    assert.deepEqual(Object.keys(TopAccesses), ["account", "storage"]);
    for (const [kind, rows] of Object.entries<AnyFrame[]>(TopAccesses)) {
      assert.equal(rows.length, 10, kind);
      const counts = rows.map(({ count }) => count);
      assert.deepEqual(counts, counts.toSorted((a, b) => b - a));
      for (const row of rows) assert.deepEqual(Object.keys(row), ["key", "count"]);
    }
    assert.ok(TopAccesses.account.every(({ key }: AnyFrame) => /^0x[0-9a-f]{40}$/.test(key)));
    const isSlot = ({ key: [address, slot] }: AnyFrame) => /^0x[0-9a-f]{40} 0x[0-9a-f]{64}$/.test(`${address} ${slot}`);
    assert.ok(TopAccesses.storage.every(isSlot));
  }
});

target.controlled("8.3 TopAccesses counts from anew behind the frame that five minutes of events bring", async () => {
  await using client = await target.subscribed([...EVENTS, "TopAccesses"]);
  // The count that ends must be larger than a second brings to the next one.
  await client.until("seconds are counted", (client) => places(client, "TopAccesses").length > 3);
  const most = ({ TopAccesses }: AnyFrame) => TopAccesses.account[0].count;
  await target.tell("clock 300000");
  // The last frame of a count: its successor has counted less.
  const last = (client: RawFrames) => {
    const all = places(client, "TopAccesses");
    return all.findIndex((at, index) =>
      index + 1 < all.length && most(client.frames[at]) > most(client.frames[all[index + 1]!])
    );
  };
  await client.until("two frames of a count from anew come", (client) => {
    return last(client) >= 0 && places(client, "TopAccesses").length > last(client) + 2;
  });
  const restart = places(client, "TopAccesses")[last(client)]!;
  const said = await compute("top_accesses.py", client.texts.slice(restart + 1));
  assert.ok(said.length >= 2 && said.every((line) => line.startsWith("ok ")), said.join("; "));
});
