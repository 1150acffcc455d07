// One client takes the whole 30-block recording: nothing missing, nothing twice, numbered by the rule, and equal to what
// an independent exporter says that execution did (fixtures: emn-30b-15m.expected.json.zst).

import assert from "node:assert/strict";
import { zstdDecompressSync } from "node:zlib";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import { type AnyEvent, type AnyFrame, Client } from "../harness/client.ts";
import { FIXTURES, Gateway } from "../harness/gateway.ts";

const RECORDING = `${FIXTURES}/emn-30b-15m.snapshot.zst`;
const RING_EVENTS = 136_891;
/** Events per type of the recording. Source: ring-and-events §7. */
const COUNTS: Readonly<Record<string, number>> = {
  BlockStart: 30,
  BlockPerfEvmEnter: 30,
  BlockPerfEvmExit: 30,
  BlockEnd: 30,
  BlockQC: 30,
  BlockFinalized: 30,
  BlockVerified: 29,
  TxnHeaderStart: 6187,
  TxnAccessListEntry: 121,
  TxnHeaderEnd: 6187,
  TxnPerfEvmEnter: 6187,
  TxnPerfEvmExit: 6187,
  TxnEvmOutput: 6187,
  TxnLog: 8299,
  TxnCallFrame: 21077,
  TxnEnd: 6187,
  AccountAccessListHeader: 6247,
  AccountAccess: 25530,
  StorageAccess: 38286,
};

/** The frames of a client that subscribed to everything before the recording began. */
async function takeAll(): Promise<AnyFrame[]> {
  const flags = ["--ring", RECORDING, "--unrestricted", "--wait-for-subscriber", "--speed", "max"];
  await using gateway = await Gateway.start(flags);
  await gateway.ready();
  await using client = await Client.connect(gateway.url());
  client.send({ subscribe: EVENT_NAMES });
  await client.until(
    "the last event comes",
    ({ frames }) => frames.at(-1)?.Events?.some((event: AnyEvent) => event.seqno === RING_EVENTS),
  );
  return client.frames;
}

const frames = await takeAll();
const events: AnyEvent[] = frames.flatMap((frame) => frame.Events ?? []);
const ringEvents = events.filter((event) => event.event_name !== "NativeTransfer");

Deno.test("a client that subscribes to everything gets every ring event once, in ring order", () => {
  assert.equal(ringEvents.length, RING_EVENTS);
  assert.ok(ringEvents.every((event, index) => event.seqno === index + 1));
  assert.ok(!frames.some((frame) => frame.Warning !== undefined));
});

Deno.test("the counts per type are those of the recording", () => {
  const counts: Record<string, number> = {};
  for (const { event_name } of ringEvents) counts[event_name] = (counts[event_name] ?? 0) + 1;
  assert.deepEqual(counts, { ...COUNTS });
});

Deno.test("3.3 seq is base + 16·seqno + slot, a NativeTransfer in slot 1, and the base of a snapshot is 0", () => {
  for (const { seq, Events } of frames.slice(1)) {
    const last = Events.at(-1);
    assert.equal(seq, 16 * last.seqno + (last.event_name === "NativeTransfer" ? 1 : 0));
  }
});

Deno.test("3.4 seqs strictly increase, and no frame exceeds 64 KiB unless it holds one event", () => {
  const encoder = new TextEncoder();
  let before = 0;
  for (const frame of frames.slice(1)) {
    assert.ok(frame.seq > before, `${frame.seq} after ${before}`);
    before = frame.seq;
    const size = encoder.encode(JSON.stringify(frame)).length;
    assert.ok(size <= 1 << 16 || frame.Events.length === 1, `${size} bytes, ${frame.Events.length} events`);
  }
});

