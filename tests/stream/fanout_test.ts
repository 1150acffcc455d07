// What is handed to many sockets at once: the same frames for everybody, and nothing lost or twice whatever each of them
// takes. Real log and real groups; the sockets do what the test or a seed says.

import assert from "node:assert/strict";
import { Group } from "../../src/stream/group.ts";
import { Groups } from "../../src/stream/groups.ts";
import { MAX_FRAME_BYTES } from "../../src/stream/frame.ts";
import { KeptFrames } from "../../src/stream/kept_frames.ts";
import { EVENT_NAMES, METRIC_ITEMS } from "../../src/stream/protocol.ts";
import { Playback, subscription } from "./delivered.ts";
import { ReachableSocket, Wire } from "./direct_socket.ts";
import { randomOf } from "../harness/random.ts";

const ALL = [...EVENT_NAMES, ...METRIC_ITEMS];

/** Grows and delivers until a socket gets nothing more: a turn may end by its time. */
function turnOut(play: Playback, socket: ReachableSocket, head?: number): void {
  for (let length = -1; socket.texts.length > length;) {
    length = socket.texts.length;
    play.turn(head);
  }
}

/** A recording whose groups reach `count` sockets. */
async function reach(count: number) {
  const play = await Playback.of("emn-1b-15m");
  const sockets = Array.from({ length: count }, (_, index) => new ReachableSocket(index + 3));
  const wire = new Wire(sockets);
  play.groups = new Groups(play.log, play.lifecycle, play.limits, wire);
  return { play, sockets, wire };
}

Deno.test("11.2 everybody at one place is sent the same frames in one call, small frames together", async () => {
  const { play, sockets, wire } = await reach(3);
  using _play = play;
  for (const socket of sockets) play.groups.subscribe(socket, subscription(ALL), []);
  play.turn(0);
  const end = play.entriesOf("BlockEnd")[0]!;
  turnOut(play, sockets[0]!, end - 20);
  const [{ calls }, { length }] = [wire, sockets[0]!.texts];
  play.turn(end + 8);
  assert.equal(wire.calls, calls + 1);
  const kinds = sockets[0]!.frames.slice(length).map((frame) => Object.keys(frame)[1]);
  assert.ok(kinds.includes("Events") && kinds.includes("TPS"), `${kinds} came together`);
  turnOut(play, sockets[0]!);
  assert.deepEqual(sockets[1]!.texts, sockets[0]!.texts);
  assert.deepEqual(sockets[2]!.texts, sockets[0]!.texts);
  assert.deepEqual(sockets[0]!.seqs, play.seqsOf(Array.from({ length: play.length }, (_, entry) => entry)));
  assert.deepEqual([sockets[0]!.passed, sockets[0]!.calls], [sockets[0]!.texts.length, wire.calls]);
});

Deno.test("11.2 who takes nothing past its queue gets it through the queue, at once and once", async () => {
  const { play, sockets: [fast, slow] } = await reach(2);
  using _play = play;
  for (const socket of [fast!, slow!]) play.groups.subscribe(socket, subscription(["TxnLog"]), []);
  play.turn(0);
  slow!.outcome = () => "refused";
  play.turn(play.entriesOf("TxnLog")[20]);
  assert.deepEqual([fast!.passed, slow!.passed], [1, 0]);
  assert.deepEqual(slow!.texts, fast!.texts);
});

Deno.test("11.2 who lags is sent the messages that were framed for others, from where it stands", async () => {
  const { play, sockets: [fast, slow] } = await reach(2);
  using _play = play;
  const names = ["StorageAccess", "AccountAccess"];
  for (const socket of [fast!, slow!]) play.groups.subscribe(socket, subscription(names), []);
  play.turn(0);
  slow!.outcome = () => "later";
  turnOut(play, fast!);
  assert.equal(slow!.texts.length, 0);
  slow!.drain();
  slow!.outcome = () => "taken";
  let framed = 0;
  const message = play.log.message.bind(play.log);
  play.log.message = (...args) => {
    framed++;
    return message(...args);
  };
  play.deliverAll([slow!]);
  assert.deepEqual(slow!.texts, fast!.texts);
  assert.ok(slow!.texts.length > 10 && framed <= 1, `${framed} of ${slow!.texts.length} messages were framed again`);
});

Deno.test("11.2 a message that was framed for others ends where a changed subscription begins, or is not taken", async () => {
  const { play, sockets: [same, changed] } = await reach(2);
  using _play = play;
  const names = ["StorageAccess", "AccountAccess"];
  for (const socket of [same!, changed!]) {
    play.groups.subscribe(socket, subscription(names), []);
    socket.outcome = () => "later";
  }
  play.turn(0);
  play.turn(1000);
  play.groups.subscribe(changed!, subscription(["TxnLog"]), []);
  play.turn();
  for (const socket of [same!, changed!]) {
    socket.drain();
    socket.outcome = () => "taken";
    play.turn();
  }
  play.deliverAll([same!, changed!]);
  assert.deepEqual(same!.seqs, play.seqsOf(play.entriesOf(...names)));
  const before = play.entriesOf(...names).filter((entry) => entry < 1000);
  assert.deepEqual(
    changed!.seqs,
    play.seqsOf([...before, ...play.entriesOf("TxnLog").filter((entry) => entry >= 1000)]),
  );
});

