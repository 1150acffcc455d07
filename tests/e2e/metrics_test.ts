// The metrics that clients get against computations in Python over the events of a firehose (protocol section 8): of a
// recording, and of a node in chaos with what section 10.2 says of gaps and restarts. tests/conformance/metrics_test.ts
// has the same for a node that runs transactions at one time.

import assert from "node:assert/strict";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import { type AnyFrame, Client } from "../harness/client.ts";
import { deadline } from "../harness/condition.ts";
import { FIXTURES, Gateway } from "../harness/gateway.ts";
import { compute } from "../harness/independent.ts";
import { Node, RingPlace } from "../harness/node.ts";

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

/** Slots of what follows from a BlockEnd, and of a TPS that falls. Source: protocol 3.3. */
const SLOTS: Readonly<Record<string, number>> = { TPS: 2, ContentionData: 3, TopAccesses: 4 };
const TIMER_SLOT = 15;

/** Bytes of a ring with 2^16 descriptors: header, descriptors, payloads. */
const RING_BYTES = (2 << 20) + (64 << 16) + (1 << 27);

/** Clocks that jump in every run, and what no chaos does: a ring loses its path, another one its file's last page. */
const SCHEDULE = [
  "event 12000 vanish",
  "event 20000 restart 150",
  "event 26000 clock 1800",
  "event 40000 clock -2500",
  // No more than that page, which no event has reached: who reads behind a file's end is ended by SIGBUS.
  `event 52000 truncate ${RING_BYTES - 4096}`,
  "event 52000 restart 400",
];

/** Whether a frame tells that a ring ended. */
const isRestart = ({ Warning }: AnyFrame) => Warning?.reason === "source_restarted" && Warning.dropped === undefined;

/** Whether frames have as much of everything as a run must bring; asked again and again, it looks at the new ones. */
function enough(): (client: Client) => boolean {
  let [looked, blocks, rates, tops, rings] = [0, 0, 0, 0, 0];
  return ({ frames }) => {
    for (; looked < frames.length; looked++) {
      const frame = frames[looked];
      if (frame.ContentionData !== undefined) blocks++;
      if (frame.TPS > 0) rates++;
      if (frame.TopAccesses !== undefined) tops++;
      if (isRestart(frame)) rings++;
    }
    return blocks >= 60 && rates >= 10 && tops >= 4 && rings >= 2;
  };
}

/** What a client got that saw a node in chaos from its first event until its last ring was gone. */
async function inChaos(seed: number): Promise<Pick<Client, "texts" | "frames">> {
  using place = new RingPlace();
  const schedule = `${place.ring}.schedule`;
  await Deno.writeTextFile(schedule, SCHEDULE.join("\n"));
  // Large enough that nothing leaves it and the client is not too slow for it, whatever chaos lets expire.
  const room = ["--window-bytes", "2GiB", "--buffer-per-client", "1000000"];
  await using gateway = await Gateway.start(["--ring", place.ring, "--unrestricted", ...room]);
  await using client = await Client.connect(gateway.url());
  client.send({ subscribe: [...EVENT_NAMES, "TPS", "ContentionData", "TopAccesses"] });
  await client.frame("Hello");
  await using node = await Node.start(
    [
      ...["run", "--seed", `${seed}`, "--chaos", `${seed}`, "--schedule", schedule],
      // Chaos may have the node rush through much of it in an instant, in which nobody would find its ring.
      ...["--paused", "--block-ms", "50", "--txns-per-block", "40", "--descriptor-shift", "16"],
    ],
    place.ring,
  );
  const status = async () => (await gateway.get("/v1/status")).body;
  await deadline("the gateway has found the ring", async () => (await status()).source_state === "reading");
  await node.tell("resume");
  await client.until("enough of everything comes", enough());
  // Only a reader that stands still is overtaken, and nobody can say where a node that chaos drives is just then.
  gateway.kill("SIGSTOP");
  try {
    await node.tell("overrun");
    await node.tell("stop");
    assert.equal(await node.ended(), 0);
  } finally {
    gateway.kill("SIGCONT");
  }
  await deadline("the gateway has taken everything and waits for a ring", async () => {
    const { source_state, server_seqno, newest_seqno } = await status();
    return source_state === "down" && server_seqno === newest_seqno;
  });
  // What is subscribed next is answered behind everything that was due before.
  client.send({ subscribe: { events: ["TxnEnd"], id: "end" } });
  await client.frame("Subscribed");
  const end = client.frames.findIndex(({ Subscribed }) => Subscribed !== undefined);
  const [texts, frames] = [client.texts.slice(0, end), client.frames.slice(0, end)];
  assert.ok(isRestart(frames.at(-1)));
  const isLoss = ({ Warning }: AnyFrame) => Warning?.type === "backpressure" || Warning?.reason === "window";
  assert.equal(frames.find(isLoss), undefined);
  return { texts, frames };
}

/** Asserts that every metric stands in its slot behind the BlockEnd that caused it, and falls behind everything. */
function assertPlaced(frames: readonly AnyFrame[]): void {
  let newest = 0;
  let cause: AnyFrame;
  for (const [i, frame] of frames.entries()) {
    if (frame.seq > 0) assert.ok(frame.seq > newest, `${frame.seq} follows ${newest}`);
    newest = Math.max(newest, frame.seq);
    if (frame.Events !== undefined) cause = frame;
    const slot = SLOTS[Object.keys(frame)[1]!];
    if (slot === undefined) continue;
    const { event_name, seqno } = cause.Events.at(-1);
    if (frame.TPS === 0 && frame.seq % 16 === TIMER_SLOT) {
      const next = frames[i + 1];
      // What a ring lost at its end counts as its events.
      const lost = next !== undefined && isRestart(next) ? next.Warning.from_seqno - 1 - seqno : 0;
      assert.equal(frame.seq, cause.seq - cause.seq % 16 + 16 * lost + TIMER_SLOT, "a fall of TPS");
    } else assert.deepEqual([event_name, frame.seq], ["BlockEnd", cause.seq + slot], JSON.stringify(frame));
  }
}

Deno.test("8, 10.2 on a chaos node the metrics are what Python computes, with nothing of what a gap cut", async () => {
  const seed = Number(Deno.env.get("METRICS_SEED") ?? Math.floor(Math.random() * 2 ** 32));
  console.log(`seed ${seed}`);
  const { texts, frames } = await inChaos(seed);
  assertPlaced(frames);
  const lines = await compute("metrics.py", texts);
  const computed = (what: string) =>
    lines.filter((line) => line.startsWith(`${what} `)).map((line) => line.slice(what.length + 1));
  assert.deepEqual(told(frames, "TPS"), computed("Tps").map(Number));
  assert.deepEqual(told(frames, "ContentionData"), computed("ContentionData").map((line) => JSON.parse(line)));
  const seqs = frames.filter(({ TopAccesses }) => TopAccesses !== undefined).map(({ seq }) => seq);
  assert.deepEqual(seqs, computed("TopAccessesDue").map(Number));
  const said = computed("TopAccesses");
  assert.ok(said.length === 2 * seqs.length && said.every((line) => line.startsWith("ok ")), said.join("; "));
});