Deno.test("5.1 every NativeTransfer follows a call frame of its own, and value moves only in successful transactions", () => {
  const succeeded = new Set<string>();
  for (const { event_name, txn_hash, payload } of ringEvents) {
    if (event_name === "TxnEvmOutput" && payload.status) succeeded.add(txn_hash);
  }
  let expected = 0;
  const failedDepth = new Map<string, number>();
  for (const [index, { event_name, txn_hash, payload }] of events.entries()) {
    if (event_name !== "TxnCallFrame") continue;
    const failed = failedDepth.get(txn_hash) ?? Infinity;
    if (payload.depth <= failed) failedDepth.delete(txn_hash);
    if (!failedDepth.has(txn_hash) && payload.evmc_status !== 0) failedDepth.set(txn_hash, payload.depth);
    const moves = succeeded.has(txn_hash) && !failedDepth.has(txn_hash) && payload.value !== "0x0" &&
      ["CALL", "CREATE", "CREATE2", "SELFDESTRUCT"].includes(payload.opcode_name);
    if (moves) expected++;
    const next = events[index + 1];
    assert.equal(next?.event_name === "NativeTransfer", moves, `behind seqno ${events[index].seqno}`);
    if (moves) assert.deepEqual({ ...next.payload, type: "TxnCallFrame" }, payload);
  }
  assert.ok(expected > 1000, `${expected} transfers`);
});

Deno.test("transactions, receipts, logs and stages agree with the oracle", async () => {
  const items = await oracle();
  const byHash = Map.groupBy(ringEvents, (event) => event.txn_hash);
  let transactions = 0;
  for (const { Executed } of items.filter((item) => item.Executed !== undefined)) {
    for (const expected of Executed.transactions) {
      const { txn_envelope: envelope, receipt } = expected;
      const own = byHash.get(envelope.hash)!;
      const only = (name: string) => own.filter((event) => event.event_name === name).map((event) => event.payload);
      const [header] = only("TxnHeaderStart");
      assert.deepEqual(
        [header.txn_index, header.sender, header.txn_type, header.nonce, header.gas_limit, header.value, header.data],
        [
          ...[expected.txn_index, expected.sender, Number(envelope.type), envelope.nonce, envelope.gasLimit],
          ...[envelope.value, envelope.input],
        ],
      );
      assert.equal(header.is_contract_creation ? null : header.to, envelope.to);
      assert.deepEqual([header.r, header.s], [envelope.r, envelope.s]);
      assert.equal(header.max_fee_per_gas, quantity(envelope.maxFeePerGas ?? envelope.gasPrice));
      const [output] = only("TxnEvmOutput");
      assert.deepEqual([output.status, output.gas_used], [receipt.status === 1, expected.txn_gas_used]);
      const logs = only("TxnLog").map(({ address, topics, data }) => ({ address, topics, data }));
      assert.deepEqual(logs, receipt.logs.map(({ address, topics, data }: AnyEvent) => ({ address, topics, data })));
      const entries = only("TxnAccessListEntry").map(({ address, storage_keys }) => ({
        address,
        storageKeys: storage_keys,
      }));
      assert.deepEqual(entries, envelope.accessList ?? []);
      transactions++;
    }
  }
  assert.equal(transactions, 6187);
  const referenda = items.filter((item) => item.Referendum !== undefined).map(({ Referendum }) => Referendum);
  const consensus = ringEvents.filter((event) => /^Block(QC|Finalized|Verified)$/.test(event.event_name));
  assert.deepEqual(
    consensus.map(({ payload, commit_stage, block_number }) => [payload.block_id, block_number, commit_stage]),
    referenda.map(({ block_tag, outcome }) => [block_tag.id, block_tag.block_number, outcome]),
  );
});

/** The items of the oracle that are in the ring. */
async function oracle(): Promise<AnyEvent[]> {
  const packed = await Deno.readFile(`${FIXTURES}/emn-30b-15m.expected.json.zst`);
  return JSON.parse(new TextDecoder().decode(zstdDecompressSync(packed))).slice(0, 119);
}

function quantity(value: string | number): string {
  return typeof value === "number" ? `0x${value.toString(16)}` : value;
}
