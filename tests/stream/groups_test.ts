// Who gets which frames, on a real log: sharing, slow receivers, drops, eviction, and what the window takes away.

import assert from "node:assert/strict";
import { MAX_UNSENT_BYTES } from "../../src/stream/member.ts";
import { MAX_FRAME_BYTES } from "../../src/stream/frame.ts";
import { Playback, Socket, subscription } from "./delivered.ts";

const BUSY = ["TxnHeaderStart", "TxnLog", "TxnCallFrame", "NativeTransfer"];

Deno.test("receivers with equal subscriptions share one group and every frame; the order of names does not matter", async () => {
  using play = await Playback.of("emn-1b-15m");
  const sockets = [new Socket(), new Socket(), new Socket()] as const;
  play.groups.subscribe(sockets[0], subscription(["TxnLog", "BlockStart"]), []);
  play.groups.subscribe(sockets[1], subscription(["BlockStart", "TxnLog"]), []);
  play.groups.subscribe(sockets[2], subscription({ events: ["TxnLog", "BlockStart"], block_ids: true }), []);
  assert.equal(play.groups.groupCount, 2);
  assert.equal(play.groups.size, 3);
  play.turn();
  play.deliverAll(sockets);
  assert.deepEqual(sockets[0].seqs, play.seqsOf(play.entriesOf("TxnLog", "BlockStart")));
  assert.deepEqual(sockets[0].texts, sockets[1].texts);
  assert.deepEqual(sockets[2].seqs, sockets[0].seqs);
  for (const socket of sockets) play.groups.leave(socket);
  play.groups.leave(sockets[0]);
  assert.deepEqual([play.groups.groupCount, play.groups.size], [0, 0]);
});

for (const blockIds of [false, true]) {
  Deno.test(`3.4 ${blockIds ? "with block ids " : ""}frames are at most 64 KiB and nearly that, and their seqs rise`, async () => {
    using play = await Playback.of("emn-1b-15m");
    const socket = new Socket();
    play.groups.subscribe(socket, subscription({ events: [...BUSY, "StorageAccess"], block_ids: blockIds }), []);
    play.turn();
    play.deliverAll([socket]);
    assert.deepEqual(socket.seqs, play.seqsOf(play.entriesOf(...BUSY, "StorageAccess")));
    let before = 0;
    for (const [index, frame] of socket.frames.entries()) {
      const { length } = socket.texts[index]!;
      assert.ok(length <= MAX_FRAME_BYTES || frame.Events.length === 1, `${length} bytes`);
      assert.ok(frame.seq > before);
      before = frame.seq;
      for (const event of frame.Events) assert.equal(Object.hasOwn(event, "block_id"), blockIds);
    }
    const full = socket.texts.slice(0, -1).filter((text) => text.length > MAX_FRAME_BYTES / 2).length;
    assert.ok(full > (socket.texts.length - 1) / 2, `${full} of ${socket.texts.length} frames are well filled`);
  });
}

Deno.test("3.4 a batch never straddles a metric frame that the same client receives", async () => {
  using play = await Playback.of("emn-30b-15m");
  const [both, events] = [new Socket(), new Socket()];
  play.groups.subscribe(both, subscription(["BlockStart", "BlockEnd", "TPS", "Lifecycle"]), []);
  play.groups.subscribe(events, subscription(["BlockStart", "BlockEnd"]), []);
  play.turn();
  play.deliverAll([both, events]);
  assert.deepEqual(both.seqs, play.seqsOf(play.entriesOf("BlockStart", "BlockEnd", "TPS", "Lifecycle")));
  assert.equal(events.texts.length, 1, "without metrics between them all events share a frame");
});

Deno.test("a receiver whose socket is full gets nothing more, holds up nobody, and misses nothing", async () => {
  using play = await Playback.of("emn-1b-15m");
  const [slow, fast] = [new Socket(), new Socket()];
  play.groups.subscribe(slow, subscription(BUSY), []);
  play.groups.subscribe(fast, subscription(BUSY), []);
  for (let head = 0; head < play.length + 100; head += 100) {
    assert.equal(play.turn(head), slow.unsentBytes > MAX_UNSENT_BYTES);
    fast.drain();
  }
  const wanted = play.seqsOf(play.entriesOf(...BUSY));
  assert.deepEqual(fast.seqs, wanted);
  assert.ok(slow.unsentBytes <= 2 * MAX_UNSENT_BYTES, `${slow.unsentBytes} bytes wait for the slow one`);
  const small = fast.texts.length;
  play.deliverAll([slow]);
  assert.deepEqual(slow.seqs, wanted);
  assert.ok(slow.texts.length < small, "who lags gets larger batches");
});

