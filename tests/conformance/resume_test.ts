// Protocol 9.1 to 9.3: which cursors are valid, what a replay delivers, and how the first Subscribe joins it.
// window_test.ts has cursors that the window has lost, tests/e2e/overrun_test.ts gaps.

import assert from "node:assert/strict";
import { DEFAULT_BLOCKED_EVENTS } from "../../src/stream/protocol.ts";
import type { AnyEvent, AnyFrame } from "../harness/client.ts";
import { RawClient } from "../harness/raw_client.ts";
import type { RawFrames } from "../harness/raw_frames.ts";
import { Target } from "./target.ts";

const target = new Target({ node: ["run", "--block-ms", "40", "--txns-per-block", "10"] });
const EVENTS = ["BlockStart", "TxnLog", "BlockEnd"];

const seqs = (frames: readonly AnyFrame[]) => frames.filter(({ seq }) => seq > 0).map(({ seq }) => seq);

/** Subscribes, takes some events, leaves, and lets some more pass. */
async function visit(): Promise<{ client: RawFrames; seq: number; streamId: string }> {
  await using client = await target.subscribed(EVENTS);
  await client.until("events come", ({ events, frames }) => events.length > 10 && frames.length > 3);
  return { client, seq: client.frames[2].seq, streamId: client.frames[0].Hello.stream_id };
}

target.rule("9.1 a valid cursor is replayed before anything else, with the stream_id or without", async () => {
  const { seq, streamId } = await visit();
  for (const query of [`resume_from=${seq}`, `resume_from=${seq}&stream_id=${streamId}`]) {
    await using client = await target.connect(`/v1/ws?${query}&subscribe=BlockStart`);
    const { Hello } = await client.frame("Hello");
    assert.deepEqual([Hello.resume.status, Hello.resume.requested], ["replayed", seq]);
    assert.ok(client.kinds.indexOf("Hello") > 0);
    assert.ok(client.frames[0].seq > seq);
  }
});

target.rule("9.1 the replay has everything not blocked after N at its original seqs, metrics included", async () => {
  const everything = ["BlockStart", "TxnEnd", "Lifecycle"];
  await using live = await target.subscribed(everything);
  await live.until(
    "blocks pass",
    ({ events }) => events.filter(({ event_name }) => event_name === "BlockStart").length > 4,
  );
  const from = live.frames.findIndex(({ Events }) => Events !== undefined);
  const { seq } = live.frames[from];
  await using replayed = await target.connect(`/v1/ws?resume_from=${seq}`);
  const last = live.frames.at(-1).seq;
  const to = live.events.at(-1).seqno;
  await replayed.until("it is as far", ({ frames }) => (frames.at(-1)?.seq ?? 0) >= last);
  const metrics = ({ frames }: RawFrames) =>
    frames.filter((frame) => frame.Lifecycle !== undefined && frame.seq > seq && frame.seq <= last);
  assert.deepEqual(metrics(replayed), metrics(live));
  const events = (list: readonly AnyEvent[], to: number) =>
    list.filter(({ event_name, seqno }) =>
      everything.includes(event_name) && seqno <= to && seqno > live.frames[from].Events.at(-1).seqno
    );
  assert.deepEqual(events(replayed.events, to), events(live.events, to));
  const names = new Set(replayed.events.map(({ event_name }) => event_name));
  assert.ok(names.has("TxnCallFrame") && names.has("TxnHeaderEnd"), "what was not subscribed is replayed too");
  if (live.frames[0].Hello.blocked_events.length > 0) {
    assert.ok(DEFAULT_BLOCKED_EVENTS.every((name) => !names.has(name)));
  }
  assert.ok(replayed.frames.some(({ TPS }) => TPS !== undefined));
  const order = seqs(replayed.frames);
  assert.ok(order.every((seq, i) => i === 0 || seq > order[i - 1]));
});

target.controlled("9.1 the newest seq is a valid cursor, with nothing to replay", async () => {
  try {
    const { newest_seqno } = await target.pause();
    await using client = await target.connect(`/v1/ws?resume_from=${newest_seqno}&subscribe=BlockStart`);
    const { Hello } = await client.frame("Hello");
    assert.deepEqual([Hello.resume.status, Hello.resume.newest], ["replayed", newest_seqno]);
    assert.equal(client.kinds[0], "Hello");
  } finally {
    await target.tell("resume");
  }
});

