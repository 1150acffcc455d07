// Any subscription on a node in chaos equals the firehose filtered offline: with gaps, forks, failed transactions and
// restarts, across changes of the subscription and across a disconnection at any point that resume_from in the URL mends.

import assert from "node:assert/strict";
import fc from "fast-check";
import { EVENT_NAMES, METRIC_ITEMS } from "../../src/stream/protocol.ts";
import { type AnyEvent, type AnyFrame, Client } from "../harness/client.ts";
import { deadline } from "../harness/condition.ts";
import { Gateway } from "../harness/gateway.ts";
import { Node, RingPlace } from "../harness/node.ts";
import { readTruth } from "../harness/truth.ts";
import { asPieces, assertDelivered, itemsOf, numbered, piecesBetween, withoutOwnLosses } from "./firehose.ts";
import { filterOffline, type Numbered } from "./offline.ts";
import { randomSubscription } from "./random_subscription.ts";

const CLIENTS = 12;
const BLOCKS = 200;
/** Blocks from whose events the values of filters are drawn, before the first client subscribes. */
const KNOWN_BLOCKS = 20;
const NODE = ["run", "--blocks", `${BLOCKS}`, "--txns-per-block", "6"];

/** What a client does and when, in blocks that the firehose saw. */
interface Plan {
  /** Subscriptions: two, then a disconnection, then the second again, then another. */
  readonly asked: readonly [AnyEvent, AnyEvent, AnyEvent];
  /** When it subscribes, subscribes again, goes, comes back and subscribes again. */
  readonly blocks: readonly number[];
  /** Which part of what came it has taken when it goes. */
  readonly taken: number;
  /** Whether the last subscription follows at once, before the replay is over. */
  readonly isHasty: boolean;
}

function randomPlan(known: readonly AnyEvent[]): fc.Arbitrary<Plan> {
  const asked = randomSubscription(known);
  const block = fc.noBias(fc.integer({ min: KNOWN_BLOCKS, max: BLOCKS }));
  return fc.record({
    asked: fc.tuple(asked, asked, asked),
    blocks: fc.array(block, { minLength: 5, maxLength: 5 }).map((blocks) => blocks.sort((a, b) => a - b)),
    taken: fc.noBias(fc.nat({ max: 1000 })).map((thousandths) => thousandths / 1000),
    isHasty: fc.boolean(),
  });
}

/** What a client got: over its first connection until it went, and over its second one. */
interface Delivered {
  readonly first: readonly AnyFrame[];
  readonly second: readonly AnyFrame[];
  /** Seq that it resumed from. */
  readonly resumedFrom: number;
}

/** Follows a plan; `until` waits for a number of blocks, or for the end of all. */
async function follow(
  gateway: Gateway,
  { asked, blocks, taken, isHasty }: Plan,
  until: (block: number) => Promise<void>,
): Promise<Delivered> {
  const [subscribe, again, go, back, last] = blocks as [number, number, number, number, number];
  await until(subscribe);
  const before = await Client.connect(gateway.url());
  before.send({ subscribe: { ...asked[0], id: 0 } });
  await until(again);
  before.send({ subscribe: { ...asked[1], id: 1 } });
  await until(go);
  await before.until("the second subscription is there", ({ frames }) => {
    const error = frames.find(({ Error }) => Error !== undefined);
    if (error !== undefined) throw new Error(`${JSON.stringify(asked)} was answered with ${JSON.stringify(error)}.`);
    return frames.some(isAnswerTo(1));
  });
  const switched = before.frames.findIndex(isAnswerTo(1));
  const end = switched + 1 + Math.round(taken * (before.frames.length - switched - 1));
  await before[Symbol.asyncDispose]();
  // Frames with seq 0 are no resume points: what came in them behind the last one comes again.
  const newest = before.frames.slice(0, end).findLastIndex((frame, i) => i > switched && frame.seq > 0);
  const first = before.frames.slice(0, Math.max(newest, switched) + 1);
  const resumedFrom = newest < 0 ? before.frames[switched].Subscribed.seq : first.at(-1).seq;
  await until(back);
  const client = await Client.connect(gateway.url(`/v1/ws?resume_from=${resumedFrom}`));
  client.send({ subscribe: { ...asked[1], id: 2 } });
  if (!isHasty) await until(last);
  client.send({ subscribe: { ...asked[2], id: 3 } });
  await until(Infinity);
  // Whatever subscribes next is answered behind everything that was due before.
  client.send({ subscribe: { events: ["TxnEnd"], id: 4 } });
  await client.until("everything has come", ({ frames }) => frames.some(isAnswerTo(4)));
  await client[Symbol.asyncDispose]();
  return { first, second: client.frames, resumedFrom };
}

const isAnswerTo = (id: number) => ({ Subscribed }: AnyFrame) => Subscribed?.id === id;

