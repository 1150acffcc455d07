// What the window takes from clients before they have it: counted as their subscriptions have it, also across a change of
// Subscribe and during a replay; gaps among it are told all the same (protocol 7.5, 10.2, 11.2).

import assert from "node:assert/strict";
import { entryText, GAP_TYPE } from "../../src/stream/log.ts";
import { MAX_UNSENT_BYTES } from "../../src/stream/member.ts";
import { EVERYTHING } from "../../src/stream/resume.ts";
import { Playback, seqOf, Socket, subscription } from "./delivered.ts";
import { Simulation } from "./simulated.ts";

const LIMITS = { slowOffLimit: 1_000_000 };

/** A socket that takes nothing until it is drained. */
function stalled(): Socket {
  const socket = new Socket();
  socket.unsentBytes = MAX_UNSENT_BYTES + 1;
  return socket;
}

/** The total of drops that a client was last told of. */
const total = (socket: Socket) => socket.warnings.findLast(({ type }) => type === "backpressure")?.dropped;

Deno.test("10.2 a gap that the window took from a stalled client is told as it was, and is no drop", async () => {
  await using node = await Simulation.start();
  await node.burst(2000);
  await node.tell("record-error missing");
  await node.burst(4000);
  const play = node.playback({ bufferPerClient: 4096, slowOffLimit: 1_000_000 });
  const gap = Array.from({ length: play.length }, (_, entry) => entry).find((at) => play.log.type(at) === GAP_TYPE)!;
  const text = entryText(play.log, gap);
  for (const asked of [["TxnLog"], { events: ["TxnLog", "TxnHeaderStart"], correlate: true }]) {
    play.begin();
    const slow = stalled();
    play.groups.subscribe(slow, subscription(asked), []);
    play.turn();
    const logs = play.entriesOf("TxnLog");
    // Held by nobody: the log is read again by the next subscription, so only the groups lose it.
    play.groups.lose(gap + 500);
    play.deliverAll([slow]);
    assert.ok(slow.texts.includes(text));
    assert.equal(slow.warnings.filter(({ type }) => type === "gap").length, 1);
    if (Array.isArray(asked)) assert.equal(total(slow), logs.filter((entry) => entry < gap + 500).length);
    assert.ok(slow.texts.indexOf(text) < slow.frames.findIndex((frame) => frame.Events !== undefined));
  }
});

Deno.test("11.2 across a change of Subscribe the window's drops are those of the one before and the one after, exactly", async () => {
  using play = await Playback.of("emn-1b-15m", LIMITS);
  const slow = stalled();
  play.groups.subscribe(slow, subscription(["TxnCallFrame"]), []);
  const [change, second, start] = [2000, 3000, 4000];
  play.turn(change);
  play.groups.subscribe(slow, subscription(["TxnLog", "TxnEnd"]), ['{"seq":0,"Subscribed":1}']);
  play.turn(second);
  play.groups.subscribe(slow, subscription(["StorageAccess"]), ['{"seq":0,"Subscribed":2}']);
  play.turn(5000);
  const within = (names: readonly string[], from: number, to: number) =>
    play.entriesOf(...names).filter((entry) => entry >= from && entry < to);
  const lost = [
    ...within(["TxnCallFrame"], 0, change),
    ...within(["TxnLog", "TxnEnd"], change, second),
    ...within(["StorageAccess"], second, start),
  ].length;
  const kept = play.seqsOf(within(["StorageAccess"], start, play.length));
  play.release(start);
  play.turn();
  play.deliverAll([slow]);
  assert.ok(lost > 500 && lost !== start, `${lost} lost`);
  assert.equal(total(slow), lost);
  assert.deepEqual(slow.warnings.filter(({ type }) => type === "gap"), []);
  assert.deepEqual(slow.seqs, kept);
  const tails = slow.frames.filter((frame) => frame.Subscribed !== undefined).map((frame) => frame.Subscribed);
  assert.deepEqual(tails, [1, 2]);
});

Deno.test("11.2 a replay that the window overtakes loses what it took, exactly counted, and goes on", async () => {
  using play = await Playback.of("emn-1b-15m", LIMITS);
  const slow = stalled();
  play.grow(6000);
  play.groups.replay(slow, EVERYTHING, 100, 6000);
  play.groups.deliver(true);
  const kept = play.seqsOf(Array.from({ length: 1000 }, (_, i) => 5000 + i));
  play.release(5000);
  play.deliverAll([slow]);
  assert.equal(slow.replays, 1);
  assert.equal(total(slow), 4900);
  assert.deepEqual(slow.seqs, kept);
});

Deno.test("11.2 who loses more than the limit to the window is given up, in a replay too", async () => {
  using play = await Playback.of("emn-1b-15m", { slowOffLimit: 1000 });
  const [slow, patient] = [stalled(), stalled()];
  play.grow(6000);
  play.groups.replay(slow, EVERYTHING, 100, 6000);
  play.groups.replay(patient, EVERYTHING, 4500, 6000);
  play.groups.deliver(true);
  play.release(5000);
  assert.deepEqual([slow.evictions, patient.evictions], [1, 0]);
  assert.equal(play.groups.size, 1);
});