target.rule("9.1 a cursor below the stream's base is too old, also without a stream_id", async () => {
  const { seq } = await visit();
  for (const cursor of [0, 1, seq - 10 ** 12]) {
    await using client = await target.connect(`/v1/ws?resume_from=${cursor}&subscribe=BlockStart`);
    const { Hello } = await client.frame("Hello");
    assert.deepEqual([Hello.resume.status, Hello.resume.reason], ["unavailable", "too_old"], `${cursor}`);
  }
});

target.controlled("9.1 the cursor right before the first entry replays everything there is", async () => {
  const { oldest_seqno } = (await target.get("/v1/status")).body;
  await using client = await target.connect(`/v1/ws?resume_from=${oldest_seqno - 1}`);
  const first = await client.frame("Events");
  assert.equal(first.Events[0].event_name, "BlockStart");
  assert.equal(target.base(first) + 16 * first.Events[0].seqno, oldest_seqno);
});

target.rule("9.2 a cursor of another stream or of the future replays nothing, and Hello says why", async () => {
  const { seq, streamId } = await visit();
  const cases = [
    [`resume_from=${seq}&stream_id=other`, seq, "other_stream"],
    [`resume_from=${seq + 10 ** 12}`, seq + 10 ** 12, "future"],
    [`resume_from=1&stream_id=${streamId}`, 1, "too_old"],
  ] as const;
  for (const [query, requested, reason] of cases) {
    await using client = await target.connect(`/v1/ws?${query}`);
    await client.ask({ subscribe: [] }, "Error");
    await client.send({ subscribe: ["BlockStart", "Lifecycle"] });
    const { Hello } = await client.frame("Hello");
    assert.deepEqual(client.kinds.slice(0, 2), ["Error", "Hello"], "nothing is replayed");
    const { oldest, newest } = Hello.resume;
    assert.deepEqual(Object.keys(Hello.resume), ["status", "requested", "oldest", "newest", "reason"]);
    assert.deepEqual(Hello.resume, { status: "unavailable", requested, oldest, newest, reason });
    assert.ok(oldest < newest);
    await client.frame("Lifecycle");
    assert.equal(client.kinds[2], "Lifecycle", "it starts with the snapshot");
  }
});

target.rule('9.2 without a cursor Hello says "none", with the range that is held', async () => {
  await using client = await target.subscribed(["BlockStart"]);
  const { resume } = client.frames[0].Hello;
  assert.deepEqual(Object.keys(resume), ["status", "oldest", "newest"]);
  assert.equal(resume.status, "none");
  const { seq } = await client.frame("Events");
  assert.ok(resume.oldest <= resume.newest && resume.newest < seq);
});

target.rule(
  "9.3 after the replay there is silence until a Subscribe, then Hello, what came meanwhile, snapshot, live",
  async () => {
    const { seq } = await visit();
    await using witness = await target.subscribed(EVENTS);
    await using client = await target.connect(`/v1/ws?resume_from=${seq}`);
    await client.frame("Events");
    await client.ask({ subscribe: [] }, "Error"); // answered behind the replay
    const count = witness.events.length;
    await witness.until("blocks pass", ({ events }) => events.length > count + 30);
    const { length } = client.frames;
    const T = Math.max(...seqs(client.frames));
    await client.send({ subscribe: { events: [...EVENTS.slice(0, 2), "Lifecycle"], id: "after" } });
    const { Subscribed: { seq: H } } = await client.frame("Subscribed");
    await client.until("it is live", ({ frames }) => frames.at(-1).seq > H && frames.at(-1).Events !== undefined);
    assert.deepEqual(client.kinds.slice(length, length + 2), ["Hello", "Subscribed"]);
    const rest = client.frames.slice(length + 2);
    const snapshot = rest.findIndex((frame, i) =>
      frame.seq === H && frame.Lifecycle !== undefined && rest[i + 1]?.seq >= H
    );
    assert.ok(rest.slice(0, snapshot).every((frame) => frame.seq > T && frame.seq <= H));
    assert.ok(rest.slice(0, snapshot).some(({ Events }) => Events !== undefined), "what came meanwhile");
    const live = rest.findIndex((frame) => frame.seq > H);
    assert.ok(rest.slice(live).every((frame) => frame.seq > H));
  },
);

