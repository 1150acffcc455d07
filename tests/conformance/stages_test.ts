// Protocol section 7: min_stage holds blocks back and releases them whole, held against a client that gets everything.
// tests/e2e/stages_test.ts has the same for a node in chaos.

import assert from "node:assert/strict";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import type { AnyEvent, AnyFrame } from "../harness/client.ts";
import type { RawFrames } from "../harness/raw_frames.ts";
import { Target } from "./target.ts";

const target = new Target({
  node: ["run", "--block-ms", "50", "--txns-per-block", "15", "--fork-every", "6"],
  flags: ["--unrestricted"],
});

const EVENTS = ["BlockStart", "TxnHeaderStart", "TxnLog", "BlockEnd", "BlockQC", "BlockFinalized", "BlockVerified"];
const STAGES = { Voted: "BlockQC", Finalized: "BlockFinalized", Verified: "BlockVerified" } as const;

/** Events of a released id, with their stages; competing blocks upon it name it in a QC each. */
const ORDINARY: Readonly<Record<string, string>> = {
  BlockQC: "Voted",
  BlockFinalized: "Finalized",
  BlockVerified: "Verified",
};

const named = (name: string) => ({ event_name }: AnyEvent) => event_name === name;
const seqnos = (events: readonly AnyEvent[]) => events.map(({ seqno }) => seqno);
const releasesOf = ({ frames }: RawFrames): AnyFrame[] =>
  frames.filter(({ Events }) => Events?.some(named("BlockStart")));

/** A client that gets everything and one that holds, until `count` blocks were released to it. */
async function watch(min_stage: string, events: readonly string[], count: number) {
  const whole = await target.subscribed({ events: [...EVENT_NAMES, "Lifecycle"], block_ids: true });
  const client = await target.subscribed({ events, min_stage, block_ids: true, id: 1 });
  await client.until("blocks are released", (client) => releasesOf(client).length >= count);
  // Whatever comes from here on, the other client may not have yet.
  const releases = releasesOf(client);
  const last = client.events.at(-1).seqno;
  await whole.until("the other is as far", ({ events }) => events.at(-1)?.seqno > last);
  const base = target.base(whole.frames.find(({ Events }) => Events !== undefined));
  return { whole, client, releases, base };
}

for (const [stage, decider] of Object.entries(STAGES)) {
  target.controlled(
    `7.1 min_stage ${stage} releases whole blocks in ring order, with the stage they then have`,
    async () => {
      const { whole, client, releases, base } = await watch(stage, EVENTS, 12);
      await using _whole = whole;
      await using _client = client;
      let compared = 0;
      for (const { seq, Events } of releases) {
        const id = Events[0].block_id;
        const start = whole.events.findIndex((event) => named("BlockStart")(event) && event.block_id === id);
        if (start < 0) continue; // began before the other client had subscribed
        const decided = whole.events.findIndex((event) => named(decider)(event) && event.block_id === id);
        const expected = whole.events.slice(start, decided + 1)
          .filter(({ event_name, block_id }) => block_id === id && EVENTS.includes(event_name));
        assert.deepEqual(seqnos(Events), seqnos(expected));
        assert.ok(Events.every(({ commit_stage }: AnyEvent) => commit_stage === stage));
        assert.ok(Events.every(({ block_id }: AnyEvent) => block_id === id));
        // R is the seq of the entry that released it, which is part of it.
        assert.equal(seq, base + 16 * Events.at(-1).seqno);
        assert.equal(Events.at(-1).event_name, decider);
        compared++;
      }
      assert.ok(compared >= 5, `${compared} blocks`);
    },
  );
}

target.controlled(
  "7.1 later events of a released id follow as ordinary frames with the stage of their own",
  async () => {
    const { whole, client } = await watch("Voted", EVENTS, 15);
    await using _whole = whole;
    await using _client = client;
    const released = new Set<string>();
    const later: string[] = [];
    for (const { Events } of client.frames.filter(({ Events }) => Events !== undefined)) {
      const isRelease = Events.some(named("BlockStart"));
      if (isRelease) released.add(Events[0].block_id);
      for (const event of isRelease ? [] : Events) {
        if (!released.has(event.block_id)) continue;
        assert.equal(
          event.commit_stage,
          ORDINARY[event.event_name],
        );
        later.push(event.event_name);
      }
    }
    assert.ok(later.includes("BlockFinalized") && later.includes("BlockVerified"), `${later}`);
  },
);

