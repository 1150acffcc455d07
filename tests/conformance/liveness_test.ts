// Protocol sections 11 and 15: who is closed, with which code, and what the reason says.

import assert from "node:assert/strict";
import { deadline } from "../harness/condition.ts";
import { Gateway } from "../harness/gateway.ts";
import { Node, RingPlace } from "../harness/node.ts";
import { frameBytes, OPCODE, RawFrames } from "../harness/raw_frames.ts";
import { Target } from "./target.ts";

// The timeout is longer than a busy machine keeps a process waiting.
const target = new Target({
  node: ["run", "--block-ms", "100", "--txns-per-block", "5"],
  flags: ["--heartbeat-interval", "1", "--heartbeat-timeout", "6"],
});

target.controlled(
  "11.1 a silent client is closed with 3008, one that sends Pings stays, and the server sends no Ping",
  async () => {
    await using pinging = await target.subscribed(["BlockStart"]);
    await using silent = await target.subscribed(["BlockStart"]);
    await silent.until("it is closed", ({ closed }) => {
      pinging.sendFrame(OPCODE.ping, "");
      return closed !== undefined;
    });
    assert.equal(silent.closed?.code, 3008);
    assert.match(silent.closed?.reason ?? "", /^heartbeat timeout/);
    assert.equal(pinging.closed, undefined);
    assert.ok(!silent.opcodes.includes(OPCODE.ping));
  },
);

target.controlled("11.3 a message of 64 KiB is taken, a larger one is closed with 1009", async () => {
  await using client = await target.connect();
  await client.ask("x".repeat(1 << 16), "Error");
  await client.send("x".repeat((1 << 16) + 1));
  await client.until("it is closed", ({ closed }) => closed !== undefined);
  assert.equal(client.closed?.code, 1009);
});

target.controlled("11.3 a binary message is a parse_error", async () => {
  await using client = await target.connect();
  await client.sendFrame(OPCODE.binary, '{"subscribe":["BlockStart"]}');
  assert.equal((await client.frame("Error")).Error.type, "parse_error");
});

const HELLO = JSON.stringify({ hello: { protocol_version: 1 } });

/** Messages in frames of their own, as one write: no pause between them tells the gateway that they are over. */
function together(messages: readonly string[]): Uint8Array {
  const encoder = new TextEncoder();
  return new Uint8Array(messages.flatMap((message) => [...frameBytes(OPCODE.text, encoder.encode(message))]));
}

target.controlled("11.3 200 messages at once are taken, and a flood is closed with 1008", async () => {
  await using client = await target.connect();
  for (let i = 0; i < 199; i++) await client.send(HELLO);
  await client.ask("{", "Error");
  const { length } = client.frames;
  // Enough for any pace at which they may be read; an Error would be the answer of who does not close.
  await client.write(together([...Array(1000).fill(HELLO), "{"]));
  await client.until("it is closed", ({ closed, frames }) => closed !== undefined || frames.length > length);
  assert.equal(client.closed?.code, 1008);
});

target.controlled(
  "11.3 a client that sends more than 100 messages per second for a while is closed with 1008",
  async () => {
    const begin = performance.now();
    await using client = await target.connect();
    const isOver = () => client.closed !== undefined || client.hasEnded;
    try {
      // Ten times as many, evenly; some hundreds more than are allowed by then, for a gateway that reads them late.
      for (let sent = 0; !isOver() && sent < 500 + (performance.now() - begin) / 10;) {
        for (const due = performance.now() - begin; sent < due; sent++) await client.send(HELLO);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await client.send("{");
    } catch (error) {
      // It was closed while it sent, which may cost it the Close frame.
      if (!(error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset)) throw error;
    }
    await deadline("it is closed or answered", () => isOver() || client.frames.length > 0);
    assert.deepEqual(client.frames, []);
    const { properties } = target.lines().findLast(({ message }) => message === "Client is closed")!;
    assert.deepEqual([properties["code"], /^more than 100 messages/.test(String(properties["reason"]))], [1008, true]);
  },
);

target.controlled("11.3 a client that sends 100 messages per second stays, however long", async () => {
  await using client = await target.connect();
  const begin = performance.now();
  for (let i = 1; i <= 400; i++) {
    await client.send(HELLO);
    // A gateway that stood still must not find more of them together than it takes at once.
    if (i % 50 === 0) {
      await client.sendFrame(OPCODE.ping, `${i}`);
      await client.until("all are read", ({ pongs }) => pongs.includes(`${i}`));
    }
    const early = begin + i * 10 - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
  }
  await client.ask("{", "Error");
  assert.equal(client.closed, undefined);
});

target.controlled(
  "15 after 100 errors the connection is closed with 1008 and a reason of at most 123 bytes",
  async () => {
    await using client = await target.connect();
    for (let i = 0; i < 101; i++) await client.send("{");
    await client.until("it is closed", ({ closed }) => closed !== undefined);
    assert.equal(client.closed?.code, 1008);
    assert.match(client.closed?.reason ?? "", /reconnect/);
    assert.ok(client.closed!.reason.length <= 123);
    assert.equal(client.frames.length, 100);
  },
);

target.controlled("15 SIGTERM closes clients with 1012 and a reason that tells them to resume", async () => {
  using place = new RingPlace();
  await using _node = await Node.start(["run", "--block-ms", "50"], place.ring);
  await using gateway = await Gateway.start(["--ring", place.ring]);
  await gateway.ready();
  await using client = await RawFrames.connect(gateway.url("/v1/ws?subscribe=BlockStart"));
  await client.frame("Events");
  gateway.kill("SIGTERM");
  await client.until("it is closed", ({ closed }) => closed !== undefined);
  assert.equal(client.closed?.code, 1012);
  assert.match(client.closed?.reason ?? "", /reconnect and resume/);
  await client.ended();
  assert.equal(await gateway.ended(), 0);
});
