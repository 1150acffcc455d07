// Protocol 10.2: input that is lost is told at its place, and the stream goes on where it is whole again.

import assert from "node:assert/strict";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import { Target } from "./target.ts";

const target = new Target({
  node: ["run", "--block-ms", "50", "--txns-per-block", "10", "--descriptor-shift", "16"],
  flags: ["--unrestricted"],
});

for (
  const [command, reason] of [["corrupt type", "undecodable"], ["restart", "source_restarted"], [
    "crash",
    "source_restarted",
  ]] as const
) {
  target.controlled(
    `10.2 ${command} is a gap of reason ${reason}, for live and replaying clients; the next event begins a block or stands outside`,
    async () => {
      await using client = await target.subscribed(EVENT_NAMES);
      const { seq } = await client.frame("Events");
      await target.tell(command);
      const frame = await client.frame("Warning");
      assert.deepEqual([frame.seq, frame.Warning.type, frame.Warning.reason], [0, "gap", reason]);
      const at = client.frames.indexOf(frame);
      const { Events } = await client.frame("Events", at);
      assert.ok(["BlockStart", "BlockQC", "BlockFinalized", "BlockVerified"].includes(Events[0].event_name));
      await using replayed = await target.connect(`/v1/ws?resume_from=${seq}`);
      assert.deepEqual((await replayed.frame("Warning")).Warning, frame.Warning);
      if (reason !== "undecodable") return;
      const before = client.frames.slice(0, at).findLast(({ Events }) => Events !== undefined).Events.at(-1);
      assert.equal(frame.Warning.from_seqno, before.seqno + 1);
      assert.equal(frame.Warning.to_seqno + 1, Events[0].seqno);
      assert.equal(frame.Warning.dropped, frame.Warning.to_seqno - frame.Warning.from_seqno + 1);
    },
  );
}
