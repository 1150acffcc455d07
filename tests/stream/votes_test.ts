// When a block is released whose id has the stage before the block has ended, or before it has begun (protocol 7.1, 7.3).
// No node records votes in such places, so the recording is one whose votes were moved.

import assert from "node:assert/strict";
import type { AnyFrame } from "../harness/client.ts";
import { Recording } from "../harness/recording.ts";
import { Playback, Socket, subscription } from "./delivered.ts";

const CONSENSUS = ["BlockQC", "BlockFinalized", "BlockVerified"];
const EVENTS = ["BlockStart", "TxnLog", "BlockEnd", ...CONSENSUS];
const TYPE = { start: 2, end: 6, qc: 7 } as const;

/** Three blocks: the first has its vote behind its end, the second in its middle, the third before its start. */
async function withPlayback(body: (play: Playback) => void): Promise<void> {
  const recording = new Recording("emn-30b-15m", 14_801);
  const [starts, qcs] = [recording.seqnosOf(TYPE.start), recording.seqnosOf(TYPE.qc)];
  recording.moveBack(qcs[1]!, starts[1]! + 1500);
  recording.moveBack(qcs[2]!, starts[2]!);
  const path = Deno.makeTempFileSync({ prefix: "ringcast-test-" });
  try {
    recording.write(path);
    using play = await Playback.of(path);
    body(play);
  } finally {
    Deno.removeSync(path);
  }
}

/** What a subscription delivers of the whole recording. */
function everything(play: Playback, min_stage: string, turn = play.length): Socket {
  const socket = new Socket();
  play.begin();
  play.groups.subscribe(socket, subscription({ events: EVENTS, min_stage }), []);
  for (let head = 0; head < play.length + turn; head += turn) {
    play.turn(head);
    play.deliverAll([socket]);
  }
  return socket;
}

/** Seqs of frames and of what they say, with the parts of a split release as one. */
function messages(frames: readonly AnyFrame[]): { seq: number; names: string[]; stages: Set<string> }[] {
  const result: ReturnType<typeof messages> = [];
  let isGoingOn = false;
  for (const { seq, Events } of frames) {
    if (!isGoingOn) result.push({ seq: 0, names: [], stages: new Set() });
    const message = result.at(-1)!;
    message.seq = seq;
    for (const { event_name, commit_stage } of Events) {
      message.names.push(event_name);
      message.stages.add(commit_stage);
    }
    isGoingOn = seq === 0;
  }
  return result;
}

/** Names of the wanted entries of the block at place `block`, in ring order, up to and with the entry of this name. */
function namesOf(play: Playback, block: number, last: string): string[] {
  const number = play.log.blockNumber(play.entriesOf("BlockStart")[block]!);
  const names = play.entriesOf(...EVENTS).filter((entry) => play.log.blockNumber(entry) === number)
    .map((entry) => play.nameOf(entry));
  return names.slice(0, names.indexOf(last) + 1);
}

Deno.test("7.1 a block that is voted for before it ends is released whole at its end; what comes later is ordinary", () =>
  withPlayback((play) => {
    const [qcs, ends] = [play.seqsOf(play.entriesOf("BlockQC")), play.seqsOf(play.entriesOf("BlockEnd"))];
    const verified = play.seqsOf(play.entriesOf("BlockVerified"));
    // BlockFinalized and BlockVerified stand side by side, and share a frame as ordinary events do.
    const later = (block: number) => ({
      seq: verified[block],
      names: ["BlockFinalized", "BlockVerified"],
      stages: new Set(["Finalized", "Verified"]),
    });
    const voted = (seq: number | undefined, names: string[]) => ({ seq, names, stages: new Set(["Voted"]) });
    const expected = [
      voted(qcs[0], namesOf(play, 0, "BlockQC")),
      later(0),
      voted(ends[1], namesOf(play, 1, "BlockEnd")),
      later(1),
      voted(qcs[2], ["BlockQC"]),
      voted(ends[2], namesOf(play, 2, "BlockEnd").slice(1)),
      later(2),
    ];
    assert.ok(expected[2]!.names.includes("BlockQC"));
    assert.deepEqual(messages(everything(play, "Voted").frames), expected);
  }));

Deno.test("7.1 votes before the end of a block are held with it until a later stage", () =>
  withPlayback((play) => {
    const finalized = play.seqsOf(play.entriesOf("BlockFinalized"));
    const got = messages(everything(play, "Finalized").frames).filter(({ names }) => names.length > 1);
    assert.deepEqual(
      got,
      [0, 1, 2].map((block) => ({
        seq: finalized[block],
        names: namesOf(play, block, "BlockFinalized"),
        stages: new Set(["Finalized"]),
      })),
    );
  }));

Deno.test("7.3 a subscription that begins anywhere delivers whole what releases later, also behind its vote", () =>
  withPlayback((play) => {
    const { seqs } = everything(play, "Voted");
    const [start, end] = [play.entriesOf("BlockStart")[1]!, play.entriesOf("BlockEnd")[1]!];
    const [vote, verified] = [play.entriesOf("BlockQC")[1]!, play.entriesOf("BlockVerified")[0]!];
    assert.ok(start < vote && vote < end);
    // What an event causes becomes visible with it, so nobody begins between BlockStart and its Lifecycle message.
    for (const head of [start, start + 2, vote, vote + 2, end]) {
      const late = new Socket();
      play.begin();
      play.turn(head);
      play.groups.subscribe(late, subscription({ events: EVENTS, min_stage: "Voted" }), []);
      play.turn();
      play.deliverAll([late]);
      assert.deepEqual(late.seqs, seqs.slice(seqs.indexOf(play.log.seq(verified)) + 1), `at ${head}`);
    }
  }));

Deno.test("7.3 a block whose BlockStart has left the window is not delivered, whatever is left of it", () =>
  withPlayback((play) => {
    const [starts, ends] = [play.entriesOf("BlockStart"), play.entriesOf("BlockEnd")];
    for (
      const [block, later] of [[0, [["BlockQC"], ["BlockFinalized", "BlockVerified"]]], [2, [[
        "BlockFinalized",
      ]]]] as const
    ) {
      const late = new Socket();
      play.begin();
      play.turn(ends[block]);
      play.release(starts[block]! + 1);
      play.groups.subscribe(late, subscription({ events: EVENTS, min_stage: "Voted" }), []);
      play.turn();
      play.deliverAll([late]);
      // The block's end, which is all that the client would still have got of it.
      assert.deepEqual(late.warnings.map(({ reason, dropped }) => [reason, dropped]), [["window", 1]]);
      const events = late.frames.filter((frame) => frame.Events !== undefined);
      const names = messages(events).map(({ names }) => names);
      assert.deepEqual(names.slice(0, later.length), later, `block ${block}`);
      const next = names[later.length];
      assert.equal(next?.[0], block === 0 ? "BlockStart" : "BlockVerified");
    }
  }));
