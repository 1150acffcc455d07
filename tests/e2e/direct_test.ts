// Messages take two ways to a socket, past Deno and through it. Whatever changes between the two, and whatever Deno writes
// by itself, what a client reads is one sequence of whole frames.

import assert from "node:assert/strict";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import { deadline } from "../harness/condition.ts";
import { FIXTURES, Gateway } from "../harness/gateway.ts";
import { Node, RingPlace } from "../harness/node.ts";
import { randomOf } from "../harness/random.ts";
import { RawClient } from "../harness/raw_client.ts";

/** How many messages took each way so far. */
async function ways(gateway: Gateway): Promise<{ direct: number; buffered: number }> {
  const text = await (await fetch(`http://${gateway.host}/metrics`)).text();
  const of = (way: string) => Number(new RegExp(`messages_total\\{way="${way}"\\} (\\d+)`).exec(text)?.[1]);
  return { direct: of("direct"), buffered: of("buffered") };
}

Deno.test("11.2 frames stay whole and in order for clients that read in fits and starts and send Pings meanwhile", async () => {
  const seed = Number(Deno.env.get("RINGCAST_SEED") ?? Date.now() % 2 ** 31);
  console.log(`seed ${seed}`);
  using place = new RingPlace();
  const replay = ["replay", `${FIXTURES}/emn-30b-15m.snapshot.zst`, "--rate", "20000", "--loop"];
  await using _node = await Node.start(replay, place.ring);
  await using gateway = await Gateway.start(["--ring", place.ring, "--unrestricted"]);
  await gateway.ready();
  const play = async (random: () => number) => {
    using client = await RawClient.connect(gateway.url());
    await client.send({ subscribe: EVENT_NAMES });
    const ending = performance.now() + 12_000;
    let [seqno, events, askedMs] = [0, 0, 0];
    while (performance.now() < ending) {
      const pings = Math.floor(random() * 40);
      for (let i = 0; i < pings; i++) await client.ping();
      // Deno sends the answer, and the next message of the stream behind it.
      if (random() < 0.5 && performance.now() > askedMs + 200) {
        askedMs = performance.now();
        await client.send({ jsonrpc: "2.0", id: 1, method: "eth_chainId" });
      }
      // Long enough, now and then, for the socket to fill.
      if (random() < 0.5) await new Promise((resolve) => setTimeout(resolve, 600 * random() ** 3));
      for (let left = Math.floor(random() * 200); left > 0; left--) {
        const message = await client.next();
        assert.ok(message !== undefined && "frame" in message, `the stream ended with ${JSON.stringify(message)}`);
        assert.equal(message.frame.Warning, undefined);
        for (const { event_name, seqno: number } of message.frame.Events ?? []) {
          events++;
          if (event_name === "NativeTransfer") continue;
          assert.ok(seqno === 0 || number === seqno + 1, `${number} after ${seqno}`);
          seqno = number;
        }
      }
    }
    return events;
  };
  const clients = Array.from({ length: 8 }, (_, index) => play(randomOf(seed + index)));
  for (const events of await Promise.all(clients)) assert.ok(events > 1000, `only ${events} events`);
  const { direct, buffered } = await ways(gateway);
  assert.ok(direct > 100 && buffered > 100, `${direct} messages went past Deno, ${buffered} through it`);
});

Deno.test("11.2 a client that is far behind goes on past Deno soon after an answer", async () => {
  using place = new RingPlace();
  const replay = ["replay", `${FIXTURES}/emn-30b-15m.snapshot.zst`, "--rate", "200000"];
  await using _node = await Node.start(replay, place.ring);
  await using gateway = await Gateway.start(["--ring", place.ring, "--unrestricted"]);
  await gateway.ready();
  const events = 136_891;
  await deadline("the whole recording is in the window", async () => {
    return (await gateway.get("/v1/status")).body.events === events;
  });
  const { oldest_seqno } = (await gateway.get("/v1/status")).body;
  using client = await RawClient.connect(gateway.url(`/v1/ws?resume_from=${oldest_seqno}&subscribe=${EVENT_NAMES}`));
  let hasAsked = false;
  for (let seqno = 0; seqno < events;) {
    const message = await client.next();
    assert.ok(message !== undefined && "frame" in message, `the stream ended with ${JSON.stringify(message)}`);
    for (const event of message.frame.Events ?? []) seqno = event.seqno;
    if (seqno < 1000 || hasAsked) continue;
    hasAsked = true;
    // The answer goes through Deno, and so does what comes right behind it.
    await client.send({ jsonrpc: "2.0", id: 1, method: "eth_chainId" });
  }
  const { direct, buffered } = await ways(gateway);
  assert.ok(direct > 1000 && buffered < 40, `${direct} messages went past Deno, ${buffered} through it`);
});
