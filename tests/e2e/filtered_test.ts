// Any subscription equals the firehose filtered offline, by an evaluation over parsed events that shares no code with the
// gateway: filters, correlation, stages and block ids, whatever was subscribed before, and across a resume. On a recording;
// filtered_chaos_test.ts has the same for a node in chaos.

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import { Client } from "../harness/client.ts";
import { FIXTURES, Gateway } from "../harness/gateway.ts";
import { RawClient } from "../harness/raw_client.ts";
import { assertDelivered, itemsOf, numbered } from "./firehose.ts";
import { filterOffline } from "./offline.ts";
import { randomSubscription } from "./random_subscription.ts";

const RECORDING = `${FIXTURES}/emn-30b-15m.snapshot.zst`;
const LAST_SEQNO = 136_891;
const FLAGS = ["--ring", RECORDING, "--unrestricted", "--speed", "max", "--wait-for-subscriber"];

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
  const asked = fc.sample(randomSubscription(firehose.events), { seed, numRuns: 16 });
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
    const count = expected.flatMap(({ events }) => events).length;
    const what = `${JSON.stringify(pair)}, switched at ${first} and ${second},`;
    await client.until(`${count} events come for ${what}`, ({ events }) => events.length >= count);
    assertDelivered(client.frames, expected, what);
    if (itemsOf(client.frames).length > 0) matched++;
    await client[Symbol.asyncDispose]();
  }
  assert.ok(matched >= pairs.length / 2, `only ${matched} clients got anything`);
});

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
  const everything = numbered(firehose.frames);
  const seqs = firehose.frames.filter((frame) => frame.Events !== undefined).map((frame) => frame.seq);
  for (const cut of cuts) {
    const from = seqs[Math.floor(cut * (seqs.length - 1))];
    await using client = await Client.connect(gateway.url(`/v1/ws?resume_from=${from}`));
    client.send({ subscribe: EVENT_NAMES });
    const { Hello } = await client.frame("Hello");
    assert.equal(Hello.resume.status, "replayed");
    const before = everything.filter(({ seq }) => seq <= from).map(({ event }) => event);
    await client.until("the rest comes", ({ events }) => before.length + events.length >= everything.length);
    const pieces = [...before, ...client.events];
    assert.ok(isDeepStrictEqual(pieces, everything.map(({ event }) => event)), `resumed from ${from}`);
  }
});

Deno.test("9.3 every Subscribe that comes before the replay is over is answered behind it, in their order", async () => {
  await using gateway = await Gateway.start(["--ring", RECORDING, "--unrestricted", "--speed", "max"]);
  await gateway.ready();
  // It reads nothing yet, so that the replay cannot be over when the gateway has all three.
  using client = await RawClient.connect(gateway.url("/v1/ws?resume_from=16&subscribe=BlockStart"));
  await client.send({ subscribe: { events: ["TxnLog"], id: "second" } });
  await client.send({ subscribe: { events: ["BlockEnd"], id: "third" } });
  const said: string[] = [];
  while (!said.includes("third")) {
    const got = await client.next();
    assert.ok(got !== undefined && "frame" in got, `${said}`);
    const { Events, Hello, Subscribed } = got.frame;
    if (Events !== undefined && said.length === 0) said.push("replay");
    if (Hello !== undefined) said.push(Hello.resume.status);
    if (Subscribed !== undefined) said.push(Subscribed.id);
  }
  assert.deepEqual(said, ["replay", "replayed", "second", "third"]);
});