/** Asserts that a client got what the firehose says; returns how many events and gaps it got. */
function check(everything: readonly Numbered[], metrics: readonly AnyFrame[], plan: Plan, got: Delivered): number {
  const what = JSON.stringify({ ...plan, resumedFrom: got.resumedFrom });
  const { asked } = plan;
  const pieces = asked.map((one) => filterOffline(everything, one));
  const at = [...got.first, ...got.second].filter(({ Subscribed }) => Subscribed !== undefined)
    .map(({ Subscribed }) => Subscribed.seq);
  assert.equal(at.length, 5, what);
  const own = [got.first, got.second].map((frames) => withoutOwnLosses(everything, frames));
  for (const { frames, subscription } of own.flatMap(parts)) {
    if (subscription === 0) assertDelivered(frames, piecesBetween(pieces[0]!, at[0], at[1]), `${what}, first`);
    if (subscription === 1) {
      assertDelivered(frames, piecesBetween(pieces[1]!, at[1], got.resumedFrom), `${what}, second`);
    }
  }
  const [replay, ...rest] = parts(own[1]!);
  const raw = everything.filter(({ seq }) => seq > got.resumedFrom).slice(0, itemsOf(replay!.frames).length);
  assertDelivered(replay!.frames, asPieces(raw), `${what}, replay`);
  assert.equal(got.second.find(({ Hello }) => Hello !== undefined).Hello.resume.status, "replayed", what);
  const replayedTo = Math.max(raw.at(-1)?.seq ?? 0, got.resumedFrom, ...replay!.frames.map(({ seq }) => seq));
  assert.deepEqual(
    replay!.frames.filter(isMetric),
    metrics.filter(({ seq }) => seq > got.resumedFrom && seq <= replayedTo),
    `${what}, metrics of the replay`,
  );
  for (const { frames, subscription } of rest) {
    if (subscription === 2) assertDelivered(frames, piecesBetween(pieces[1]!, replayedTo, at[3]), `${what}, resumed`);
    if (subscription === 3) assertDelivered(frames, piecesBetween(pieces[2]!, at[3], Infinity), `${what}, last`);
  }
  for (const frames of [got.first, got.second]) {
    const counted = frames.filter(({ seq }) => seq > 0);
    const at = counted.findIndex(({ seq }, i) => i > 0 && seq <= counted[i - 1].seq);
    assert.ok(at < 0, `${what}: ${JSON.stringify(counted[at])} follows ${JSON.stringify(counted[at - 1])}`);
  }
  return [...itemsOf(got.first), ...itemsOf(got.second)].length;
}

const isMetric = (frame: AnyFrame) => METRIC_ITEMS.some((item) => Object.hasOwn(frame, item));

/** The frames of a connection by the subscription that they answer; the first part precedes them all. */
function parts(frames: readonly AnyFrame[]): { frames: AnyFrame[]; subscription: number | undefined }[] {
  const result: { frames: AnyFrame[]; subscription: number | undefined }[] = [{ frames: [], subscription: undefined }];
  for (const frame of frames) {
    if (frame.Subscribed !== undefined) result.push({ frames: [], subscription: frame.Subscribed.id });
    else result.at(-1)!.frames.push(frame);
  }
  return result;
}

/** The first seed of a chaos from `seed` on without the faults for which a node writes more than all the blocks together. */
async function calmSeed(seed: number): Promise<number> {
  for (let chaos = seed;; chaos++) {
    using place = new RingPlace();
    const truth = `${place.ring}.truth`;
    const quick = [...NODE, "--block-ms", "0", "--seed", `${seed}`, "--chaos", `${chaos}`, "--truth", truth];
    await using node = await Node.start(quick, place.ring);
    assert.equal(await node.ended(), 0);
    if (!readTruth(truth).faults.some(({ fault }) => ["expire", "overrun"].includes(fault))) return chaos;
  }
}

Deno.test("6, 9 on a chaos node any subscription, changed and resumed at any point, is the firehose filtered offline", async () => {
  const seed = Number(Deno.env.get("FILTERED_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  using place = new RingPlace();
  const room = ["--window-bytes", "1GiB", "--buffer-per-client", "1000000"];
  await using gateway = await Gateway.start(["--ring", place.ring, "--unrestricted", ...room]);
  await using firehose = await Client.connect(gateway.url());
  firehose.send({ subscribe: { events: [...EVENT_NAMES, ...METRIC_ITEMS], block_ids: true } });
  await firehose.frame("Hello");
  const seeds = ["--seed", `${seed}`, "--chaos", `${await calmSeed(seed)}`];
  await using node = await Node.start([...NODE, "--block-ms", "25", ...seeds], place.ring);
  let hasEnded = false;
  let looked = 0;
  let blocks = 0;
  const until = (block: number) =>
    deadline(`${block} blocks come`, () => {
      for (; looked < firehose.frames.length; looked++) {
        const { Events = [] } = firehose.frames[looked];
        blocks += Events.filter(({ event_name }: AnyEvent) => event_name === "BlockStart").length;
      }
      return hasEnded || blocks >= block;
    });
  await until(KNOWN_BLOCKS);
  const plans = fc.sample(randomPlan(firehose.events), { seed, numRuns: CLIENTS });
  const following = plans.map((plan) => follow(gateway, plan, until));
  const all = Promise.all(following);
  assert.equal(await node.ended(), 0);
  await deadline("the gateway waits for a ring", async () => {
    return (await gateway.get("/v1/status")).body.source_state === "down";
  });
  await firehose.until("the ring's end comes", ({ frames }) => frames.at(-1).Warning?.reason === "source_restarted");
  hasEnded = true;
  const delivered = await all;
  assert.ok(!firehose.frames.some(({ Warning }) => Warning?.type === "backpressure"));
  const everything = numbered(firehose.frames);
  const metrics = firehose.frames.filter(isMetric);
  const counts = delivered.map((got, i) => check(everything, metrics, plans[i]!, got));
  assert.ok(counts.filter((count) => count > 0).length >= CLIENTS / 2, `${counts}`);
});
