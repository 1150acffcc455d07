// Protocol sections 8.1, 8.4, 8.5 and 16: metrics on the stream, and what plain HTTP answers of them.

import assert from "node:assert/strict";
import { Target } from "./target.ts";

const target = new Target({ node: ["run", "--block-ms", "50", "--txns-per-block", "10"] });

target.rule("8.1 TPS is a whole number at every BlockEnd, right behind it", async () => {
  await using client = await target.subscribed(["BlockEnd", "TPS"]);
  await client.until("blocks come", ({ events }) => events.length > 8);
  const live = client.frames.slice(client.frames.findIndex(({ Events }) => Events !== undefined));
  for (const [i, { seq, Events }] of live.slice(0, -1).entries()) {
    if (Events === undefined) continue;
    assert.equal(Events.length, 1);
    assert.equal(live[i + 1].seq, seq + 2);
    assert.ok(Number.isInteger(live[i + 1].TPS) && live[i + 1].TPS >= 0);
  }
});

target.controlled("8.1 two seconds after the last block TPS becomes 0, once, in slot 15", async () => {
  await using client = await target.subscribed(["BlockEnd", "TPS"]);
  // The snapshot may say so before any block has ended.
  await client.until("TPS is above 0 behind a block", ({ frames }) => {
    return frames.some(({ Events }) => Events !== undefined) && frames.at(-1).TPS > 0;
  });
  await target.tell("pause");
  try {
    await client.until("TPS is 0", ({ frames }) => frames.at(-1).TPS === 0);
    const base = target.base(client.frames.find(({ Events }) => Events !== undefined));
    assert.equal((client.frames.at(-1).seq - base) % 16, 15);
    const risen = client.frames.slice(client.frames.findIndex(({ TPS }) => TPS > 0));
    assert.equal(risen.filter(({ TPS }) => TPS === 0).length, 1);
  } finally {
    await target.tell("resume");
  }
});

target.rule("8.4 Lifecycle tells every stage of an id once, upwards, with its times and transactions", async () => {
  await using client = await target.subscribed(["Lifecycle"]);
  await client.until("blocks are verified", ({ frames }) => {
    return frames.filter(({ Lifecycle }) => Lifecycle?.to_stage === "Verified").length > 8;
  });
  const stages = ["Proposed", "Voted", "Finalized", "Verified", "Rejected", "Abandoned"];
  const newest = new Map<string, string>();
  for (const { Lifecycle } of client.frames.slice(1)) {
    const { block_hash, from_stage, to_stage } = Lifecycle;
    const before = newest.get(block_hash);
    if (before !== undefined) assert.equal(from_stage, before);
    if (to_stage === "Proposed") assert.equal(from_stage, undefined);
    else assert.ok(stages.indexOf(to_stage) > stages.indexOf(from_stage));
    if (to_stage !== "Proposed") assert.ok(Lifecycle.gas_used > 0 && Lifecycle.time_in_previous_stage_ms >= 0);
    assert.ok(Lifecycle.txn_count > 0 && Lifecycle.block_age_ms >= 0);
    newest.set(block_hash, to_stage);
  }
});

target.rule("8.5 metric messages are frames of their own, behind the event that caused them", async () => {
  const STAGES: Readonly<Record<string, string>> = { BlockStart: "Proposed", BlockFinalized: "Finalized" };
  await using client = await target.subscribed(["Lifecycle", ...Object.keys(STAGES)]);
  await client.until("blocks come", ({ kinds }) => kinds.filter((kind) => kind === "Events").length > 8);
  const frames = client.frames.slice(client.kinds.indexOf("Events"), client.kinds.lastIndexOf("Events"));
  for (const [i, { Events }] of frames.entries()) {
    if (Events === undefined) continue;
    assert.equal(Events.length, 1, "another frame belongs between two events");
    const [{ event_name, payload }] = Events;
    const next = frames.findIndex(({ Events }, at) => at > i && Events !== undefined);
    const caused = frames.slice(i + 1, next < 0 ? undefined : next).map(({ Lifecycle }) => Lifecycle);
    assert.ok(
      caused.some(({ block_hash, to_stage }) => block_hash === payload.block_id && to_stage === STAGES[event_name]),
      `${event_name} of ${payload.block_number}`,
    );
  }
});

target.rule("16 /v1/tps, /livez, /readyz and /health answer", async () => {
  assert.deepEqual(Object.keys((await target.get("/v1/tps")).body), ["tps"]);
  for (const path of ["/livez", "/readyz", "/health"]) assert.equal((await target.get(path)).status, 200, path);
  assert.deepEqual((await target.get("/health")).body, { success: true });
});

target.rule("16 /v1/status has its keys, and newest_seqno is a seq that can be resumed from", async () => {
  const { body } = await target.get("/v1/status");
  const keys = ["status", "block_number", "connected_clients", "uptime_secs", "last_event_age_secs", "server_seqno"];
  assert.deepEqual(Object.keys(body).slice(0, 10), [...keys, "oldest_seqno", "newest_seqno", "stream_id", "source"]);
  assert.equal(body.status, "healthy");
  await using client = await target.connect(`/v1/ws?resume_from=${body.newest_seqno}&subscribe=BlockStart`);
  const { Hello } = await client.frame("Hello");
  assert.deepEqual([Hello.resume.status, Hello.stream_id], ["replayed", body.stream_id]);
});

target.rule(
  "16 /v1/blocks/lifecycle lists finished blocks, then active ones; one number is a list, unknown ones 404",
  async () => {
    const { body } = await target.get("/v1/blocks/lifecycle");
    const isActive = body.map(({ current_stage }: { current_stage: string }) => {
      return ["Proposed", "Voted", "Finalized"].includes(current_stage);
    });
    assert.deepEqual(isActive, isActive.toSorted());
    const { block_number, block_hash } = body[0];
    const { body: ofNumber } = await target.get(`/v1/blocks/${block_number}/lifecycle`);
    assert.ok(ofNumber.some((block: { block_hash: string }) => block.block_hash === block_hash));
    assert.equal((await target.get("/v1/blocks/1/lifecycle")).status, 404);
  },
);

target.controlled("16 an allowed origin is named in Access-Control-Allow-Origin", async () => {
  const { headers } = await target.get("/v1/tps", { origin: "http://localhost:3000" });
  assert.equal(headers.get("access-control-allow-origin"), "http://localhost:3000");
});
