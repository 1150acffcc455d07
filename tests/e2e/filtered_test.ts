// Any subscription equals the firehose filtered offline, by an evaluation over parsed events that shares no code with the
// gateway: filters, correlation, stages and block ids, whatever was subscribed before, and across a resume.

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import { type AnyEvent, type AnyFrame, Client } from "../harness/client.ts";
import { FIXTURES, Gateway } from "../harness/gateway.ts";
import { filterOffline, type Numbered, randomSubscription } from "./offline.ts";

const RECORDING = `${FIXTURES}/emn-30b-15m.snapshot.zst`;
const LAST_SEQNO = 136_891;
const FLAGS = ["--ring", RECORDING, "--unrestricted", "--speed", "max", "--wait-for-subscriber"];

/** The events of frames, each with its own seq. A recording's base is 0 (protocol 3.3). */
function numbered(frames: readonly AnyFrame[]): Numbered[] {
  return frames.flatMap((frame) => frame.Events ?? []).map((event: AnyEvent) => {
    return { seq: 16 * event.seqno + (event.event_name === "NativeTransfer" ? 1 : 0), event };
  });
}

Deno.test("6 any subscription delivers what filtering the firehose offline gives, with the seqs of its frames", async () => {
  const seed = Number(Deno.env.get("FILTERED_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  await using gateway = await Gateway.start(FLAGS);
  await gateway.ready();
  await using firehose = await Client.connect(gateway.url());
  firehose.send({ subscribe: { events: EVENT_NAMES, block_ids: true } });
  await firehose.until("the last event comes", ({ frames }) => {
    return frames.at(-1)?.Events?.at(-1).seqno === LAST_SEQNO;
  });
  const everything = numbered(firehose.frames);
  const asked = fc.sample(randomSubscription(everything), { seed, numRuns: 16 });
  // A second gateway reads the same recording for all clients at once; each changes its subscription on the way.
  await using other = await Gateway.start(FLAGS);
  await other.ready();
  const clients = await Promise.all(asked.slice(1).map(() => Client.connect(other.url())));
  const pairs = clients.map((client, index) => ({ client, pair: [asked[index], asked[index + 1]] as const }));
  await Promise.all(pairs.map(async ({ client, pair }) => {
    client.send({ subscribe: { ...pair[0], id: 0 } });
    await client.until("it has its place", ({ frames }) => frames.length >= 2);
    client.send({ subscribe: { ...pair[1], id: 1 } });
  }));
  let matched = 0;
  for (const { client, pair } of pairs) {
    await client.until("the second subscription is there", ({ frames }) => {
      return frames.filter((frame) => frame.Subscribed !== undefined).length === 2;
    });
    const [first, second] = client.frames.filter((frame) => frame.Subscribed !== undefined)
      .map((frame) => frame.Subscribed.seq);
    const expected = [
      ...filterOffline(everything, pair[0]).filter(({ seq }) => seq > first && seq <= second),
      ...filterOffline(everything, pair[1]).filter(({ seq }) => seq > second),
    ];
    const want = expected.flatMap(({ events }) => events);
    await client.until(`${want.length} events come for ${JSON.stringify(pair)}`, ({ events }) => {
      return events.length >= want.length;
    });
    const got = client.events;
    const at = got.findIndex((event, position) => !isDeepStrictEqual(event, want[position]));
    const place = `${JSON.stringify(pair)} at ${at}: ${JSON.stringify(got[at])} not ${JSON.stringify(want[at])}`;
    assert.ok(at < 0 && got.length === want.length, `${place}; switched at ${first}, ${second}`);
    assertSeqs(client.frames, expected.map(({ seq, events }) => ({ seq, count: events.length })));
    if (got.length > 0) matched++;
    await client[Symbol.asyncDispose]();
  }
  assert.ok(matched >= pairs.length / 2, `only ${matched} clients got anything`);
});

/** Asserts that every frame has the seq of the piece that ends in it, and 0 if none does (protocol 3.4, 7.1). */
function assertSeqs(frames: readonly AnyFrame[], pieces: readonly { seq: number; count: number }[]): void {
  const endings = new Map<number, number>();
  let count = 0;
  for (const piece of pieces) endings.set(count += piece.count, piece.seq);
  count = 0;
  for (const { seq, Events } of frames) {
    if (Events === undefined) continue;
    count += Events.length;
    assert.equal(seq, endings.get(count) ?? 0, `the seq of the frame that ends with event ${count}`);
  }
}

Deno.test("9.1 pieces of a firehose, each resumed from any seq that was received, are the uninterrupted stream", async () => {
  const seed = Number(Deno.env.get("FILTERED_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  const cuts = fc.sample(fc.double({ min: 0, max: 1, noNaN: true }), { seed, numRuns: 6 });
  await using gateway = await Gateway.start(FLAGS);
  await gateway.ready();
  await using firehose = await Client.connect(gateway.url());
  firehose.send({ subscribe: EVENT_NAMES });
  await firehose.until("the last event comes", ({ frames }) => {
    return frames.at(-1)?.Events?.at(-1).seqno === LAST_SEQNO;
  });
  const whole = firehose.frames.flatMap((frame) => frame.Events ?? []);
  const seqs = firehose.frames.filter((frame) => frame.Events !== undefined).map((frame) => frame.seq);
  for (const cut of cuts) {
    const seq = seqs[Math.floor(cut * (seqs.length - 1))];
    await using client = await Client.connect(gateway.url(`/v1/ws?resume_from=${seq}`));
    client.send({ subscribe: EVENT_NAMES });
    const { Hello } = await client.frame("Hello");
    assert.equal(Hello.resume.status, "replayed");
    const before = numbered(firehose.frames).filter((one) => one.seq <= seq).map(({ event }) => event);
    await client.until("the rest comes", ({ events }) => before.length + events.length >= whole.length);
    assert.ok(isDeepStrictEqual([...before, ...client.events], whole), `resumed from ${seq}`);
  }
});
