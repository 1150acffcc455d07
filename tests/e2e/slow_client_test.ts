// A client that stops reading: on a live ring it is closed and costs nobody else anything; a recording waits for it.

import assert from "node:assert/strict";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import { Client } from "../harness/client.ts";
import { deadline } from "../harness/condition.ts";
import { FIXTURES, Gateway } from "../harness/gateway.ts";
import { Node, RingPlace } from "../harness/node.ts";
import { RawClient } from "../harness/raw_client.ts";

Deno.test("a client that stalls on a live ring is closed with 4008, and the others miss nothing", async () => {
  using place = new RingPlace();
  const replay = ["replay", `${FIXTURES}/emn-30b-15m.snapshot.zst`, "--rate", "40000", "--loop"];
  await using _node = await Node.start(replay, place.ring);
  await using gateway = await Gateway.start(["--ring", place.ring, "--unrestricted", "--window-bytes", "16MiB"]);
  await gateway.ready();
  using stalled = await RawClient.connect(gateway.url());
  await stalled.send({ subscribe: EVENT_NAMES });
  await using other = await Client.connect(gateway.url());
  other.send({ subscribe: ["BlockStart", "TxnEnd"] });
  await deadline("the stalled client is given up", () => {
    return gateway.lines.some(({ properties }) => properties["code"] === 4008);
  });
  const { length } = other.events;
  await other.until("the other client goes on", ({ events }) => events.length > length + 1000);
  assert.ok(!other.frames.some((frame) => frame.Warning !== undefined));
  assert.equal(other.closed, undefined);

  // What had been sent before is whole and in order; then comes the close frame, or the reset that does not wait for it.
  let seqno = 0;
  for (;;) {
    const message = await stalled.next();
    if (message === undefined) break;
    if ("closed" in message) {
      assert.equal(message.closed, 4008);
      break;
    }
    for (const event of message.frame.Events ?? []) {
      if (event.event_name === "NativeTransfer") continue;
      assert.ok(seqno === 0 || event.seqno === seqno + 1, `${event.seqno} after ${seqno}`);
      seqno = event.seqno;
    }
  }
  assert.ok(seqno > 0);
});

Deno.test("a recording waits for a client that stalls, which then gets every event", async () => {
  const flags = ["--ring", `${FIXTURES}/emn-30b-15m.snapshot.zst`, "--unrestricted", "--wait-for-subscriber"];
  await using gateway = await Gateway.start([...flags, "--speed", "max", "--window-bytes", "8MiB"]);
  await gateway.ready();
  using stalled = await RawClient.connect(gateway.url());
  await stalled.send({ subscribe: EVENT_NAMES });
  let before = -1;
  await deadline("the recording stands still", async () => {
    await new Promise((resolve) => setTimeout(resolve, 200)); // two looks at the same number
    const { events, source_state } = (await gateway.get("/v1/status")).body;
    assert.notEqual(source_state, "ended");
    const stands = events > 0 && events === before;
    before = events;
    return stands;
  });
  assert.ok(before < 136_891);
  let seqno = 0;
  while (seqno < 136_891) {
    const message = await stalled.next();
    assert.ok(message !== undefined && "frame" in message, "the stream ended early");
    for (const event of message.frame.Events ?? []) {
      if (event.event_name === "NativeTransfer") continue;
      assert.equal(event.seqno, ++seqno);
    }
  }
});

Deno.test("SIGTERM ends a gateway whose client stalls, with code 0", async () => {
  using place = new RingPlace();
  await using _node = await Node.start(["run", "--block-ms", "1", "--txns-per-block", "200"], place.ring);
  const gateway = await Gateway.start(["--ring", place.ring, "--unrestricted"]);
  await gateway.ready();
  using stalled = await RawClient.connect(gateway.url());
  await stalled.send({ subscribe: EVENT_NAMES });
  await deadline("much more was recorded than a socket takes", async () => {
    return (await gateway.get("/v1/status")).body.events > 100_000;
  });
  gateway.kill("SIGTERM");
  assert.equal(await gateway.ended(), 0);
});