target.controlled("7.1 a release above 64 KiB is split, and all frames but the last carry seq 0", async () => {
  const { whole, client, base } = await watch("Voted", EVENT_NAMES, 3);
  await using _whole = whole;
  await using _client = client;
  const at = client.frames.findIndex(({ seq, Events }) =>
    seq === 0 && Events !== undefined && Events[0].event_name === "BlockStart"
  );
  assert.ok(at > 0, "no release was split");
  const end = client.frames.findIndex(({ seq }, i) => i >= at && seq !== 0);
  const parts = client.frames.slice(at, end + 1);
  assert.ok(parts.length > 1);
  const events = parts.flatMap(({ Events }) => Events);
  const id = events[0].block_id;
  assert.ok(events.every(({ block_id }) => block_id === id));
  assert.deepEqual(seqnos(events), seqnos(events).toSorted((a, b) => a - b));
  assert.equal(parts.at(-1)!.seq, base + 16 * events.at(-1).seqno);
  assert.ok(client.texts.slice(at, end + 1).every((text) => text.length <= 1 << 16));
  assert.ok(client.texts.slice(at, end).every((text) => text.length > 1 << 15), "parts are filled");
});

target.controlled(
  "7.2 BlockQC and BlockFinalized are held with the id they name, BlockVerified with the finalized one",
  async () => {
    const { whole, client } = await watch("Verified", EVENTS, 6);
    await using _whole = whole;
    await using _client = client;
    for (const { Events } of releasesOf(client)) {
      for (const name of ["BlockQC", "BlockFinalized", "BlockVerified"]) {
        const own = Events.filter(named(name));
        assert.ok(own.length === 1 || (own.length > 1 && name === "BlockQC"), name); // each competing block names it
        assert.equal(own[0].block_id, Events[0].block_id);
        assert.equal(own[0].commit_stage, "Verified");
      }
    }
  },
);

target.controlled(
  "7.3 a new subscription delivers whole blocks begun before H, and nothing released before H",
  async () => {
    const { whole, client, base } = await watch("Finalized", EVENTS, 3);
    await using _whole = whole;
    await using _client = client;
    const { Subscribed: { seq: H } } = client.frames.find(({ Subscribed }) => Subscribed !== undefined);
    const [first] = releasesOf(client);
    assert.ok(first.seq > H);
    assert.ok(base + 16 * first.Events[0].seqno < H, "began before");
    const types = first.Events.map(({ event_name }: AnyEvent) => event_name);
    assert.deepEqual([types[0], types.includes("BlockEnd"), types.at(-1)], ["BlockStart", true, "BlockFinalized"]);
  },
);

const LOSERS: readonly (readonly [command: string, fate: string])[] = [
  ["fork 3", "Abandoned"],
  ["fork voted", "Abandoned"],
  ["reject", "Rejected"],
  ["reject late", "Rejected"],
  ["fail block", "Rejected"],
];

for (const [command, fate] of LOSERS) {
  target.controlled(
    `7.3 a block that loses by ${command} is never delivered at Finalized; Lifecycle says ${fate}`,
    async () => {
      await using lifecycle = await target.subscribed(["Lifecycle"]);
      await using client = await target.subscribed({ events: EVENTS, min_stage: "Finalized", block_ids: true });
      await target.tell(command);
      const lost = () =>
        lifecycle.frames.filter(({ Lifecycle }) => Lifecycle?.to_stage === fate).map(({ Lifecycle }) => Lifecycle);
      await lifecycle.until(`a block is ${fate}`, () => lost().length > 0);
      const newest = Math.max(...lost().map(({ block_number }) => block_number));
      await client.until("later blocks are released", ({ events }) => events.at(-1)?.block_number > newest + 2);
      const losers = new Set(lost().map(({ block_hash }) => block_hash));
      assert.ok(client.events.every(({ block_id }) => !losers.has(block_id)));
      assert.ok(client.events.every(({ commit_stage }) => ["Finalized", "Verified"].includes(commit_stage)));
    },
  );
}

