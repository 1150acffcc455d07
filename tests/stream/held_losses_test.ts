// What a gap makes lost besides its own events, for who waits for a stage or for whole transactions: it is told with its
// exact count and range, right before the gap or where it is known (protocol 7.3 to 7.5, 10.2).

import assert from "node:assert/strict";
import { entryText, GAP_TYPE, STAGE } from "../../src/stream/log.ts";
import type { AnyEvent } from "../harness/client.ts";
import { type Playback, Socket, subscription } from "./delivered.ts";
import { Simulation } from "./simulated.ts";

const EVENTS = ["BlockStart", "TxnHeaderStart", "TxnLog", "BlockEnd"];
const STAGES = ["Voted", "Finalized", "Verified"] as const;

/** Everything that a subscription delivers of the whole log. */
function deliver(play: Playback, asked: unknown): Socket {
  play.begin();
  const socket = new Socket();
  play.groups.subscribe(socket, subscription(asked), []);
  play.turn();
  play.deliverAll([socket]);
  return socket;
}

/** The texts of the log's own gaps. */
function gapsOf(play: Playback): string[] {
  const gaps: string[] = [];
  for (let entry = 0; entry < play.length; entry++) {
    if (play.log.type(entry) === GAP_TYPE) gaps.push(entryText(play.log, entry));
  }
  return gaps;
}

const seqnosOf = (events: readonly AnyEvent[]) => new Set(events.map(({ seqno }) => seqno));

/** What was wanted, not delivered and not decided against, from the log's texts alone; of one ring. */
function missing(play: Playback, got: Socket): AnyEvent[] {
  const losers = new Set(
    play.entriesOf("Lifecycle").filter((entry) => play.log.stage(entry) > STAGE.verified)
      .map((entry) => play.log.proposal(entry)),
  );
  const delivered = seqnosOf(got.frames.flatMap((frame) => frame.Events ?? []));
  return play.entriesOf(...EVENTS).filter((entry) => !losers.has(play.log.proposal(entry)))
    .map((entry) => JSON.parse(entryText(play.log, entry))).filter(({ seqno }) => !delivered.has(seqno));
}

Deno.test("10.2 what was held when the node dies is told before the restart, exactly, and the gap follows", async () => {
  await using node = await Simulation.start();
  await node.burst(4005); // within a block
  await node.tell("crash 20");
  await node.gaps(1);
  const play = node.playback();
  const [restart = ""] = gapsOf(play);
  for (const min_stage of STAGES) {
    const socket = deliver(play, { events: EVENTS, min_stage });
    const lost = missing(play, socket);
    assert.ok(lost.length > 0, min_stage);
    const range = { from_seqno: lost[0].seqno, to_seqno: lost.at(-1).seqno };
    const { length } = lost;
    const expected = { type: "gap", dropped: length, reason: "source_restarted", ...range };
    assert.deepEqual(socket.warnings, [expected, JSON.parse(restart).Warning], min_stage);
    assert.equal(socket.texts.at(-1), restart);
  }
  assert.deepEqual(
    deliver(play, EVENTS).warnings,
    [JSON.parse(restart).Warning],
    "who waits for nothing loses nothing",
  );
});

Deno.test("10.2 the held half of a block that a gap cuts is told with the gap's reason, right before it", async () => {
  await using node = await Simulation.start();
  await node.burst(3000);
  await node.tell("record-error missing");
  await node.burst(3000);
  const play = node.playback();
  const [gap = ""] = gapsOf(play);
  const { Warning } = JSON.parse(gap);
  assert.equal(Warning.reason, "record_error");
  for (const min_stage of STAGES) {
    const socket = deliver(play, { events: EVENTS, min_stage });
    const at = socket.texts.indexOf(gap);
    const { Warning: own } = socket.frames[at - 1]!;
    const half = missing(play, socket).filter((event) => {
      return event.seqno < Warning.from_seqno && event.seqno >= own.from_seqno;
    });
    assert.equal(half[0].event_name, "BlockStart");
    assert.equal(new Set(half.map((event) => event.block_number)).size, 1);
    const range = { from_seqno: half[0].seqno, to_seqno: half.at(-1).seqno };
    assert.deepEqual(own, { type: "gap", dropped: half.length, reason: "record_error", ...range });
    assert.deepEqual(socket.warnings, [own, Warning], `${min_stage}: no other block became doubtful for good`);
  }
});

Deno.test("7.3 a block that has ended before a gap is whole: it is delivered when it is final", async () => {
  await using node = await Simulation.start();
  await node.burst(2000);
  let play = node.playback();
  const newest = () => play.nameOf(play.entriesOf(...EVENTS, "TxnEnd", "BlockPerfEvmExit", "BlockQC").at(-1)!);
  while (newest() !== "BlockEnd") {
    await node.burst(1);
    play = node.playback();
  }
  const ended = play.entriesOf("BlockEnd").at(-1)!;
  const proposal = play.log.proposal(ended);
  await node.tell("corrupt type");
  await node.burst(2000);
  play = node.playback();
  assert.equal(gapsOf(play).length, 1);
  const block = play.entriesOf(...EVENTS).filter((entry) => play.log.proposal(entry) === proposal);
  const seqnos = block.map((entry) => JSON.parse(entryText(play.log, entry)).seqno);
  for (const min_stage of STAGES) {
    const socket = deliver(play, { events: EVENTS, min_stage });
    const got = seqnosOf(socket.frames.flatMap((frame) => frame.Events ?? []));
    assert.ok(seqnos.every((seqno) => got.has(seqno)), min_stage);
  }
});

Deno.test("6.6 the part of a whole transaction that a gap cuts is told with the gap's reason", async () => {
  await using node = await Simulation.start();
  await node.burst(2000);
  await node.tell("record-error missing");
  await node.burst(2000);
  const play = node.playback();
  const [gap = ""] = gapsOf(play);
  const socket = deliver(play, { events: ["TxnHeaderStart"], correlate: "transaction" });
  const at = socket.texts.indexOf(gap);
  const { Warning } = JSON.parse(gap);
  const { Warning: own } = socket.frames[at - 1]!;
  const everything = deliver(play, { events: ["TxnHeaderStart"], correlate: true });
  const got = seqnosOf(socket.frames.flatMap((frame) => frame.Events ?? []));
  const lost = everything.frames.flatMap((frame) => frame.Events ?? [])
    .filter(({ seqno }) => !got.has(seqno) && seqno < Warning.from_seqno);
  assert.ok(lost.length > 0 && lost[0].event_name === "TxnHeaderStart");
  const range = { from_seqno: lost[0].seqno, to_seqno: lost.at(-1).seqno };
  assert.deepEqual(own, { type: "gap", dropped: lost.length, reason: Warning.reason, ...range });
  assert.equal(socket.warnings.length, 2);
});
