// Protocol 5.3: a node that does not trace calls, and what Hello says of it once that is known.

import assert from "node:assert/strict";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import { Target } from "./target.ts";

const target = new Target({
  node: ["run", "--block-ms", "50", "--txns-per-block", "5", "--trace-calls", "false", "--paused"],
  flags: ["--unrestricted"],
});

target.controlled(
  '5.3 Hello says "call_frames":false when a whole block with transactions has shown none, and nothing before',
  async () => {
    await using early = await target.subscribed(EVENT_NAMES);
    assert.ok(!Object.hasOwn(early.frames[0].Hello, "call_frames"));
    const { seqno } = await target.tell("burst 30");
    await early.until("a block is in its middle", ({ events }) => events.at(-1)?.seqno >= seqno);
    assert.ok(early.events.every(({ event_name }) => event_name !== "BlockEnd"));
    await using middle = await target.subscribed(EVENT_NAMES);
    assert.ok(!Object.hasOwn(middle.frames[0].Hello, "call_frames"));
    await target.tell("resume");
    await early.until("a block ends", ({ events }) => events.some(({ event_name }) => event_name === "BlockEnd"));
    await using late = await target.subscribed(EVENT_NAMES);
    const { Hello } = late.frames[0];
    assert.equal(Hello.call_frames, false);
    const keys = Object.keys(Hello);
    assert.deepEqual(keys.slice(keys.indexOf("stream_id")), ["stream_id", "resume", "call_frames", "source"]);
    const names = new Set(early.events.map(({ event_name }) => event_name));
    assert.ok(names.has("TxnEvmOutput") && !names.has("TxnCallFrame") && !names.has("NativeTransfer"));
  },
);
