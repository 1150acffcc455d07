// Deliver at the stage, on a node in chaos: for each min_stage, what a client gets is what an independent computation over
// the node's truth says, block by block and in order (protocol section 7).

import assert from "node:assert/strict";
import { type AnyEvent, type AnyFrame, Client } from "../harness/client.ts";
import { deadline } from "../harness/condition.ts";
import { Gateway } from "../harness/gateway.ts";
import { Node, RingPlace } from "../harness/node.ts";
import { type Consensus, type Proposal, readTruth, type Truth } from "../harness/truth.ts";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";

const STAGES = ["Voted", "Finalized", "Verified"] as const;
const EVENTS = ["BlockStart", "TxnHeaderStart", "TxnLog", "BlockEnd", "BlockQC", "BlockFinalized", "BlockVerified"];

/** A delivered event: ring, seqno and stage. */
type Delivered = string;

/** Whether a frame tells that a ring ended; what was held of it is counted, and told before. */
function isRestart({ Warning }: AnyFrame): boolean {
  return Warning?.reason === "source_restarted" && Warning.dropped === undefined;
}

/** What a client got, by the ring's numbers; each restart is announced to everybody. `rings` names those it saw. */
function delivered(
  frames: readonly AnyFrame[],
  rings: readonly number[],
): { list: Delivered[]; names: Map<string, string> } {
  let opened = 0;
  const list: Delivered[] = [];
  const names = new Map<string, string>();
  for (const frame of frames) {
    if (isRestart(frame)) opened++;
    for (const event of frame.Events ?? []) {
      list.push(`${rings[opened]}:${event.seqno} ${event.commit_stage}`);
      names.set(`${rings[opened]}:${event.seqno}`, event.event_name);
    }
  }
  return { list, names };
}

/** Which of the node's rings a firehose saw, by their blocks: one that was there for an instant may never be opened. */
function ringsSeen(frames: readonly AnyFrame[], truth: Truth): number[] {
  const rings: number[] = [];
  let starts: AnyEvent[] = [];
  for (const frame of frames) {
    starts.push(...(frame.Events ?? []).filter((event: AnyEvent) => event.event_name === "BlockStart"));
    if (!isRestart(frame)) continue;
    const isIn = (ring: number) =>
      starts.every(({ seqno, payload }) => {
        return truth.proposals.some((one) => {
          return one.ring === ring && one.first_seqno === seqno && one.block_id === payload.block_id;
        });
      });
    const ring = truth.proposals.map((one) => one.ring).sort((a, b) => a - b)
      .find((ring) => ring > (rings.at(-1) ?? 0) && isIn(ring));
    rings.push(ring ?? 0);
    starts = [];
  }
  return rings;
}

/** What min_stage `least` has to deliver of the events that the gateway saw, by the truth alone. */
function expected(truth: Truth, seen: Map<string, string>, least: number): Delivered[] {
  const wanted = (ring: number, seqno: number) => EVENTS.includes(seen.get(`${ring}:${seqno}`) ?? "");
  const entries: (Proposal | Consensus)[] = [...truth.proposals, ...truth.consensus];
  const at = (entry: Proposal | Consensus) => "outcome" in entry ? entry.last_seqno : entry.seqno;
  entries.sort((a, b) => a.ring - b.ring || at(a) - at(b));
  const result: Delivered[] = [];
  let ring = 0;
  let held = new Map<string, number[]>();
  let stages = new Map<string, number>();
  let numbers = new Map<string, number>();
  let released = new Set<string>();
  let dead = new Set<string>();
  for (const entry of entries) {
    if (entry.ring !== ring) {
      ring = entry.ring;
      [held, stages, numbers, released, dead] = [new Map(), new Map(), new Map(), new Set(), new Set()];
    }
    if ("outcome" in entry) {
      const seqnos = Array.from({ length: entry.last_seqno - entry.first_seqno + 1 }, (_, i) => entry.first_seqno + i);
      const isWhole = seqnos.every((seqno) => seen.has(`${ring}:${seqno}`)) && !("RecordError" in entry.events);
      if (!isWhole || entry.outcome !== "ended") continue;
      numbers.set(entry.block_id, entry.block_number);
      const before = held.get(entry.block_id) ?? [];
      held.set(entry.block_id, [...before, ...seqnos.filter((seqno) => wanted(ring, seqno))]);
      stages.set(entry.block_id, stages.get(entry.block_id) ?? 1);
      continue;
    }
    if (!seen.has(`${ring}:${entry.seqno}`)) continue;
    const stage = ["", "", "BlockQC", "BlockFinalized", "BlockVerified"].indexOf(entry.consensus);
    const id = entry.block_id ??
      [...stages].find(([id, stage]) => stage === 3 && numbers.get(id) === entry.block_number)?.[0];
    if (id === undefined) {
      // Verified for sure, though nobody here knows which block that is: a new ring verifies blocks of the one before.
      if (wanted(ring, entry.seqno)) result.push(`${ring}:${entry.seqno} Verified`);
      continue;
    }
    numbers.set(id, entry.block_number);
    stages.set(id, Math.max(stages.get(id) ?? 0, stage));
    if (stage === 3) {
      for (const [other, number] of numbers) {
        const isOver = other !== id && stages.get(other)! < 3 && number <= entry.block_number;
        if (isOver && !released.has(other)) dead.add(other);
      }
    }
    if (dead.has(id)) continue;
    const now = stages.get(id)!;
    const name = ["", "Proposed", "Voted", "Finalized", "Verified"][now];
    const own = wanted(ring, entry.seqno) ? [entry.seqno] : [];
    if (released.has(id)) result.push(...own.map((seqno) => `${ring}:${seqno} ${name}`));
    else if (now >= least) {
      released.add(id);
      result.push(...[...held.get(id) ?? [], ...own].map((seqno) => `${ring}:${seqno} ${name}`));
    } else held.set(id, [...held.get(id) ?? [], ...own]);
  }
  return result;
}

