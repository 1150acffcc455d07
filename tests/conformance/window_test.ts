// Protocol 9.1 and 9.2 where the window has moved on: what is still held can be resumed, what it has lost cannot.
// resume_test.ts has cursors within the window and of no window at all.

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
