// The metrics that clients get against computations in Python over the events of a firehose (protocol section 8).
// tests/conformance/metrics_test.ts has the same for a node that runs transactions at one time.

import assert from "node:assert/strict";
import { type AnyFrame, Client } from "../harness/client.ts";
import { FIXTURES, Gateway } from "../harness/gateway.ts";
import { compute } from "../harness/independent.ts";

const EVENTS = ["BlockStart", "BlockEnd", "TxnHeaderStart", "TxnEnd", "AccountAccess", "StorageAccess"];

/** What a client got that was there from the recording's first event to its last. */
async function recorded(metric: string): Promise<Client> {
  const flags = ["--ring", `${FIXTURES}/emn-30b-15m.snapshot.zst`, "--unrestricted", "--wait-for-subscriber"];
  await using gateway = await Gateway.start([...flags, "--speed", "max"]);
  await gateway.ready();
  await using client = await Client.connect(gateway.url());
  client.send({ subscribe: { events: [...EVENTS, metric, "TPS"], block_ids: true } });
  await client.until("the last block's TPS comes", ({ frames }) => told(frames, "TPS").length === 30);
  return client;
}

const told = (frames: readonly AnyFrame[], metric: string) =>
  frames.filter((frame) => frame[metric] !== undefined).map((frame) => frame[metric]);

Deno.test("8.1 TPS after every block of the recording is what Python computes from its events", async () => {
  const { texts, frames } = await recorded("TPS");
  const computed = (await compute("tps.py", texts)).map(Number);
  assert.deepEqual(told(frames, "TPS"), computed);
  assert.ok(computed.some((tps) => tps > 0));
});

Deno.test("8.2 ContentionData of every block of the recording is what Python computes from its accesses", async () => {
  const { texts, frames } = await recorded("ContentionData");
  const computed = (await compute("contention.py", texts)).map((line) => JSON.parse(line));
  assert.deepEqual(told(frames, "ContentionData"), computed);
  assert.ok(
    computed.some(({ contract_edges, write_contended_slot_count }) =>
      contract_edges.length > 0 && write_contended_slot_count > 0
    ),
  );
});

Deno.test("8.3 TopAccesses lists what a sketch of its size must list, by exact counts in Python", async () => {
  const { texts } = await recorded("TopAccesses");
  const said = await compute("top_accesses.py", texts);
  assert.ok(said.length >= 2 && said.every((line) => line.startsWith("ok ")), said.join("; "));
});
