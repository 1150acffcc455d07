// What happens to clients when the gateway is overtaken by its ring, when the node dies or changes its schema, and when
// two gateways share a ring: real processes, stopped and killed.

import assert from "node:assert/strict";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import { type AnyEvent, type AnyFrame, Client } from "../harness/client.ts";
import { deadline } from "../harness/condition.ts";
import { Gateway } from "../harness/gateway.ts";
import { Node, RingPlace } from "../harness/node.ts";
import { isStopped } from "../harness/process.ts";

/** A node that records when it is told to: its next block by the clock is an hour away. */
const RUN = ["run", "--block-ms", "3600000", "--descriptor-shift", "16", "--txns-per-block", "20"];

/** Does something while a gateway stands still; it goes on whatever happens. */
async function whileStopped<T>(gateway: Gateway, act: () => Promise<T>): Promise<T> {
  gateway.kill("SIGSTOP");
  await deadline("every thread of it stands still", () => isStopped(gateway.pid));
  try {
    return await act();
  } finally {
    gateway.kill("SIGCONT");
  }
}

/** A client with this subscription that has had its Hello. */
async function subscribed(gateway: Gateway, subscribe: unknown): Promise<Client> {
  const client = await Client.connect(gateway.url());
  client.send({ subscribe });
  await client.frame("Hello");
  return client;
}

/** Waits until a firehose has the ring's event of this number, from frame `from` on. */
async function reaches(client: Client, seqno: number, from = 0): Promise<void> {
  await client.until(`seqno ${seqno} comes`, ({ frames }) => {
    return frames.slice(from).at(-1)?.Events?.at(-1).seqno >= seqno;
  });
}

const gapsOf = (frames: readonly AnyFrame[]) =>
  frames.filter((frame) => frame.Warning !== undefined).map((frame) => frame.Warning);

/** Asserts that ring events follow each other without a hole. */
function assertWhole(events: readonly AnyEvent[]): void {
  const seqnos = events.filter((event) => event.event_name !== "NativeTransfer").map((event) => event.seqno);
  seqnos.forEach((seqno, i) => assert.ok(i === 0 || seqno === seqnos[i - 1] + 1, `${seqno} after ${seqnos[i - 1]}`));
}

Deno.test("10.2 a gateway that is overtaken tells everybody one gap with the exact count and goes on with a whole block", async () => {
  using place = new RingPlace();
  await using node = await Node.start(RUN, place.ring);
  await using gateway = await Gateway.start(["--ring", place.ring, "--unrestricted"]);
  await gateway.ready();
  await using firehose = await subscribed(gateway, EVENT_NAMES);
  await using blocks = await subscribed(gateway, ["BlockStart", "BlockEnd"]);
  await using held = await subscribed(gateway, { events: EVENT_NAMES, min_stage: "Finalized" });
  const before = (await node.tell("burst 5000")).seqno;
  await reaches(firehose, before);

  const { seqno: overrun } = await whileStopped(gateway, () => node.tell("overrun"));
  assert.ok(overrun - before >= 2 * 65_536);
  await reaches(firehose, overrun);
  const { seqno: after } = await node.tell("burst 5000");
  await reaches(firehose, after);

  const { Warning } = await firehose.frame("Warning");
  assert.deepEqual([Warning.type, Warning.reason], ["gap", "ring_overrun"]);
  assert.equal(Warning.from_seqno, before + 1);
  assert.equal(Warning.dropped, Warning.to_seqno - Warning.from_seqno + 1);
  assert.ok(Warning.to_seqno >= overrun - 65_536, "it fell out of the ring");
  const at = firehose.frames.findIndex((frame) => frame.Warning !== undefined);
  const events = (frames: readonly AnyFrame[]) => frames.flatMap((frame) => frame.Events ?? []);
  const [old, recent] = [events(firehose.frames.slice(0, at)), events(firehose.frames.slice(at))];
  assert.equal(old.at(-1).seqno, before);
  assert.equal(recent[0].seqno, Warning.to_seqno + 1);
  assert.match(recent[0].event_name, /^Block(Start|QC|Finalized|Verified)$/);
  const inBlocks = recent.find((event) => !/^Block(QC|Finalized|Verified)$/.test(event.event_name));
  assert.equal(inBlocks.event_name, "BlockStart");
  assertWhole(old);
  assertWhole(recent);
  for (const client of [firehose, blocks, held]) {
    await client.until("the gap is told", ({ frames }) => gapsOf(frames).length > 0);
    const same = gapsOf(client.frames).filter(({ from_seqno }) => from_seqno === Warning.from_seqno);
    assert.deepEqual(same, [Warning], "everybody is told the same");
  }
  for (const client of [firehose, blocks]) assert.equal(gapsOf(client.frames).length, 1, "once");
  const last = recent.findLast((event) => event.event_name === "BlockFinalized")!;
  await held.until("the newest finalized block comes", (client) => {
    return client.events.some((event) => event.event_name === "BlockFinalized" && event.seqno === last.seqno);
  });
  // The gap cut a block and swallowed what decided others. Who waited for them is told that they will not come.
  const got = new Set(held.events.map(({ event_name, seqno }) => `${event_name} ${seqno}`));
  const lost = old.filter(({ event_name, seqno }) => !got.has(`${event_name} ${seqno}`));
  assert.ok(lost.length > 0);
  const told = gapsOf(held.frames).filter(({ from_seqno }) => from_seqno < Warning.from_seqno);
  assert.equal(told.length, gapsOf(held.frames).length - 1);
  assert.equal(told.reduce((sum, { dropped }) => sum + dropped, 0), lost.length);
  assert.ok(told.every(({ reason }) => reason === "ring_overrun"));
  const [from, to] = [lost[0].seqno, lost.at(-1).seqno];
  assert.ok(told.every(({ from_seqno, to_seqno }) => from_seqno >= from && to_seqno <= to));
  const listed = (await gateway.get("/v1/blocks/lifecycle")).body;
  const undecided = listed.filter((block: AnyEvent) => ["Proposed", "Voted"].includes(block.current_stage));
  const newest = Math.max(...listed.map((block: AnyEvent) => block.block_number));
  assert.ok(undecided.every((block: AnyEvent) => block.block_number > newest - 20), "nor are they listed for ever");
  const names = Map.groupBy(held.events, (event) => event.block_number);
  for (const [number, own] of names) {
    if (number === undefined) continue;
    const starts = own.filter((event) => event.event_name === "BlockStart").length;
    const ends = own.filter((event) => event.event_name === "BlockEnd").length;
    assert.equal(starts, ends, `block ${number} is whole or not there`);
  }
  const status = (await gateway.get("/v1/status")).body;
  assert.deepEqual([status.gaps, status.lost_events], [1, Warning.dropped]);
});