target.rule("9.3 nothing between the cursor and the Subscribe, nor behind it, is lost or comes twice", async () => {
  await using whole = await target.subscribed(EVENTS);
  await whole.until("events come", ({ events }) => events.length > 10);
  const index = whole.frames.findIndex(({ Events }) => Events !== undefined);
  const { seq, Events } = whole.frames[index];
  await using client = await target.connect(`/v1/ws?resume_from=${seq}`);
  for (const round of [1, 2, 3]) {
    const { length } = whole.events;
    await whole.until("events pass", ({ events }) => events.length > length + 10);
    await client.send({ subscribe: round === 2 ? EVENTS.slice().reverse() : EVENTS });
  }
  const last = whole.events.at(-1).seqno;
  await client.until("it is as far", ({ events }) => events.at(-1)?.seqno >= last);
  const within = (events: readonly AnyEvent[]) =>
    events.filter(({ event_name, seqno }) =>
      EVENTS.includes(event_name) && seqno > Events.at(-1).seqno && seqno <= last
    )
      .map(({ seqno }) => seqno);
  assert.deepEqual(within(client.events), within(whole.events));
});

target.rule("3.4 resuming from any received seq neither loses nor repeats anything", async () => {
  await using whole = await target.subscribed(EVENTS);
  await whole.until("events come", ({ events }) => events.length > 60);
  const frames = whole.frames.filter(({ Events }) => Events !== undefined);
  const last = whole.events.at(-1).seqno;
  for (const at of [0, 1, Math.floor(frames.length / 2), frames.length - 1]) {
    const { seq } = frames[at];
    await using client = await target.connect(`/v1/ws?resume_from=${seq}&subscribe=${EVENTS.join()}`);
    await client.until("it is as far", ({ events }) => events.at(-1)?.seqno > last);
    const own = client.events.filter(({ event_name, seqno }) => EVENTS.includes(event_name) && seqno <= last);
    const expected = frames.slice(at + 1).flatMap(({ Events }) => Events).filter(({ seqno }) => seqno <= last);
    assert.deepEqual(own.map(({ seqno }) => seqno), expected.map(({ seqno }) => seqno), `frame ${at}`);
  }
});

target.controlled("9.3 a replay that nobody reads is not dropped, and stalls nobody else", async () => {
  await target.tell("burst 100000");
  const { oldest_seqno } = (await target.get("/v1/status")).body;
  using stalled = await RawClient.connect(target.url(`/v1/ws?resume_from=${oldest_seqno}`));
  await using other = await target.subscribed(["BlockStart"]);
  await other.until("blocks come", ({ events }) => events.length > 10);
  let [events, newest] = [0, 0];
  while (events < 30_000) {
    const message = await stalled.next();
    assert.ok(message !== undefined && "frame" in message, "the replay ended early");
    assert.equal(message.frame.Warning, undefined);
    assert.ok(message.frame.seq > newest);
    newest = message.frame.seq;
    events += message.frame.Events?.length ?? 0;
  }
});

target.controlled(
  "9.3 every Subscribe during a replay is answered behind it, and what is too many at once",
  async () => {
    await target.tell("burst 100000");
    const { oldest_seqno } = (await target.get("/v1/status")).body;
    using client = await RawClient.connect(target.url(`/v1/ws?resume_from=${oldest_seqno}`));
    for (let id = 1; id <= 33; id++) await client.send({ subscribe: { events: EVENTS.slice(0, 1 + id % 2), id } });
    // deno-lint-ignore no-explicit-any -- frames of any kind
    const answers: any[] = [];
    while (answers.length < 33) {
      const message = await client.next();
      assert.ok(message !== undefined && "frame" in message, "the connection ended early");
      if (message.frame.Error !== undefined || message.frame.Subscribed !== undefined) answers.push(message.frame);
    }
    const [{ Error: refusal }, ...accepted] = answers;
    assert.deepEqual([refusal.type, refusal.limit, refusal.id], ["subscribe_limit", 32, 33]);
    assert.deepEqual(accepted.map(({ Subscribed: { id } }) => id), Array.from({ length: 32 }, (_, index) => index + 1));
  },
);