target.controlled("7.3 a Voted block that loses was delivered at Voted, and nothing takes it back", async () => {
  await using client = await target.subscribed({
    events: [...EVENTS, "Lifecycle"],
    min_stage: "Voted",
    block_ids: true,
  });
  await target.tell("fork voted");
  const lost = () =>
    client.frames.find(({ Lifecycle }) => Lifecycle?.to_stage === "Abandoned" && Lifecycle.from_stage === "Voted");
  await client.until("a voted block is abandoned", () => lost() !== undefined);
  const id = lost().Lifecycle.block_hash;
  const at = client.frames.findIndex(({ Events }) => Events?.some((event: AnyEvent) => event.block_id === id));
  assert.ok(at >= 0 && at < client.frames.indexOf(lost()));
});

target.controlled(
  "7.3 nothing but finality decides: while it stalls, Finalized delivers nothing and then everything",
  async () => {
    await using whole = await target.subscribed(["BlockStart", "BlockEnd", "BlockFinalized"]);
    await using client = await target.subscribed({ events: EVENTS, min_stage: "Finalized", block_ids: true });
    await client.frame("Events");
    await target.tell("stall 6");
    const { length } = whole.events;
    await whole.until("it goes on", ({ events }) => events.slice(length).filter(named("BlockFinalized")).length > 8);
    const numbers = () => client.events.filter(named("BlockStart")).map(({ block_number }) => block_number);
    const last = whole.events.findLast(named("BlockFinalized")).payload.block_number;
    await client.until("all are released", () => numbers().at(-1) >= last);
    assert.deepEqual(numbers(), Array.from(numbers(), (_, i) => numbers()[0] + i));
  },
);

target.controlled("7.4 behind a replay a held subscription delivers what releases after it, whole", async () => {
  await using first = await target.subscribed(EVENTS);
  await first.until("blocks pass", ({ events }) => events.filter(named("BlockEnd")).length > 3);
  const { seq } = first.frames[1];
  await using client = await target.connect(`/v1/ws?resume_from=${seq}`);
  await client.send({ subscribe: { events: EVENTS, min_stage: "Finalized", block_ids: true } });
  const { Hello } = await client.frame("Hello");
  assert.equal(Hello.resume.status, "replayed");
  const from = client.kinds.indexOf("Hello");
  const T = client.frames.slice(0, from).filter(({ Events }) => Events !== undefined).at(-1).seq;
  await client.until(
    "blocks are released",
    ({ frames }) => frames.slice(from).filter(({ Events }) => Events).length > 4,
  );
  const [release] = client.frames.slice(from).filter(({ Events }) => Events !== undefined);
  assert.equal(release.Events[0].event_name, "BlockStart");
  assert.ok(release.seq > T);
  const replayed = client.frames.slice(0, from).flatMap(({ Events }) => Events ?? []);
  assert.ok(release.Events[0].seqno < replayed.at(-1).seqno, "it began before T");
  assert.ok(release.Events.every(({ commit_stage }: AnyEvent) => commit_stage === "Finalized"));
});

target.controlled("7.5 metric items and Lifecycle are not held", async () => {
  await using client = await target.subscribed({ events: ["Lifecycle", "TPS", "BlockEnd"], min_stage: "Verified" });
  await client.until("a block is verified", ({ events }) => events.length > 0);
  const { block_number } = client.events[0];
  const at = client.kinds.indexOf("Events");
  const before = client.frames.slice(0, at);
  assert.ok(before.some(({ TPS }) => TPS !== undefined));
  assert.ok(
    before.some(({ Lifecycle }) => Lifecycle?.to_stage === "Proposed" && Lifecycle.block_number > block_number),
  );
});
