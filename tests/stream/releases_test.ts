// Held blocks and whole transactions on a real log: in parts, with the stage that released them, and when the window
// passes what a slow client waits for (protocol 6.6, 7.1 and 7.5).

import assert from "node:assert/strict";
import { Delivery } from "../../src/stream/delivery.ts";
import { MAX_FRAME_BYTES } from "../../src/stream/frame.ts";
import { MAX_UNSENT_BYTES } from "../../src/stream/member.ts";
import type { AnyEvent, AnyFrame } from "../harness/client.ts";
import { Playback, Socket, subscription } from "./delivered.ts";

const EVENTS = ["BlockStart", "TxnHeaderStart", "TxnLog", "TxnCallFrame", "BlockEnd"];

/** Runs of frames with seq 0 and the frame that ends them. */
function releases(frames: readonly AnyFrame[]): AnyFrame[][] {
  const runs: AnyFrame[][] = [[]];
  for (const frame of frames) {
    runs.at(-1)!.push(frame);
    if (frame.seq !== 0) runs.push([]);
  }
  assert.deepEqual(runs.pop(), [], "the last part has a seq");
  return runs;
}

for (const blockIds of [false, true]) {
  Deno.test(`7.1 a release ${blockIds ? "with block ids " : ""}larger than 64 KiB comes in parts, of which only the last has a seq`, async () => {
    using play = await Playback.of("emn-30b-15m");
    const socket = new Socket();
    const asked = { events: EVENTS, min_stage: "Finalized", block_ids: blockIds };
    play.groups.subscribe(socket, subscription(asked), []);
    for (let head = 0; head < play.length + 5000; head += 5000) play.turn(head);
    play.deliverAll([socket]);
    for (const [index, { length }] of socket.texts.entries()) {
      const isAlone = JSON.parse(socket.texts[index]!).Events.length === 1;
      assert.ok(length <= MAX_FRAME_BYTES || isAlone, `${length} bytes`);
    }
    const runs = releases(socket.frames);
    const finalized = play.entriesOf("BlockFinalized");
    assert.deepEqual(runs.map((run) => run.at(-1).seq), play.seqsOf(finalized));
    assert.ok(runs.some((run) => run.length > 1));
    const events: AnyEvent[] = socket.frames.flatMap((frame) => frame.Events);
    assert.ok(events.every((event) => event.commit_stage === "Finalized"));
    assert.ok(events.every((event) => Object.hasOwn(event, "block_id") === blockIds));
    const numbers = new Set(finalized.map((entry) => play.log.blockNumber(entry)));
    const wanted = play.entriesOf(...EVENTS).filter((entry) => numbers.has(play.log.blockNumber(entry)));
    assert.deepEqual(socket.seqs, play.seqsOf(wanted));
  });
}

Deno.test("6.6 a whole transaction comes in ring order with the seq of its end, and nothing of the others", async () => {
  using play = await Playback.of("emn-1b-15m");
  const socket = new Socket();
  play.groups.subscribe(socket, subscription({ events: ["TxnLog"], correlate: "transaction" }), []);
  for (let head = 0; head < play.length + 700; head += 700) play.turn(head);
  play.deliverAll([socket]);
  const ends = play.entriesOf("TxnEnd");
  const matched = new Set(play.entriesOf("TxnLog").map((entry) => play.log.txn(entry)));
  const runs = releases(socket.frames);
  const matchedEnds = ends.filter((entry) => matched.has(play.log.txn(entry)));
  assert.deepEqual(runs.map((run) => run.at(-1).seq), play.seqsOf(matchedEnds));
  for (const [index, run] of runs.entries()) {
    const events: AnyEvent[] = run.flatMap((frame) => frame.Events);
    const txn = play.log.txn(matchedEnds[index]!);
    assert.equal(events[0].event_name, "TxnHeaderStart");
    assert.equal(events.at(-1).event_name, "TxnEnd");
    assert.ok(events.every((event) => event.txn_idx === txn - 1));
    assert.ok(events.every((event, at) => at === 0 || event.seqno >= events[at - 1].seqno));
  }
});

