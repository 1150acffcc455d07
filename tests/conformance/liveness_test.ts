// Protocol sections 11 and 15: who is closed, with which code, and what the reason says.

import assert from "node:assert/strict";
import { OPCODE } from "../harness/raw_frames.ts";
import { Target } from "./target.ts";

const target = new Target({
  node: ["run", "--block-ms", "100", "--txns-per-block", "5"],
  flags: ["--heartbeat-interval", "1", "--heartbeat-timeout", "2"],
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

target.controlled("11.3 a flood is closed with 1008", async () => {
  await using client = await target.connect();
  const hello = JSON.stringify({ hello: { protocol_version: 1 } });
  for (let i = 0; i < 300; i++) await client.send(hello);
  await client.until("it is closed", ({ closed }) => closed !== undefined);
  assert.equal(client.closed?.code, 1008);
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
