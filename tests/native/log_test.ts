// What a log says of its entries beside their text: keys, blocks and stages, and events joined again for a release.

import assert from "node:assert/strict";
import { LIFECYCLE_TYPE, type Log, MAX_ADDED_BYTES, NATIVE_TRANSFER_TYPE, TPS_TYPE } from "../../src/stream/log.ts";
import { STAGES } from "../../src/stream/protocol.ts";
import { FilledLog } from "../harness/filled_log.ts";

const TXN_LOG = 18;

function text(log: Log, entry: number): string {
  return log.message("", new Float64Array([log.textAt(entry), log.textLength(entry)]), 1, "").text();
}

function json(log: Log, entry: number) {
  return JSON.parse(text(log, entry));
}

/** A number that JSON.parse would round. */
function recordedNs(log: Log, entry: number): bigint {
  return BigInt(/"timestamp_ns":(\d+)/.exec(text(log, entry))![1]!);
}

/** The words of a hex string. */
function words(hex: string): number[] {
  const bytes = Uint8Array.from(hex.slice(2).match(/../g)!, (digits) => parseInt(digits, 16));
  return [...new Uint32Array(bytes.buffer)];
}

Deno.test("keys, transaction, block, stage and time of an entry are those of its text", async () => {
  using filled = new FilledLog("emn-1b-15m", (64 << 20) + 3);
  const log = await filled.ended();
  const seen = new Map<number, number>();
  for (let entry = log.oldest; entry < log.head; entry++) {
    const type = log.type(entry);
    const at = log.keysAt(entry);
    const keys = (count: number) => [...log.keys.subarray(at, at + count)];
    if (type === TXN_LOG) {
      const event = json(log, entry);
      const { address, log_index, topics } = event.payload;
      const expected = [...words(address), log_index, topics.length, ...topics.flatMap(words)];
      assert.deepEqual(keys(expected.length), expected);
      assert.equal(log.txn(entry), event.txn_idx + 1);
      assert.equal(["", ...STAGES][log.stage(entry)], event.commit_stage);
      assert.equal(log.blockNumber(entry), event.block_number);
      assert.equal(BigInt(log.recordedUs(entry)), recordedNs(log, entry) / 1000n);
      assert.equal(log.proposal(entry), 1);
    } else if (type === TPS_TYPE) {
      assert.deepEqual(keys(1), [json(log, entry).TPS]);
    } else if (type === LIFECYCLE_TYPE) {
      const { block_hash, to_stage, from_stage, txn_count } = json(log, entry).Lifecycle;
      const stages = [to_stage, from_stage ?? ""].map((name) => ["", ...STAGES].indexOf(name));
      assert.deepEqual(keys(11), [...words(block_hash), ...stages, txn_count]);
      assert.equal(log.stage(entry), stages[0]);
    } else continue;
    seen.set(type, (seen.get(type) ?? 0) + 1);
  }
  assert.deepEqual([...seen].sort(), [[TXN_LOG, 483], [TPS_TYPE, 1], [LIFECYCLE_TYPE, 3]]);
});

Deno.test("events are joined with the stage that releases them and with their block ids", async () => {
  using filled = new FilledLog("emn-1b-15m", 64 << 20);
  const log = await filled.ended();
  const numbers: number[] = [];
  for (let entry = log.oldest; entry < log.head; entry++) {
    if (log.type(entry) <= NATIVE_TRANSFER_TYPE) numbers.push(entry);
  }
  const id = json(log, numbers[0]!).payload.block_id;
  const entries = new Float64Array(numbers);
  const finalized = ["", ...STAGES].indexOf("Finalized");
  const frame = log.entriesMessage('{"seq":1,"Events":[', entries, entries.length, finalized, true, "]}");
  const joined = JSON.parse(frame.text()).Events;
  assert.equal(joined.length, numbers.length);
  assert.deepEqual(joined, numbers.map((entry) => ({ ...json(log, entry), commit_stage: "Finalized", block_id: id })));
  const few = log.entriesMessage("[", entries, 3, 0, false, "]");
  assert.deepEqual(JSON.parse(few.text()), numbers.slice(0, 3).map((entry) => json(log, entry)));
  assert.ok(few.bytes <= 2 + 3 * MAX_ADDED_BYTES + numbers.slice(0, 3).reduce((sum, n) => sum + log.textLength(n), 0));
  log.release(1);
  assert.throws(() => log.entriesMessage("[", entries, 3, 0, false, "]"), /Entry 0 is not held/);
  assert.throws(() => log.entriesMessage("[", new Float64Array([5, 4]), 2, 0, false, "]"), /ascending/);
});
