// What a client is answered, on a real log, where it takes a turn of the pump that no client can hit on purpose.

import assert from "node:assert/strict";
import { parseConfig } from "../../src/config.ts";
import { Conversation } from "../../src/serve/conversation.ts";
import type { Gateway } from "../../src/serve/gateway.ts";
import { Playback, Socket, subscription } from "../stream/delivered.ts";

/** The gateway of a playback, with the flags' defaults. */
function gatewayOf({ log, groups, lifecycle, snapshot }: Playback): Gateway {
  const parsed = parseConfig([], () => undefined, () => "", false);
  assert.ok(parsed.kind === "config");
  const identity = { serverVersion: "0", streamId: "test", blockedEvents: [] };
  return {
    ...{ config: parsed.config, identity, log, groups, lifecycle, snapshot },
    resumable: () => ({ base: 0, releasedSeq: log.releasedSeq, streamId: identity.streamId }),
    source: { status: () => log.status(), play: () => {} },
    connections: { descriptorLimit: 0 } as Gateway["connections"],
    sent: { direct: 0, buffered: 0 },
    newestSeenMs: () => undefined,
  };
}

Deno.test("2.5 an identical Subscribe changes nothing: what the window has lost of a held block is told all the same", async () => {
  const warnings = [];
  for (const isRepeated of [false, true]) {
    using play = await Playback.of("emn-30b-15m");
    const socket = new Socket();
    const asked = { resumeFrom: undefined, streamId: undefined, subscription: undefined };
    const conversation = new Conversation(socket, gatewayOf(play), "peer", asked);
    const subscribe = () => {
      conversation.subscribe(subscription({ events: ["BlockStart", "BlockEnd"], min_stage: "Finalized" }));
    };
    const start = play.entriesOf("BlockStart")[1]!;
    play.turn(start);
    subscribe();
    play.turn(start + 100);
    play.release(start + 1);
    if (isRepeated) subscribe();
    play.turn();
    play.deliverAll([socket]);
    warnings.push(socket.warnings);
  }
  const [once, repeated] = warnings;
  // Its start at once, its end when it has come.
  assert.deepEqual(
    once!.map(({ type, reason, dropped }) => [type, reason, dropped]),
    Array(2).fill(["gap", "window", 1]),
  );
  assert.deepEqual(repeated, once);
});