Deno.test("10.1 who lags by more batches than the buffer loses the oldest, exactly counted, told every 1,000 drops", async () => {
  using play = await Playback.of("emn-1b-15m", { bufferPerClient: 3, slowOffLimit: 100_000 });
  const [slow, fast] = [new Socket(), new Socket()];
  const names = ["StorageAccess", "AccountAccess"];
  play.groups.subscribe(slow, subscription(names), []);
  play.groups.subscribe(fast, subscription(names), []);
  slow.unsentBytes = MAX_UNSENT_BYTES + 1;
  for (let head = 0; head < play.length + 250; head += 250) {
    play.turn(head);
    fast.drain();
  }
  assert.deepEqual(slow.texts, []);
  play.deliverAll([slow]);
  const wanted = play.seqsOf(play.entriesOf(...names));
  assert.deepEqual(fast.seqs, wanted);
  assert.deepEqual(fast.warnings, []);
  const got = slow.seqs;
  assert.deepEqual(got, wanted.slice(-got.length), "the newest are kept, in order");
  const lost = wanted.length - got.length;
  assert.ok(lost > 2000 && got.length > 0, `${lost} lost, ${got.length} got`);
  assert.ok(
    slow.frames.slice(0, slow.warnings.length).every((frame) => frame.Warning !== undefined && frame.seq === 0),
  );
  for (const warning of slow.warnings) {
    assert.deepEqual([warning.type, warning.drop_limit], ["backpressure", 100_000]);
  }
  const totals = slow.warnings.map((warning) => warning.dropped);
  assert.equal(totals.at(-1), lost, "the total precedes the next frame");
  const thousands = totals.filter((total, index) =>
    Math.floor(total / 1000) > Math.floor((totals[index - 1] ?? 0) / 1000)
  );
  assert.equal(thousands.length, Math.floor(lost / 1000), "every 1,000 drops are told");
  assert.ok(totals.length <= thousands.length + 1, "and nothing else");
});

Deno.test("11.2 the total stands right before the next frame, and who loses nothing more hears nothing more", async () => {
  using play = await Playback.of("emn-1b-15m", { bufferPerClient: 1, slowOffLimit: 100_000 });
  const slow = new Socket();
  play.groups.subscribe(slow, subscription(["TxnLog"]), []);
  const logs = play.entriesOf("TxnLog");
  slow.unsentBytes = MAX_UNSENT_BYTES + 1;
  for (const entry of logs.slice(0, 10)) play.turn(entry + 1);
  slow.drain();
  play.deliverAll([slow]);
  assert.deepEqual(slow.warnings.map((warning) => warning.dropped), [9]);
  assert.ok(slow.frames[0].Warning !== undefined);
  assert.deepEqual(slow.seqs, play.seqsOf(logs.slice(9, 10)));
  play.turn();
  play.deliverAll([slow]);
  assert.equal(slow.warnings.length, 1);
  assert.deepEqual(slow.seqs, play.seqsOf(logs.slice(9)));
});

Deno.test("11.2 more drops than the limit evict the client once, and it gets nothing afterwards", async () => {
  using play = await Playback.of("emn-1b-15m", { bufferPerClient: 1, slowOffLimit: 100 });
  const [slow, fast] = [new Socket(), new Socket()];
  play.groups.subscribe(slow, subscription(["TxnLog"]), []);
  play.groups.subscribe(fast, subscription(["TxnLog"]), []);
  slow.unsentBytes = MAX_UNSENT_BYTES + 1;
  const logs = play.entriesOf("TxnLog");
  for (const [index, entry] of logs.entries()) {
    play.turn(entry + 1);
    fast.drain();
    assert.equal(slow.evictions, index > 100 ? 1 : 0, `after ${index + 1} batches`);
  }
  assert.equal(play.groups.size, 1);
  slow.drain();
  play.deliverAll([slow, fast]);
  assert.deepEqual(slow.texts, []);
  assert.deepEqual(fast.seqs, play.seqsOf(logs));
});

Deno.test("11.2 what the window takes from a slow client is counted, and it goes on with the oldest that is held", async () => {
  using play = await Playback.of("emn-1b-15m");
  const [slow, absent] = [new Socket(), new Socket()];
  play.groups.subscribe(slow, subscription(["TxnLog"]), []);
  play.groups.subscribe(absent, subscription(["TxnLog"]), []);
  slow.unsentBytes = MAX_UNSENT_BYTES + 1;
  play.groups.leave(absent);
  play.turn();
  const logs = play.entriesOf("TxnLog");
  play.release(logs[200]!);
  play.deliverAll([slow, absent]);
  assert.deepEqual(slow.warnings, [{ type: "backpressure", dropped: 200, drop_limit: 10_000 }]);
  assert.deepEqual(slow.seqs, play.seqsOf(logs.slice(200)));
  assert.deepEqual(absent.texts, []);
});

Deno.test("a recording waits for its clients: nothing is dropped, and the oldest cursor keeps what they lack", async () => {
  using play = await Playback.of("emn-1b-15m", { bufferPerClient: 1, slowOffLimit: 0 });
  const slow = new Socket();
  play.groups.subscribe(slow, subscription(["TxnLog"]), []);
  slow.unsentBytes = MAX_UNSENT_BYTES + 1;
  const logs = play.entriesOf("TxnLog");
  for (const entry of logs) {
    play.grow(entry + 1);
    play.groups.deliver(false);
    assert.equal(play.groups.oldestCursor(), logs[0]);
  }
  slow.drain();
  while (play.groups.deliver(false)) slow.drain();
  assert.deepEqual(slow.seqs, play.seqsOf(logs));
  assert.equal(play.groups.oldestCursor(), play.log.head);
});

Deno.test("text that was released cannot be read any more", async () => {
  using play = await Playback.of("emn-1b-15m");
  const span = new Float64Array([play.log.textAt(0), play.log.textLength(0)]);
  assert.match(play.log.message("", span, 1, "").text(), /^\{"event_name":"BlockStart"/);
  play.release(1);
  assert.throws(() => play.log.message("", span, 1, ""), /not held any more/);
});
