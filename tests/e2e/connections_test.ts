// Connections that never become clients, come and go by the thousand, or use up the descriptors.
// limits_test.ts has what clients may send, liveness_test.ts clients that send nothing.

import assert from "node:assert/strict";
import { Client } from "../harness/client.ts";
import { deadline } from "../harness/condition.ts";
import { Gateway } from "../harness/gateway.ts";
import { Node, RingPlace } from "../harness/node.ts";
import { descriptorCount, residentBytes, socketCount } from "../harness/process.ts";
import { RawClient } from "../harness/raw_client.ts";

const NODE = ["run", "--block-ms", "100", "--txns-per-block", "5"];
const encoder = new TextEncoder();

function connect(gateway: Gateway): Promise<Deno.TcpConn> {
  const [hostname = "", port] = gateway.host.split(":");
  return Deno.connect({ hostname, port: Number(port) });
}

/** Everything that comes until the connection ends, in an orderly way or by a reset. */
async function untilEnd(connection: Deno.TcpConn): Promise<string> {
  const bytes = new Uint8Array(4096);
  let text = "";
  try {
    for (;;) {
      const read = await connection.read(bytes);
      if (read === null) return text;
      text += new TextDecoder().decode(bytes.subarray(0, read));
    }
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionReset) return text;
    throw error;
  }
}