Deno.test("7.3 a subscription that begins in the middle of a block delivers the whole block when it is released", async () => {
  using play = await Playback.of("emn-30b-15m");
  const [early, late] = [new Socket(), new Socket()];
  const asked = subscription({ events: EVENTS, min_stage: "Voted" });
  const qcs = play.entriesOf("BlockQC");
  const begin = qcs[3]! - 50;
  play.groups.subscribe(early, asked, []);
  play.turn(begin);
  play.deliverAll([early]);
  const { length } = early.texts;
  play.groups.leave(early);
  play.groups.subscribe(late, asked, []);
  play.turn();
  play.deliverAll([late]);
  using whole = await Playback.of("emn-30b-15m");
  const reference = new Socket();
  whole.groups.subscribe(reference, asked, []);
  whole.turn();
  whole.deliverAll([reference]);
  assert.deepEqual(late.texts, reference.texts.slice(length));
});

Deno.test("6.6 a subscription to whole transactions that begins within one delivers all of it when it ends", async () => {
  using play = await Playback.of("emn-1b-15m");
  const socket = new Socket();
  const logs = play.entriesOf("TxnLog");
  const inside = logs[100]!; // its transaction has begun and not ended
  play.turn(inside);
  play.groups.subscribe(socket, subscription({ events: ["TxnLog"], correlate: "transaction" }), []);
  play.turn();
  play.deliverAll([socket]);
  const [first] = socket.frames;
  assert.equal(first.Events[0].event_name, "TxnHeaderStart");
  assert.equal(first.Events[0].txn_idx, play.log.txn(inside) - 1);
});

Deno.test("7.5 what the window takes from a client that waits for releases is dropped and told, and the rest comes", async () => {
  using play = await Playback.of("emn-30b-15m", { slowOffLimit: 1_000_000 });
  const slow = new Socket();
  play.groups.subscribe(slow, subscription({ events: [...EVENTS, "Lifecycle"], min_stage: "Voted" }), []);
  slow.unsentBytes = MAX_UNSENT_BYTES + 1;
  play.turn();
  // Behind the message that a block is Proposed stands its release, which begins with its BlockStart: that is older.
  const lifecycle = play.entriesOf("Lifecycle").filter((entry) => play.log.stage(entry) === 1);
  play.release(lifecycle[10]!);
  slow.drain();
  play.deliverAll([slow]);
  assert.equal(slow.warnings.at(-1).type, "backpressure");
  assert.equal(play.groups.size, 1);
  const got = slow.seqs;
  assert.ok(got.includes(play.log.seq(lifecycle[10]!)));
  const wanted = play.entriesOf(...EVENTS, "Lifecycle");
  assert.equal(got.at(-1), play.seqsOf(wanted.filter((entry) => play.log.type(entry) === 29)).at(-1));
});

Deno.test("11.2 a delivery list forgets what every member has, releases too, and keeps the rest", () => {
  const delivery = new Delivery();
  for (let turn = 0; turn < 1000; turn++) {
    delivery.push(10 * turn);
    delivery.pushRelease([10 * turn + 1, 10 * turn + 2], turn, 2, 10 * turn + 3);
    delivery.pushText("gap", 10 * turn + 4);
    const inside = delivery.end - 2; // the release's last entry
    delivery.trim(inside);
    assert.equal(delivery.releaseAround(inside)?.release.seq, turn);
    assert.equal(delivery.at(inside), 10 * turn + 2);
    assert.equal(delivery.mark(delivery.end - 1), "gap");
    delivery.trim(delivery.end);
    assert.equal(delivery.start, delivery.end);
    assert.equal(delivery.releaseAround(inside), undefined);
    assert.equal(delivery.mark(inside + 1), undefined);
  }
});
