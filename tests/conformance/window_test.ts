// Protocol 7.5, 9.1 and 9.2 where the window has moved on: what is still held can be resumed, what it has lost cannot, and
// who waits for a stage is told of it. resume_test.ts has cursors within the window and of no window at all.

import assert from "node:assert/strict";
import { deadline } from "../harness/condition.ts";
import { Target } from "./target.ts";

const target = new Target({
  node: ["run", "--block-ms", "20", "--txns-per-block", "60"],
  flags: ["--unrestricted", "--window-bytes", "8MiB", "--backfill-events", "1000"],
});

/** Takes the newest cursor there is and waits until the window has lost it. */
async function lostCursor(): Promise<number> {
  const status = async () => (await target.get("/v1/status")).body;
  const { newest_seqno } = await status();
  const oldest = async () => (await status()).oldest_seqno;
  await deadline("the window has moved on", async () => await oldest() > newest_seqno);
  return newest_seqno;
}

target.controlled(
  "9.1 a cursor that the window has lost is too old, and the client starts with the snapshot",
  async () => {
    const cursor = await lostCursor();
    await using client = await target.connect(`/v1/ws?resume_from=${cursor}&subscribe=BlockStart,Lifecycle`);
    const { Hello } = await client.frame("Hello");
    const { status, reason, requested, oldest, newest } = Hello.resume;
    assert.deepEqual([status, reason, requested], ["unavailable", "too_old", cursor]);
    assert.ok(cursor < oldest && oldest < newest);
    assert.deepEqual(client.kinds.slice(0, 2), ["Hello", "Lifecycle"]);
    assert.ok(client.frames[1].seq > newest - 16 && client.frames[1].seq >= oldest);
  },
);

target.controlled("9.1 the oldest entry that is held is the first that can be replayed", async () => {
  await lostCursor();
  try {
    const { oldest_seqno = 0 } = await target.pause();
    for (const [cursor, status] of [[oldest_seqno - 1, "replayed"], [oldest_seqno - 33, "unavailable"]] as const) {
      await using client = await target.connect(`/v1/ws?resume_from=${cursor}&subscribe=BlockStart`);
      const { Hello } = await client.frame("Hello");
      assert.deepEqual([Hello.resume.status, Hello.resume.oldest], [status, oldest_seqno]);
      assert.equal(client.kinds[0] === "Hello", status === "unavailable");
      if (status === "unavailable") continue;
      const { seqno, event_name } = client.events[0]!;
      const slot = event_name === "NativeTransfer" ? 1 : 0;
      const base = target.base(client.frames.find(({ Events }) => Events !== undefined));
      assert.ok(base + 16 * seqno + slot >= oldest_seqno, `${event_name} ${seqno} of base ${base}, ${oldest_seqno}`);
    }
  } finally {
    await target.tell("resume");
  }
});

target.controlled(
  "7.5 what is held until the window has lost it is told by gaps of reason window, exactly",
  async () => {
    const EVENTS = ["BlockStart", "BlockEnd"];
    await using whole = await target.subscribed(EVENTS);
    await using held = await target.subscribed({ events: EVENTS, min_stage: "Finalized" });
    // From here on whatever is held began when the other client was there.
    await held.until("a block is released that the other has seen begin", ({ events }) => {
      return events.some(({ event_name, seqno }) => event_name === "BlockStart" && seqno >= whole.events[0]?.seqno);
    });
    await target.tell("stall 100");
    await held.frame("Warning");
    const lastWarning = () => held.kinds.lastIndexOf("Warning");
    await held.until("what is still held is released", ({ kinds }) => kinds.indexOf("Events", lastWarning()) > 0);
    const warnings = held.frames.filter(({ Warning }) => Warning !== undefined);
    for (const { seq, Warning } of warnings) {
      assert.deepEqual([seq, Warning.type, Warning.reason], [0, "gap", "window"]);
      assert.ok(Warning.dropped > 0);
    }
    const got = new Set(held.events.map(({ seqno }) => seqno));
    const [first, last] = [held.events[0].seqno, held.events.at(-1).seqno];
    await whole.until("the other is as far", ({ events }) => events.at(-1).seqno >= last);
    const due = whole.events.map(({ seqno }) => seqno).filter((seqno) => seqno >= first && seqno <= last);
    const lost = due.filter((seqno) => !got.has(seqno));
    assert.ok(lost.length > 0);
    assert.equal(warnings.reduce((sum, { Warning }) => sum + Warning.dropped, 0), lost.length);
  },
);