Deno.test("7 on a chaos node every min_stage delivers what the truth says, and nothing of the losers", async () => {
  const seed = Number(Deno.env.get("STAGES_SEED") ?? Math.floor(Math.random() * 2 ** 32));
  console.log(`seed ${seed}`);
  using place = new RingPlace();
  const truthPath = `${place.ring}.truth`;
  // Large enough that nothing leaves it and nobody is too slow for it, whatever chaos lets expire.
  const room = ["--window-bytes", "2GiB", "--buffer-per-client", "1000000"];
  await using gateway = await Gateway.start(["--ring", place.ring, "--unrestricted", ...room]);
  await using firehose = await Client.connect(gateway.url());
  firehose.send({ subscribe: EVENT_NAMES });
  await firehose.frame("Hello");
  const clients = await Promise.all(STAGES.map(() => Client.connect(gateway.url())));
  for (const [i, client] of clients.entries()) {
    client.send({ subscribe: { events: EVENTS, min_stage: STAGES[i] } });
    await client.frame("Hello");
  }
  // Now that everybody waits for its first event.
  await using node = await Node.start(
    [
      ...["run", "--truth", truthPath, "--seed", `${seed}`, "--chaos", `${seed}`],
      // Chaos may have the node rush through all of it in an instant, in which nobody would find its ring.
      ...["--paused", "--blocks", "250", "--block-ms", "25", "--txns-per-block", "8", "--descriptor-shift", "20"],
    ],
    place.ring,
  );
  await deadline("the gateway has found the ring", async () => {
    return (await gateway.get("/v1/status")).body.source_state === "reading";
  });
  await node.tell("resume");
  assert.equal(await node.ended(), 0);
  const truth = readTruth(truthPath);
  await deadline("the gateway waits for a ring", async () => {
    return (await gateway.get("/v1/status")).body.source_state === "down";
  });
  for (const client of [firehose, ...clients]) {
    await client.until("the last ring ends", ({ frames }) => isRestart(frames.at(-1)));
  }
  for (const { frames } of [firehose, ...clients]) {
    const isLoss = ({ Warning }: AnyFrame) => Warning?.type === "backpressure" || Warning?.reason === "window";
    assert.equal(frames.find(isLoss), undefined);
  }
  const rings = ringsSeen(firehose.frames, truth);
  const { names: seen } = delivered(firehose.frames, rings);
  for (const [i, client] of clients.entries()) {
    const { list } = delivered(client.frames, rings);
    assert.deepEqual(list, expected(truth, seen, i + 2), `min_stage ${STAGES[i]}`);
    assert.ok(list.length > 0, `min_stage ${STAGES[i]} delivered nothing`);
    await client[Symbol.asyncDispose]();
  }
});