Deno.test("a connection without a whole request is cut, whatever it sends; one that asks and waits is not", async () => {
  using place = new RingPlace();
  await using _node = await Node.start(NODE, place.ring);
  await using gateway = await Gateway.start(["--ring", place.ring]);
  await gateway.ready();
  await using client = await Client.connect(gateway.url("/v1/ws?subscribe=BlockStart"));
  const get = encoder.encode("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const mute = await connect(gateway);
  const slow = await connect(gateway);
  const second = await connect(gateway);
  const idle = await connect(gateway);
  await second.write(get);
  await idle.write(get);
  await slow.write(encoder.encode("GET /livez HTTP/1.1\r\nHost: localhost\r\n"));
  let isOver = false;
  const trickle = async (connection: Deno.TcpConn) => {
    try {
      for (let i = 0; !isOver; i++) {
        await new Promise((resolve) => setTimeout(resolve, 300));
        await connection.write(encoder.encode(`X-${i}: x\r\n`));
      }
    } catch (error) {
      assert.ok(error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe, `${error}`);
    }
  };
  const trickles = [trickle(slow)];
  trickles.push((async () => {
    await new Promise((resolve) => setTimeout(resolve, 600)); // its first request has been answered and looked at
    await trickle(second);
  })());
  assert.equal(await untilEnd(mute), "");
  assert.equal(await untilEnd(slow), "");
  assert.match(await untilEnd(second), /^HTTP\/1\.1 200/);
  isOver = true;
  await Promise.all(trickles);
  // The one that asked and waits is still served, and so is the client.
  await idle.write(get);
  const answers = new Uint8Array(4096);
  await deadline("it is answered again", async () => {
    const read = await idle.read(answers);
    assert.ok(read !== null);
    return new TextDecoder().decode(answers.subarray(0, read)).includes("200 OK");
  });
  for (const connection of [mute, slow, second, idle]) connection.close();
  await client.frame("Events", client.frames.length);
});

Deno.test("10,000 connections opened and closed at random leave memory and descriptors where they were", async () => {
  const seed = Number(Deno.env.get("RINGCAST_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  console.log(`RINGCAST_SEED=${seed}`);
  let state = seed >>> 0 || 1;
  const random = (below: number) => { // xorshift32
    state ^= state << 13, state >>>= 0, state ^= state >>> 17, state ^= state << 5, state >>>= 0;
    return state % below;
  };
  using place = new RingPlace();
  await using _node = await Node.start(NODE, place.ring);
  await using gateway = await Gateway.start(["--ring", place.ring, "--window-bytes", "1MiB"]);
  await gateway.ready();
  await using client = await Client.connect(gateway.url("/v1/ws?subscribe=BlockStart"));
  const open: Disposable[] = [];
  /** Opens a connection of one of the kinds there are; whoever finds no place is refused. */
  const one = async (): Promise<Disposable> => {
    if (random(4) === 0) {
      const connection = await connect(gateway);
      if (random(2) === 0) await connection.write(encoder.encode("GET /livez HTTP/1.1\r\nHost:"));
      return { [Symbol.dispose]: () => connection.close() };
    }
    return await RawClient.connect(gateway.url(random(2) === 0 ? "/v1/ws" : "/v1/ws?subscribe=TxnLog,BlockEnd"));
  };
  const round = async (count: number) => {
    for (let opened = 0; opened < count;) {
      const batch = Math.min(50, count - opened);
      opened += batch;
      for (const result of await Promise.allSettled(Array.from({ length: batch }, one))) {
        if (result.status === "fulfilled") open.push(result.value);
      }
      while (open.length > 900) open.splice(random(open.length), 1)[0]?.[Symbol.dispose]();
    }
    while (open.length > 0) open.pop()?.[Symbol.dispose]();
    await deadline("only the one client is left", async () => {
      return (await gateway.get("/v1/status")).body.connected_clients === 1;
    });
  };
  await round(4000); // what the first ones need is kept for the next
  const port = Number(gateway.host.split(":")[1]);
  await deadline("their connections are gone", () => socketCount(port) <= 3);
  const [descriptors, resident] = [descriptorCount(gateway.pid), residentBytes(gateway.pid)];
  await round(10_000);
  await deadline("descriptors are where they were", () => descriptorCount(gateway.pid) <= descriptors);
  console.log(`${(residentBytes(gateway.pid) - resident) >> 20} MiB more resident after 10,000 connections`);
  await deadline("memory is where it was", () => residentBytes(gateway.pid) - resident < 96 << 20);
  await client.frame("Events", client.frames.length);
});

Deno.test("the limit of descriptors that every system allows is no reason to warn; one that clients use up is", async () => {
  const warnings = async (descriptorLimit: number, flags: readonly string[]) => {
    using place = new RingPlace();
    await using gateway = await Gateway.start(["--ring", place.ring, ...flags], { descriptorLimit });
    return gateway.lines.map(({ message }) => message).filter((message) => message.includes("descriptors"));
  };
  assert.deepEqual(await warnings(4096, []), []);
  const [warning = "", ...more] = await warnings(1024, []);
  assert.match(warning, /may have 1024 descriptors.*1000 clients and 560 besides.*allow it 1560 .*--max-connections/);
  assert.deepEqual(more, []);
  assert.deepEqual(await warnings(1024, ["--max-connections", "400"]), []);
});

Deno.test("a gateway of 64 descriptors survives more connections than it can have, and clients stay", async () => {
  using place = new RingPlace();
  await using _node = await Node.start(NODE, place.ring);
  await using gateway = await Gateway.start(["--ring", place.ring], { descriptorLimit: 64 });
  await gateway.ready();
  await using client = await Client.connect(gateway.url("/v1/ws?subscribe=BlockStart"));
  await client.frame("Events");
  const flood: Deno.TcpConn[] = [];
  for (let i = 0; i < 200; i++) {
    try {
      flood.push(await connect(gateway));
    } catch (error) {
      // Deno asks a connection for its ends once it is there, and it may have been reset meanwhile.
      const { ConnectionRefused, ConnectionReset, NotConnected } = Deno.errors;
      assert.ok([ConnectionRefused, ConnectionReset, NotConnected].some((one) => error instanceof one), `${error}`);
    }
  }
  await deadline("no descriptor is left to accept with", () => {
    return gateway.lines.some(({ message }) => message.startsWith("Connections cannot be accepted"));
  });
  await client.frame("Events", client.frames.length);
  await deadline("others are answered again while the flood holds on", async () => {
    try {
      return (await gateway.get("/livez")).status === 200;
    } catch {
      return false; // refused or reset while it is listened again
    }
  });
  for (const connection of flood) connection.close();
  await using late = await Client.connect(gateway.url("/v1/ws?subscribe=BlockStart"));
  await late.frame("Events");
  // As many clients as fit, and the next one is told.
  const clients: RawClient[] = [];
  let refusal = "";
  while (refusal === "") {
    try {
      clients.push(await RawClient.connect(gateway.url()));
    } catch (error) {
      refusal = String(error);
    }
  }
  assert.match(refusal, / 503 /);
  assert.ok(clients.length >= 10);
  for (const one of clients) one[Symbol.dispose]();
  assert.equal(client.socket.readyState, WebSocket.OPEN);
});