Deno.test("11.2 the newest full messages are kept as they were, the oldest are forgotten", async () => {
  using play = await Playback.of("emn-1b-15m");
  const [one, other] = [1, 2].map(() => new Group(play.log, subscription(["TxnLog"]), 0, 0, Infinity));
  const kept = new KeptFrames();
  const frame = new Uint8Array(MAX_FRAME_BYTES);
  for (let from = 0; from < 130; from++) {
    frame.fill(from);
    kept.keep(from % 2 === 0 ? one! : other!, from, { frame, next: from + 1 });
  }
  kept.keep(one!, 500, { frame: new Uint8Array(2 * MAX_FRAME_BYTES), next: 501 });
  const forgotten = [kept.at(one!, 0), kept.at(other!, 1), kept.at(one!, 3), kept.at(one!, 500)];
  assert.deepEqual(forgotten.map((found) => found?.next), Array(4).fill(undefined));
  for (let from = 2; from < 130; from++) {
    const found = kept.at(from % 2 === 0 ? one! : other!, from)!;
    assert.deepEqual([found.next, found.frame.length], [from + 1, MAX_FRAME_BYTES]);
    assert.ok(found.frame.every((byte) => byte === from));
  }
});

Deno.test("11.2 whatever each socket takes, everybody gets everything once and in order", async () => {
  const seed = Number(Deno.env.get("RINGCAST_SEED") ?? Date.now() % 2 ** 31);
  console.log(`fanout_test seed ${seed} (RINGCAST_SEED repeats it)`);
  const random = randomOf(seed);
  const { play, sockets } = await reach(8);
  using _play = play;
  const kinds = [ALL, ["TxnLog", "TPS", "Lifecycle"], { events: ["TxnCallFrame", "BlockEnd"], block_ids: true }];
  for (const [index, socket] of sockets.entries()) {
    play.groups.subscribe(socket, subscription(kinds[index % kinds.length]), []);
    socket.outcome = () => {
      const chance = random();
      return chance < 0.7 ? "taken" : chance < 0.85 ? "later" : "refused";
    };
  }
  play.turn(0);
  for (let head = 0; head < play.length; head += Math.floor(random() ** 3 * 800)) {
    play.grow(head);
    play.groups.deliver(true, random() < 0.7);
    for (const socket of sockets) {
      if (random() < 0.5) socket.drain();
      if (random() < 0.5) socket.isDirect = true;
    }
  }
  play.grow();
  play.deliverAll(sockets);
  for (const [index, socket] of sockets.entries()) {
    assert.deepEqual(socket.warnings, []);
    assert.deepEqual(socket.eventTexts, sockets[index % kinds.length]!.eventTexts);
    for (const [at, text] of socket.texts.entries()) {
      assert.ok(text.length <= MAX_FRAME_BYTES || socket.frames[at].Events.length === 1, `${text.length} bytes`);
    }
  }
  assert.deepEqual(sockets[0]!.seqs, play.seqsOf(Array.from({ length: play.length }, (_, entry) => entry)));
  assert.deepEqual(sockets[1]!.seqs, play.seqsOf(play.entriesOf("TxnLog", "TPS", "Lifecycle")));
  assert.deepEqual(sockets[2]!.seqs, play.seqsOf(play.entriesOf("TxnCallFrame", "BlockEnd")));
});

Deno.test("11.2 those who lag at different places are joined by who comes from behind, and go on as one", async () => {
  const { play, sockets, wire } = await reach(4);
  using _play = play;
  const [fast, ...slow] = sockets;
  for (const socket of sockets) play.groups.subscribe(socket, subscription(["StorageAccess", "AccountAccess"]), []);
  play.turn(0);
  for (const [index, socket] of slow.entries()) {
    turnOut(play, fast!, Math.floor(play.length * (index + 1) / 8));
    socket.outcome = () => "later";
  }
  turnOut(play, fast!, Math.floor(play.length * 0.9));
  for (const socket of slow) {
    socket.drain();
    socket.outcome = () => "taken";
  }
  const { calls } = wire;
  const before = slow.map(({ texts }) => texts.length);
  const { now } = performance;
  // One turn that lasts as long as it takes.
  performance.now = () => 0;
  try {
    play.turn(Math.floor(play.length * 0.9));
  } finally {
    performance.now = now;
  }
  assert.deepEqual(slow.map(({ eventTexts }) => eventTexts), slow.map(() => fast!.eventTexts));
  const most = Math.max(...slow.map(({ texts }, index) => texts.length - before[index]!));
  assert.ok(most > 10 && wire.calls - calls <= most + 1, `${wire.calls - calls} calls, ${most} for the last one`);
});
