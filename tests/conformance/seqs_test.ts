// Protocol section 3: seqs and seqnos, read off the raw text of one stream.

import assert from "node:assert/strict";
import { of, startedUs, take, target } from "./taken.ts";

target.controlled("3.1 every frame is a text of exactly two keys, seq first", async () => {
  const { texts, frames } = await take();
  for (const [i, frame] of frames.entries()) {
    assert.equal(Object.keys(frame).length, 2);
    assert.match(texts[i]!, /^\{"seq":\d+,"[A-Z][A-Za-z]+":/);
  }
});

target.controlled("3.2 Hello carries seq 0, all other frames of a stream at least 1", async () => {
  const { frames } = await take();
  for (const frame of frames) assert.equal(frame.seq === 0, Object.hasOwn(frame, "Hello"));
});

target.controlled(
  "3.3 seq is base + 16 seqno + slot, one base for all, at least the Unix time in microseconds",
  async () => {
    const { frames } = await take();
    const bases = new Set<number>();
    for (const { seq, Events } of frames) {
      const last = Events?.at(-1);
      if (last !== undefined) bases.add(seq - 16 * last.seqno - (last.event_name === "NativeTransfer" ? 1 : 0));
    }
    assert.equal(bases.size, 1);
    const [base] = bases;
    assert.ok(base! > startedUs - 60e6 && base! < Date.now() * 1000, `${base}`);
  },
);

target.controlled(
  "3.3 slots are 2 for TPS and 5 to 14 for Lifecycle, in the place of the event that caused them",
  async () => {
    const { frames } = await take();
    const at = frames.findIndex(({ Events }) => Events !== undefined);
    const { seq, Events } = frames[at];
    const base = seq - 16 * Events.at(-1).seqno - (Events.at(-1).event_name === "NativeTransfer" ? 1 : 0);
    let newest = 0;
    for (const frame of frames.slice(at)) {
      for (const { seqno } of frame.Events ?? []) newest = seqno;
      if (frame.TPS === undefined && frame.Lifecycle === undefined) continue;
      const slot = (frame.seq - base) % 16;
      assert.equal((frame.seq - base - slot) / 16, newest, JSON.stringify(frame));
      if (frame.TPS !== undefined) assert.equal(slot, 2);
      else assert.ok(slot >= 5 && slot <= 14, `slot ${slot}`);
    }
  },
);

target.controlled("3.4 seqs strictly increase, and no frame exceeds 64 KiB", async () => {
  const { texts, frames } = await take();
  const H = frames[1].seq;
  const live = frames.slice(frames.findIndex(({ seq }) => seq > H));
  for (const [i, { seq }] of live.entries()) assert.ok(i === 0 || seq > live[i - 1].seq);
  assert.ok(texts.every((text) => text.length <= 1 << 16));
});

target.controlled("3.4 a batch never straddles a metric frame", async () => {
  const { frames } = await take();
  const metrics = frames.filter(({ TPS, Lifecycle, seq }) => (TPS ?? Lifecycle) !== undefined && seq > frames[1].seq);
  assert.ok(metrics.length > 10);
  for (const { seq, Events } of frames) {
    if (Events === undefined || Events.length < 2) continue;
    const first = seq - 16 * (Events.at(-1).seqno - Events[0].seqno) - 15;
    for (const metric of metrics) assert.ok(!(metric.seq > first + 15 && metric.seq < seq), `${metric.seq} in ${seq}`);
  }
});

target.rule("3.5 filtered events take numbers too: what one client lacks, another has in the gap", async () => {
  await using whole = await target.subscribed(["TxnEnd", "BlockEnd"]);
  await using client = await target.subscribed(["BlockEnd"]);
  await client.until("blocks come", ({ events }) => events.length > 3);
  const last = client.frames.at(-1).seq;
  await whole.until("the other is as far", ({ frames }) => frames.at(-1).seq >= last);
  const [first, second] = client.events;
  const between = of(whole.events, "TxnEnd").filter(({ seqno }) => seqno > first.seqno && seqno < second.seqno);
  assert.ok(between.length > 0);
});

target.controlled("3.6 seqno is the ring's own number, without holes for who takes everything", async () => {
  const { events } = await take();
  const seqnos = events.filter(({ event_name }) => event_name !== "NativeTransfer").map(({ seqno }) => seqno);
  assert.ok(seqnos.every((seqno, i) => i === 0 || seqno === seqnos[i - 1] + 1));
});
