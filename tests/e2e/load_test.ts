// The recording replayed into a live ring at 20,000 events/s for a minute: a client that takes everything misses nothing,
// and the gateway's heap holds no object per event.

import assert from "node:assert/strict";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import { FIXTURES, Gateway } from "../harness/gateway.ts";
import { takeHeap } from "../harness/heap.ts";
import { Node, RingPlace } from "../harness/node.ts";
import { deadline } from "../harness/condition.ts";

const RATE = 20_000;
const EVENTS = RATE * 60;

Deno.test("a client that takes all of 20,000 events/s for a minute misses none, and the heap does not grow by them", async () => {
  using place = new RingPlace();
  const inspector = freePort();
  const replay = ["replay", `${FIXTURES}/emn-30b-15m.snapshot.zst`, "--rate", `${RATE}`, "--loop"];
  await using _node = await Node.start(replay, place.ring);
  // The client only listens, for longer than a silent one may.
  await using gateway = await Gateway.start(["--ring", place.ring, "--unrestricted", "--heartbeat-timeout", "600"], {
    denoFlags: [`--inspect=127.0.0.1:${inspector}`, `--allow-net=127.0.0.1`],
  });
  await gateway.ready();

  // Frames are looked through as text: parsing a minute of them would measure the client.
  const socket = new WebSocket(gateway.url());
  let first = 0;
  let next = 0;
  let misplaced = "";
  let warnings = 0;
  socket.onmessage = ({ data }: MessageEvent<string>) => {
    if (data.includes('"Warning"')) warnings++;
    for (const [, name, seqno] of data.matchAll(/"event_name":"(\w+)".*?"seqno":(\d+),"timestamp_ns"/g)) {
      if (name === "NativeTransfer") continue;
      if (first === 0) first = next = Number(seqno);
      if (Number(seqno) !== next) misplaced ||= `${seqno} came where ${next} was expected`;
      next++;
    }
  };
  await deadline("the connection opens", () => socket.readyState === WebSocket.OPEN);
  socket.send(JSON.stringify({ subscribe: EVENT_NAMES }));
  await deadline("the stream runs", () => next - first > RATE);
  const early = await takeHeap(inspector);
  const earlyAt = next;
  while (next - first < EVENTS && misplaced === "") {
    const before = next;
    await deadline(`event ${before} is followed by others`, () => next > before + RATE || next - first >= EVENTS);
  }
  const late = await takeHeap(inspector);
  const between = next - earlyAt;
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;

  assert.equal(misplaced, "");
  assert.equal(warnings, 0);
  assert.ok(next - first >= EVENTS);
  const { body } = await gateway.get("/v1/status");
  assert.deepEqual([body.gaps, body.lost_events], [0, 0]);
  assert.equal(late.eventTexts, 0, "no string of the heap is the text of an event");
  const grown = late.nodes - early.nodes;
  console.log(`heap: ${early.nodes} nodes, ${grown} more after ${between} more events`);
  assert.ok(grown < between / 100, `${grown} more heap nodes after ${between} more events`);
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
