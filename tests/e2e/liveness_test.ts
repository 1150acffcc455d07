// Who is there and who is not: heartbeats, clients that stall, connections that nothing ends but the gateway.
// slow_client_test.ts has what slow clients miss; connections_test.ts has connections that never become clients.

import assert from "node:assert/strict";
import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import { Client } from "../harness/client.ts";
import { deadline } from "../harness/condition.ts";
import { FIXTURES, Gateway } from "../harness/gateway.ts";
import { Node, RingPlace } from "../harness/node.ts";
import { descriptorCount, residentBytes, socketStates } from "../harness/process.ts";
import { RawClient } from "../harness/raw_client.ts";

const QUIET = ["run", "--block-ms", "200", "--txns-per-block", "5"];

Deno.test("11.1 a client that only sends Pings stays, a silent one is closed with 3008, and is cut if it does not answer", async () => {
  using place = new RingPlace();
  await using _node = await Node.start(QUIET, place.ring);
  const flags = ["--heartbeat-interval", "1", "--heartbeat-timeout", "2"];
  await using gateway = await Gateway.start(["--ring", place.ring, ...flags]);
  await gateway.ready();
  using pinging = await RawClient.connect(gateway.url("/v1/ws?subscribe=BlockStart"));
  let isPinging = true;
  const pings = (async () => {
    for (; isPinging; await new Promise((resolve) => setTimeout(resolve, 300))) await pinging.ping();
  })();
  using silent = await RawClient.connect(gateway.url("/v1/ws?subscribe=BlockStart"));
  await using polite = await Client.connect(gateway.url("/v1/ws?subscribe=BlockStart"));
  await polite.until("the polite one is closed", ({ closed }) => closed !== undefined);
  assert.equal(polite.closed?.code, 3008);
  assert.match(polite.closed?.reason ?? "", /^heartbeat timeout/);
  // The raw client answers no Close frame and reads what came before it.
  await deadline("the silent one's connection is gone", () => socketStates(portOf(gateway), silent.port).length === 0);
  let message = await silent.next();
  while (message !== undefined && "frame" in message) message = await silent.next();
  assert.equal(message?.closed, 3008);
  assert.equal(await silent.next(), undefined);
  assert.equal((await gateway.get("/v1/status")).body.connected_clients, 1);
  const { limits } = polite.frames[0].Hello;
  assert.deepEqual([limits.heartbeat_interval, limits.heartbeat_timeout], [1, 2]);
  isPinging = false;
  await pings;
  await deadline("the pinging one is closed once it stops", async () => {
    return (await gateway.get("/v1/status")).body.connected_clients === 0;
  });
});

Deno.test("11.2 a client that stalls at full stream is gone with its socket, descriptor and memory, and others miss nothing", async () => {
  using place = new RingPlace();
  await using _node = await Node.start(
    ["replay", `${FIXTURES}/emn-30b-15m.snapshot.zst`, "--rate", "20000", "--loop"],
    place.ring,
  );
  await using gateway = await Gateway.start(["--ring", place.ring, "--unrestricted", "--window-bytes", "16MiB"]);
  await gateway.ready();
  await using other = await Client.connect(gateway.url("/v1/ws?subscribe=BlockStart,TxnEnd"));
  await other.frame("Events");
  const { oldest_seqno } = (await gateway.get("/v1/status")).body;
  await deadline("the window is full, so that memory stays as it is", async () => {
    return (await gateway.get("/v1/status")).body.oldest_seqno > oldest_seqno;
  });
  const descriptors = descriptorCount(gateway.pid);
  const resident = residentBytes(gateway.pid);
  const clients = await Promise.all(Array.from({ length: 8 }, () => RawClient.connect(gateway.url())));
  try {
    for (const client of clients) await client.send({ subscribe: EVENT_NAMES });
    await deadline("all are given up", () => {
      return gateway.lines.filter(({ properties }) => properties["code"] === 4008).length === clients.length;
    });
    const closedMs = performance.now();
    await deadline("their connections are gone", () => {
      return clients.every(({ port }) => socketStates(portOf(gateway), port).length === 0);
    });
    const goneMs = performance.now() - closedMs;
    await deadline("their descriptors are gone", () => descriptorCount(gateway.pid) <= descriptors);
    const grown = () => residentBytes(gateway.pid) - resident;
    console.log(
      `gone ${Math.round(goneMs)} ms after the close was seen; ${grown() >> 20} MiB more resident than before`,
    );
    await deadline("their memory is given back", () => grown() < 32 << 20);
    assert.equal((await gateway.get("/v1/status")).body.connected_clients, 1);
  } finally {
    for (const client of clients) client[Symbol.dispose]();
  }
  const { length } = other.events;
  await other.until("the other client goes on", ({ events }) => events.length > length + 1000);
  assert.ok(!other.frames.some((frame) => frame.Warning !== undefined));
  const starts = other.events.filter(({ event_name }) => event_name === "BlockStart");
  assert.ok(starts.length > 2);
});

Deno.test("11.2 a client that acknowledges nothing for 30 s while data waits is closed with 4008 and cut", async () => {
  using place = new RingPlace();
  await using _node = await Node.start(QUIET, place.ring);
  await using gateway = await Gateway.start(["--ring", place.ring, "--unrestricted"]);
  await gateway.ready();
  using stalled = await RawClient.connect(gateway.url());
  await stalled.send({ subscribe: EVENT_NAMES });
  // Half a minute passes: longer than a condition is waited for elsewhere.
  const isGone = () => socketStates(portOf(gateway), stalled.port).length === 0;
  for (let tries = 0; tries < 3 && !isGone(); tries++) await deadline("it is cut", isGone).catch(() => {});
  assert.ok(isGone());
  assert.ok(gateway.lines.some(({ properties }) => properties["code"] === 4008));
});

function portOf(gateway: Gateway): number {
  return Number(gateway.host.split(":")[1]);
}
