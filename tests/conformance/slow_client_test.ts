// Protocol 10.1 and 11.2: a client that does not read lags by so many batches and no more, is told what it lost, and is
// given up when that is too much, which costs nobody else anything. The window is far larger than what is written here.

import assert from "node:assert/strict";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import type { AnyEvent, AnyFrame } from "../harness/client.ts";
import { deadline } from "../harness/condition.ts";
import { socketStates } from "../harness/process.ts";
import { RawClient } from "../harness/raw_client.ts";
import { Target } from "./target.ts";

const SLOW_OFF_LIMIT = 150_000;
const target = new Target({
  node: ["run", "--block-ms", "50", "--txns-per-block", "60"],
  flags: ["--unrestricted", "--buffer-per-client", "1", "--slow-off-limit", `${SLOW_OFF_LIMIT}`],
});

/** Without the derived transfers, so that every number of the ring is one event. */
const EVERYTHING = EVENT_NAMES.filter((name) => name !== "NativeTransfer");

const isEvents = ({ Events }: AnyFrame) => Events !== undefined;

/** A client that is subscribed to everything, has its first event, and reads nothing more until it is told to. */
async function stalled(): Promise<{ client: RawClient; first: number; base: number }> {
  const client = await RawClient.connect(target.url());
  await client.send({ subscribe: EVERYTHING });
  for (;;) {
    const message = await client.next();
    assert.ok(message !== undefined && "frame" in message, "the stream ended early");
    const { frame } = message;
    if (isEvents(frame)) return { client, first: frame.Events.at(-1).seqno + 1, base: target.base(frame) };
  }
}

/** Has the node write so many events, so often, each time when the gateway has taken the ones before. */
async function write(base: number, events: number, times: number): Promise<number> {
  let { seqno } = await target.tell("pause");
  for (let i = 0; i < times; i++) {
    ({ seqno } = await target.tell(`burst ${events}`));
    await deadline("the gateway has taken them", async () => {
      return (await target.get("/v1/status")).body.newest_seqno >= base + 16 * seqno;
    });
  }
  return seqno;
}

target.controlled(
  "10.1 a slow client is told its drops every 1,000, with the total before the next frame and the limit",
  async () => {
    const BURST = 5000;
    const { client, first, base } = await stalled();
    using _client = client;
    const last = await write(base, BURST, 24);
    let totals: number[] = []; // told since the newest event
    let next = first;
    let missing = 0;
    let atOnce = 0; // events since the newest drop
    let most = 0; // drops between two events
    while (next <= last) {
      const message = await client.next();
      assert.ok(message !== undefined && "frame" in message, "the stream ended early");
      const { seq, Warning, Events = [] } = message.frame;
      if (Warning !== undefined) {
        const { type, dropped, drop_limit } = Warning;
        assert.deepEqual([seq, type, drop_limit], [0, "backpressure", SLOW_OFF_LIMIT]);
        assert.ok(dropped > (totals.at(-1) ?? missing), `${dropped} after ${missing}, ${totals}`);
        totals.push(dropped);
      }
      for (const { seqno } of Events) {
        const drops = seqno - next;
        missing += drops;
        assert.equal(totals.at(-1) ?? missing, missing, `missing before ${seqno}`);
        assert.equal(totals.length > 0, drops > 0);
        // While its socket takes nothing, every burst that is dropped passes another 1,000, and may do so at once.
        assert.ok(totals.length >= Math.floor(drops / BURST) - 1, `${drops} drops, told ${totals}`);
        most = Math.max(most, drops);
        totals = [];
        atOnce = drops === 0 ? atOnce + 1 : 1;
        next = seqno + 1;
      }
    }
    await target.tell("resume");
    assert.ok(most >= 3 * BURST, `no more than ${most} drops at once`);
    // Who lags has one batch at most, here a burst, and what its socket took meanwhile.
    assert.ok(atOnce <= 2 * BURST, `${atOnce} events behind the newest drop`);
  },
);

target.controlled(
  "11.2 a client that loses more than slow_off_limit is closed with 4008 and really gone, and the others miss nothing",
  async () => {
    await using other = await target.subscribed(["BlockStart", "BlockEnd"]);
    await other.frame("Events");
    const { client, first, base } = await stalled();
    using _client = client;
    const last = await write(base, 50_000, 4);
    const port = Number(new URL(target.url()).port);
    await deadline("the connection is gone", () => socketStates(port, client.port).length === 0);
    await target.tell("resume");

    const said = target.lines().filter(({ message }) => message === "Client is closed").map(({ properties }) => {
      return [properties["code"], properties["reason"]];
    });
    assert.deepEqual(said, [[4008, "slow consumer: resume from the last seq before the first Warning"]]);
    // What had been sent is whole up to the first Warning; the Close frame is best effort.
    let next = first;
    for (let isWhole = true;;) {
      const message = await client.next();
      if (message === undefined) break;
      if ("closed" in message) assert.equal(message.closed, 4008);
      else if (message.frame.Warning !== undefined) isWhole = false;
      else for (const { seqno } of isWhole ? message.frame.Events : []) assert.equal(seqno, next++);
    }
    assert.ok(next < last);

    await other.until("blocks come behind it", ({ events }) => events.at(-1).seqno > last);
    const numbers = (name: string) =>
      other.events.filter(({ event_name }: AnyEvent) => event_name === name).map(({ block_number }) => block_number);
    for (const name of ["BlockStart", "BlockEnd"]) {
      const [from] = numbers(name);
      assert.deepEqual(numbers(name), numbers(name).map((_, i) => from + i));
    }
    assert.ok(other.frames.slice(1).every(isEvents), "nothing but events comes");
    assert.equal(other.closed, undefined);
  },
);
