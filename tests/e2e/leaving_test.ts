// Clients that end their connections without reading what was sent: nothing of them may stay in the kernel (protocol 11.2).
// slow_client_test.ts and liveness_test.ts have clients that stay.

import assert from "node:assert/strict";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import { Client } from "../harness/client.ts";
import { deadline } from "../harness/condition.ts";
import { FIXTURES, Gateway } from "../harness/gateway.ts";
import { Node, RingPlace } from "../harness/node.ts";
import { descriptorCount, socketStates, waitingBytes } from "../harness/process.ts";
import { RawClient } from "../harness/raw_client.ts";

/** A Close frame with code 1000 and a zero mask. */
const CLOSE_FRAME = new Uint8Array([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);
/** Of a closed connection the kernel keeps what waits for a minute or more; the limit is 2 s, and machines are slow. */
const LIMIT_MS = 5000;

/** Bytes that wait in the kernel for a client that reads nothing; more fits, so that the gateway's socket is not blocked. */
const WAITING_BYTES = 50_000;

Deno.test("11.2 a client that sends a FIN while the gateway's socket is full leaves no connection", async () => {
  using place = new RingPlace();
  const replay = ["replay", `${FIXTURES}/emn-30b-15m.snapshot.zst`, "--rate", "20000", "--loop"];
  await using _node = await Node.start(replay, place.ring);
  const patience = ["--slow-off-limit", "100000000", "--buffer-per-client", "1000000"];
  await using gateway = await Gateway.start(["--ring", place.ring, "--unrestricted", ...patience]);
  await gateway.ready();
  const port = Number(gateway.host.split(":")[1]);
  using client = await RawClient.connect(gateway.url());
  await client.send({ subscribe: EVENT_NAMES });
  const full = async (least: number) => {
    let before = 0;
    await deadline("its socket takes no more", async () => {
      await new Promise((resolve) => setTimeout(resolve, 300)); // two looks at the same number
      const waiting = waitingBytes(port, client.port);
      const isFull = waiting > least && waiting === before;
      before = waiting;
      return isFull;
    });
    return before;
  };
  // The stream leaves room for what Deno writes; answers of Deno's take it, and the last of them waits for more.
  const streamed = await full(WAITING_BYTES);
  const block = { jsonrpc: "2.0", id: 1, method: "eth_getBlockByNumber", params: ["latest", true] };
  for (let i = 0; i < 80; i++) await client.send(block);
  await full(streamed);
  await client.closeWrite();
  const begin = performance.now();
  await deadline("its connection is gone", () => socketStates(port, client.port).length === 0);
  const goneMs = performance.now() - begin;
  console.log(`gone after ${Math.round(goneMs)} ms`);
  assert.ok(goneMs < 4000, `${goneMs} ms: sooner than a connection that owes a request`);
  assert.equal((await gateway.get("/v1/status")).body.connected_clients, 0);
});

for (
  const [how, end] of [
    ["a Close frame", (client: RawClient) => client.write(CLOSE_FRAME)],
    ["a FIN", (client: RawClient) => client.closeWrite()],
  ] as const
) {
  // Before the server can have seen that it takes nothing, and after.
  for (const stallMs of [0, 1000]) {
    Deno.test(`11.2 a client that reads nothing for ${stallMs} ms and ends with ${how} leaves no connection`, async () => {
      using place = new RingPlace();
      const replay = ["replay", `${FIXTURES}/emn-30b-15m.snapshot.zst`, "--rate", "3000", "--loop"];
      await using _node = await Node.start(replay, place.ring);
      await using gateway = await Gateway.start(["--ring", place.ring, "--unrestricted"]);
      await gateway.ready();
      const port = Number(gateway.host.split(":")[1]);
      await using other = await Client.connect(gateway.url("/v1/ws?subscribe=BlockStart"));
      await other.frame("Events");
      const descriptors = descriptorCount(gateway.pid);
      using client = await RawClient.connect(gateway.url());
      await client.send({ subscribe: EVENT_NAMES });
      await deadline("more was sent than it takes", () => waitingBytes(port, client.port) > WAITING_BYTES);
      await new Promise((resolve) => setTimeout(resolve, stallMs));
      await end(client);
      const begin = performance.now();
      await deadline("its connection is gone", () => socketStates(port, client.port).length === 0);
      const goneMs = performance.now() - begin;
      console.log(`gone after ${Math.round(goneMs)} ms`);
      assert.ok(goneMs < LIMIT_MS, `${goneMs} ms`);
      await deadline("its descriptor is gone", () => descriptorCount(gateway.pid) <= descriptors);
      await other.frame("Events", other.frames.length);
    });
  }
}