Deno.test("a crashed and then restarted node: clients stay, are told each time, and go on with higher numbers", async () => {
  using place = new RingPlace();
  await using node = await Node.start(RUN, place.ring);
  await using gateway = await Gateway.start(["--ring", place.ring, "--unrestricted"]);
  await gateway.ready();
  await using client = await subscribed(gateway, EVENT_NAMES);
  let { seqno } = await node.tell("burst 3000");
  await reaches(client, seqno);
  for (const [count, command] of ["crash 50", "restart 50"].entries()) {
    const length = client.frames.length;
    await node.tell(command);
    await client.until("the restart is told", ({ frames }) => gapsOf(frames).length > count);
    seqno = (await node.tell("burst 3000")).seqno;
    await reaches(client, seqno, length);
  }
  const warnings = gapsOf(client.frames);
  assert.deepEqual(warnings.map((warning) => warning.reason), ["source_restarted", "source_restarted"]);
  const seqs = client.frames.map((frame) => frame.seq).filter((seq) => seq !== 0);
  assert.ok(seqs.every((seq, index) => index === 0 || seq > seqs[index - 1]), "numbers rise across both");
  const parts: AnyEvent[][] = [[]];
  for (const frame of client.frames) {
    if (frame.Warning !== undefined) parts.push([]);
    parts.at(-1)!.push(...(frame.Events ?? []));
  }
  for (const part of parts) assertWhole(part);
  for (const [first] of parts.slice(1)) assert.deepEqual([first.event_name, first.seqno], ["BlockStart", 1]);
  assert.equal(client.closed, undefined);
});

Deno.test("two gateways on one ring: one stands still, the other and the node notice nothing", async () => {
  using place = new RingPlace();
  await using node = await Node.start(RUN, place.ring);
  await using stopped = await Gateway.start(["--ring", place.ring, "--unrestricted"]);
  await using other = await Gateway.start(["--ring", place.ring, "--unrestricted"]);
  await Promise.all([stopped.ready(), other.ready()]);
  await using late = await subscribed(stopped, EVENT_NAMES);
  await using client = await subscribed(other, EVENT_NAMES);
  let { seqno } = await node.tell("burst 2000");
  await Promise.all([reaches(late, seqno), reaches(client, seqno)]);
  await whileStopped(stopped, async () => {
    for (let turn = 0; turn < 4; turn++) {
      seqno = (await node.tell("burst 20000")).seqno;
      await reaches(client, seqno);
    }
  });
  await reaches(late, seqno);
  assert.deepEqual(gapsOf(client.frames), []);
  assertWhole(client.events);
  assert.equal(gapsOf(late.frames).length, 1);
  assert.equal(client.events.at(-1).seqno, seqno);
});

Deno.test("a ring of another schema while running: clients stay, /readyz says why, and it goes on after a restart", async () => {
  using place = new RingPlace();
  await using node = await Node.start(RUN, place.ring);
  await using gateway = await Gateway.start(["--ring", place.ring, "--unrestricted"]);
  await gateway.ready();
  await using client = await subscribed(gateway, EVENT_NAMES);
  const { seqno } = await node.tell("burst 2000");
  await reaches(client, seqno);
  await node.tell("schema");
  let reasons = "";
  await deadline("/readyz names the schema", async () => {
    const { status, body } = await gateway.get("/readyz");
    reasons = JSON.stringify(body);
    return status === 503 && /ddc58d9a/.test(reasons) && /8933f907/.test(reasons);
  });
  assert.equal((await gateway.get("/livez")).status, 200);
  const { length } = client.frames;
  await node.tell("restart");
  await gateway.ready();
  const { seqno: again } = await node.tell("burst 2000");
  await reaches(client, again, length);
  assert.equal(client.closed, undefined, reasons);
  assert.ok(gapsOf(client.frames).every((warning) => warning.reason === "source_restarted"));
  assert.ok(gapsOf(client.frames).length > 0);
});