Deno.test("7.5 what was held until the window lost it is told with its exact count and range, the rest of its block too", async () => {
  using play = await Playback.of("emn-30b-15m", LIMITS);
  const names = ["BlockStart", "TxnHeaderStart", "TxnLog", "BlockEnd"];
  const asked = subscription({ events: names, min_stage: "Verified" });
  const starts = play.entriesOf("BlockStart");
  const ends = play.entriesOf("BlockEnd");
  const wanted = play.entriesOf(...names);
  const socket = new Socket();
  play.groups.subscribe(socket, asked, []);
  // In the middle of the third block, of which the window loses the beginning while it is open.
  const middle = Math.floor((starts[2]! + ends[2]!) / 2);
  play.turn(middle);
  play.deliverAll([socket]);
  const text = (entry: number) => JSON.parse(entryText(play.log, entry));
  const gapOf = (entries: readonly number[]) => ({
    ...{ type: "gap", dropped: entries.length, reason: "window" },
    ...{ from_seqno: text(entries[0]!).seqno, to_seqno: text(entries.at(-1)!).seqno },
  });
  const block = wanted.filter((entry) => entry >= starts[2]! && entry <= ends[2]!);
  const expected = [
    gapOf(block.filter((entry) => entry < middle)),
    gapOf(block.filter((entry) => entry >= middle)),
  ];
  play.release(starts[2]! + 1);
  play.turn(ends[2]! + 10);
  play.deliverAll([socket]);
  assert.deepEqual(socket.warnings, expected);
  play.turn();
  play.deliverAll([socket]);
  const got = socket.seqs;
  assert.deepEqual(socket.warnings.length, expected.length);
  const lost = new Set(play.seqsOf(block.filter((entry) => entry >= play.log.oldest)));
  assert.ok(got.length > 0 && got.every((seq) => !lost.has(seq)));
});

Deno.test("6.6 a whole transaction whose beginning the window lost is told, and no part of it is passed off as all", async () => {
  using play = await Playback.of("emn-1b-15m", LIMITS);
  const socket = new Socket();
  const logs = play.entriesOf("TxnLog");
  const inside = logs[100]!; // its transaction has begun and not ended
  const names = ["TxnHeaderStart", "TxnLog", "TxnEnd"];
  const recorded = new Map(names.map((name) => [name, play.entriesOf(name)]));
  const txnOf = new Map([...recorded.values()].flat().map((entry) => [entry, play.log.txn(entry)]));
  play.groups.subscribe(socket, subscription({ events: ["TxnLog"], correlate: "transaction" }), []);
  play.turn(inside + 1);
  play.deliverAll([socket]);
  const { length } = socket.frames;
  play.release(inside);
  play.turn();
  play.deliverAll([socket]);
  // Transactions are recorded side by side: others had begun as well.
  const txnsOf = (name: string, isIn: (entry: number) => boolean) =>
    new Set(recorded.get(name)!.filter(isIn).map((entry) => txnOf.get(entry)));
  const begun = txnsOf("TxnHeaderStart", (entry) => entry < inside);
  const ended = recorded.get("TxnEnd")!.filter((entry) => entry > inside && begun.has(txnOf.get(entry)));
  const matched = txnsOf("TxnLog", () => true);
  const cut = ended.filter((entry) => matched.has(txnOf.get(entry)));
  const told = socket.warnings;
  assert.ok(cut.some((entry) => txnOf.get(entry) === txnOf.get(inside)));
  const expected = cut.map((entry) => ({ type: "gap", reason: "window", to_seqno: play.log.seq(entry) / 16 }));
  assert.deepEqual(told, expected);
  const cutTxns = new Set(cut.map((entry) => txnOf.get(entry)! - 1));
  const events = socket.frames.slice(length).flatMap((frame) => frame.Events ?? []);
  assert.ok(events.every(({ txn_idx }) => !cutTxns.has(txn_idx)));
});

Deno.test("7.5 a block whose start the window lost before a client came to it is told when it has ended, with what is wanted of it", async () => {
  using play = await Playback.of("emn-30b-15m");
  const [, start, following] = play.entriesOf("BlockStart");
  // A replay ended there, so slowly that the window has moved meanwhile.
  const from = start! + 100;
  play.turn(from + 50);
  play.release(start! + 10);
  const socket = new Socket();
  const names = ["BlockStart", "TxnLog", "BlockEnd"];
  play.groups.subscribe(socket, subscription({ events: names, min_stage: "Finalized" }), [], from);
  play.turn();
  play.deliverAll([socket]);
  const lost = play.entriesOf("TxnLog", "BlockEnd").filter((entry) => entry >= from && entry < following!)
    .map((entry) => JSON.parse(entryText(play.log, entry)).seqno);
  assert.ok(lost.length > 10);
  const range = { from_seqno: lost[0], to_seqno: lost.at(-1) };
  assert.deepEqual(socket.warnings, [{ type: "gap", dropped: lost.length, reason: "window", ...range }]);
  const [first] = socket.frames.flatMap((frame) => frame.Events ?? []);
  assert.deepEqual([first.event_name, seqOf(first)], ["BlockStart", play.seqsOf([following!])[0]]);
});
