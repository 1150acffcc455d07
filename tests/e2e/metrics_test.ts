// The metrics that clients get against a computation in Python over the events of a firehose (protocol section 8).

import assert from "node:assert/strict";
import { Client } from "../harness/client.ts";
import { FIXTURES, Gateway, ROOT } from "../harness/gateway.ts";

Deno.test("8.1 TPS after every block of the recording is what Python computes from its events", async () => {
  const flags = ["--ring", `${FIXTURES}/emn-30b-15m.snapshot.zst`, "--unrestricted", "--wait-for-subscriber"];
  await using gateway = await Gateway.start([...flags, "--speed", "max"]);
  await gateway.ready();
  await using client = await Client.connect(gateway.url());
  client.send({ subscribe: { events: ["BlockStart", "BlockEnd", "TPS"], block_ids: true } });
  await client.until("the last block's TPS comes", ({ frames }) => {
    return frames.filter((frame) => frame.TPS !== undefined).length === 30;
  });
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, client.texts.map((text) => `${text}\n`).join(""));
    const command = `python3 ${ROOT}/tests/independent/tps.py < ${path}`;
    const output = await new Deno.Command("sh", { args: ["-c", command], stderr: "inherit" }).output();
    const computed = new TextDecoder().decode(output.stdout).trim().split("\n").map(Number);
    const told = client.frames.filter((frame) => frame.TPS !== undefined).map((frame) => frame.TPS);
    assert.deepEqual(told, computed);
    assert.ok(told.some((tps) => tps > 0));
  } finally {
    await Deno.remove(path);
  }
});
