// A node that stands still at one event, between two blocks or in the middle of one: what is lost there, and what happens
// meanwhile, changes nothing of the rest (protocol 6.6, 10.2 and 16).

import assert from "node:assert/strict";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import type { AnyEvent } from "../harness/client.ts";
import type { RawFrames } from "../harness/raw_frames.ts";
import { Target } from "./target.ts";

const target = new Target({
  node: ["run", "--block-ms", "50", "--txns-per-block", "3"],
  flags: ["--unrestricted"],
});

const named = (name: string) => ({ event_name }: AnyEvent) => event_name === name;
const firehose = () => target.subscribed({ events: [...EVENT_NAMES, "TPS"], block_ids: true });

/** Has the node stand still right behind the next event of this name, does something, and has it go on. */
async function whileStandingAt(name: string, whole: RawFrames, act: (at: AnyEvent) => Promise<void>): Promise<void> {
  let { seqno } = await target.tell("pause");
  try {
    for (;;) {
      await whole.until(`event ${seqno} comes`, ({ events }) => events.at(-1)?.seqno >= seqno);
      const newest = whole.events.at(-1);
      if (newest.event_name === name) return await act(newest);
      ({ seqno } = await target.tell("burst 1"));
    }
  } finally {
    await target.tell("resume");
  }
}

/** Waits until TPS has fallen to 0 although a block is open: two seconds after the one before it. */
async function whileTpsIsZero(whole: RawFrames, act: (header: AnyEvent) => Promise<void>): Promise<void> {
  await whole.until("TPS is above 0", ({ frames }) => frames.some(({ TPS }) => TPS > 0));
  await whileStandingAt("TxnHeaderStart", whole, async (header) => {
    const from = whole.frames.length;
    await whole.until("TPS is 0", ({ frames }) => frames.slice(from).some(({ TPS }) => TPS === 0));
    await act(header);
  });
}

target.controlled(
  "10.2 a gap between two blocks takes nothing from the block before it, which min_stage holds",
  async () => {
    await using whole = await firehose();
    await using held = await target.subscribed({ events: EVENT_NAMES, min_stage: "Finalized", block_ids: true });
    await whole.until("a whole block comes", ({ events }) => {
      return events.slice(events.findIndex(named("BlockStart")) >>> 0).some(named("BlockEnd"));
    });
    await whileStandingAt("BlockVerified", whole, async () => {
      await target.tell("corrupt type");
    });
    const { Warning } = await whole.frame("Warning");
    assert.deepEqual([Warning.reason, Warning.dropped], ["undecodable", 1]);
    const { block_id, seqno } = whole.events.findLast((event) =>
      named("BlockEnd")(event) && event.seqno < Warning.to_seqno
    );
    const ofBlock = ({ events }: RawFrames) => events.filter((event) => event.block_id === block_id);
    await held.until("the block before it is finalized", (held) => ofBlock(held).some(named("BlockFinalized")));
    const seqnos = (client: RawFrames) => ofBlock(client).map((event) => event.seqno).filter((own) => own <= seqno);
    assert.ok(ofBlock(whole).some(named("BlockStart")));
    assert.deepEqual(seqnos(held), seqnos(whole));
  },
);

for (const correlate of [true, "transaction"] as const) {
  target.controlled(
    `6.6 correlate ${correlate} goes on with a transaction in whose middle TPS falls to 0`,
    async () => {
      await using whole = await firehose();
      await using client = await target.subscribed({ events: ["TxnHeaderStart"], correlate, block_ids: true });
      let open: AnyEvent;
      await whileTpsIsZero(whole, (header) => Promise.resolve(open = header));
      const own = ({ block_id, txn_idx }: AnyEvent) => block_id === open.block_id && txn_idx === open.txn_idx;
      const later = ({ events }: RawFrames) => {
        const ofTxn = events.filter((event) => own(event) && event.seqno >= open.seqno);
        return ofTxn.slice(0, ofTxn.findIndex(named("TxnEnd")) + 1).map(({ seqno }) => seqno);
      };
      for (const one of [whole, client]) {
        await one.until("the next block begins", ({ events }) => events.at(-1)?.block_number > open.block_number);
      }
      assert.ok(later(whole).length > 3);
      assert.deepEqual(later(client), later(whole));
    },
  );
}

target.controlled(
  "16 a block has an execution_time_ms when it has ended, and not when TPS falls to 0 in its middle",
  async () => {
    await using whole = await firehose();
    let open = 0;
    const times = async () => {
      const { body } = await target.get(`/v1/blocks/${open}/lifecycle`);
      return body.map(({ execution_time_ms }: { execution_time_ms?: number }) => execution_time_ms);
    };
    await whileTpsIsZero(whole, async ({ block_number }) => {
      open = block_number;
      assert.deepEqual(await times(), [undefined]);
    });
    await whole.until("the next block begins", ({ events }) => events.at(-1)?.block_number > open);
    // How much of the two seconds lay before its BlockStart is the machine's matter.
    assert.ok((await times())[0] > 0);
  },
);
