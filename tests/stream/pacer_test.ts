// How rounds of messages are paced: at once when it is quiet, later when many clients are served, at once when a message
// is full (protocol 11.2). The log is a real one.

import assert from "node:assert/strict";
import { Pacer } from "../../src/stream/pacer.ts";
import { Playback, Socket, subscription } from "./delivered.ts";

Deno.test("11.2 the next round is due when a message is full or the pause is over, and not before", async () => {
  using play = await Playback.of("emn-1b-15m");
  play.grow(0);
  const pacer = new Pacer(play.log);
  assert.ok(pacer.isDue() && pacer.pauseMs() === 0, "it is quiet");
  pacer.delivered(0, 0, 0);
  assert.ok(pacer.isDue(), "nobody was sent anything");
  // Longer than anything here takes: the longest pause, whatever the number of messages.
  pacer.delivered(1e9, 0, 0);
  const pause = pacer.pauseMs();
  assert.ok(pause <= 20);
  const full = Array.from({ length: play.length }, (_, entry) => entry + 1)
    .find((head) => play.log.textAt(head - 1) + play.log.textLength(head - 1) - play.log.textAt(0) >= 56 << 10)!;
  play.grow(full - 1);
  const isEarly = pacer.isDue();
  // A machine that stood still meanwhile has waited long enough.
  assert.ok(!isEarly || pacer.pauseMs() === 0, "less than a message");
  play.grow(full);
  assert.ok(pacer.isDue(), "a full message");
});

Deno.test("11.2 who had everything waits until the next round is due; who is behind does not", async () => {
  using play = await Playback.of("emn-1b-15m");
  const [early, late] = [new Socket(), new Socket()];
  play.turn(10);
  play.groups.subscribe(early, subscription(["TxnLog", "TxnEnd", "TxnEvmOutput"]), []);
  play.groups.subscribe(late, subscription(["TxnLog", "TxnEnd", "TxnEvmOutput"]), []);
  late.unsentBytes = 1 << 20;
  play.turn(2000);
  const count = early.frames.length;
  assert.ok(count > 0 && late.frames.length === 0);
  play.grow(3000);
  late.drain();
  play.groups.deliver(true, false);
  assert.equal(early.frames.length, count, "nothing is due");
  assert.ok(late.frames.length > 0, "who is behind goes on");
  play.groups.deliver(true, true);
  early.drain();
  late.drain();
  play.deliverAll([early, late]);
  assert.deepEqual(early.seqs.at(-1), late.seqs.at(-1));
});
