// What a gateway does when its ring is wrong, missing, late, restarted or gone: real files, real processes.

import assert from "node:assert/strict";
import { Client } from "../harness/client.ts";
import { deadline } from "../harness/condition.ts";
import { FIXTURES, Gateway, ROOT, SIDECAR, spawnGateway } from "../harness/gateway.ts";
import { Node, RingPlace } from "../harness/node.ts";

/** Runs a gateway that must end by itself; returns its code and the messages it logged. */
async function failedStart(
  flags: readonly string[],
  { env = {}, listen = "127.0.0.1:0" }: { env?: Record<string, string>; listen?: string } = {},
) {
  const output = await spawnGateway(["--listen", listen, ...flags], [], env).output();
  const lines = new TextDecoder().decode(output.stderr).trim().split("\n");
  return { code: output.code, messages: lines.map((line) => line.startsWith("{") ? JSON.parse(line).message : line) };
}

/** A copy of the one-block recording as an uncompressed ring image, changed by `change`. */
async function image(path: string, change: (bytes: Uint8Array) => Uint8Array): Promise<void> {
  const { zstdDecompressSync } = await import("node:zlib");
  const packed = await Deno.readFile(`${FIXTURES}/emn-1b-15m.snapshot.zst`);
  await Deno.writeFile(path, change(new Uint8Array(zstdDecompressSync(packed))));
}

const WRONG_RINGS: readonly [what: string, make: (path: string) => Promise<void>, sentence: RegExp][] = [
  ["a directory", (path) => Deno.mkdir(path), /director/i],
  ["an empty file", (path) => Deno.writeFile(path, new Uint8Array()), /empty/i],
  ["a foreign file", (path) => Deno.copyFile(`${ROOT}/LICENSE`, path), /.+/],
  ["a foreign file of the size of a ring", (path) => Deno.writeFile(path, new Uint8Array(4 << 20)), /magic|RING01/i],
  ["a truncated ring", (path) => image(path, (bytes) => bytes.subarray(0, 3 << 20)), /bytes/],
  ["a truncated snapshot", async (path) => {
    const packed = await Deno.readFile(`${FIXTURES}/emn-1b-15m.snapshot.zst`);
    await Deno.writeFile(path, packed.subarray(0, packed.length / 2));
  }, /zstd|snapshot/i],
  ["a ring of another schema", (path) =>
    image(path, (bytes) => {
      bytes.set([0xdd, 0xc5, 0x8d, 0x9a], 8);
      return bytes;
    }), /ddc58d9a[0-9a-f]{56}.*8933f907[0-9a-f]{56}|8933f907[0-9a-f]{56}.*ddc58d9a[0-9a-f]{56}/],
];

for (const [what, make, sentence] of WRONG_RINGS) {
  Deno.test(`${what} as --ring ends the start with code 1 and one sentence`, async () => {
    using place = new RingPlace();
    await make(place.ring);
    const { code, messages } = await failedStart(["--ring", place.ring]);
    assert.equal(code, 1);
    assert.equal(messages.length, 1, messages.join("\n"));
    assert.match(messages[0]!, sentence);
    assert.ok(messages[0]!.includes(place.ring), messages[0]);
  });
}

Deno.test("a library that is no sidecar ends the start with code 1 and one sentence", async () => {
  using place = new RingPlace();
  await Deno.writeTextFile(`${place.ring}.c`, "int unrelated(void) { return 1; }");
  const library = `${place.ring}.so`;
  const built = await new Deno.Command("gcc", { args: ["-shared", "-o", library, `${place.ring}.c`] }).output();
  assert.ok(built.success);
  const { code, messages } = await failedStart(["--ring", place.ring], { env: { RINGCAST_SIDECAR: library } });
  assert.equal(code, 1);
  assert.equal(messages.length, 1, messages.join("\n"));
  assert.match(messages[0]!, /cannot be loaded.*deno task build/);
});

Deno.test("a missing library ends the start with code 1 and one sentence", async () => {
  const { code, messages } = await failedStart(["--ring", "/nowhere/x"], {
    env: { RINGCAST_SIDECAR: `${SIDECAR}.missing` },
  });
  assert.equal(code, 1);
  assert.equal(messages.length, 1, messages.join("\n"));
  assert.match(messages[0]!, /missing.*cannot be loaded/);
});

Deno.test("an address that is taken ends the start with code 1 and one sentence", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const listen = `127.0.0.1:${listener.addr.port}`;
  const { code, messages } = await failedStart(["--ring", "/nowhere/x"], { listen });
  assert.equal(code, 1);
  assert.match(messages.at(-1)!, new RegExp(`${listen} is in use`));
});

Deno.test("a missing ring is waited for with a line every few seconds, and picked up when it comes", async () => {
  using place = new RingPlace();
  await using gateway = await Gateway.start(["--ring", place.ring]);
  const { status, body } = await gateway.get("/readyz");
  assert.equal(status, 503);
  assert.match(body.reasons[0], /no ring at/);
  assert.equal((await gateway.get("/livez")).status, 200);
  await using client = await Client.connect(gateway.url());
  client.send({ subscribe: ["BlockStart"] });
  assert.equal((await client.frame("Hello")).Hello.chain_id, 0);
  await deadline("the missing ring is said twice", () => {
    return gateway.lines.filter((line) => line.level === "WARN" && /no ring at/.test(line.message)).length >= 2;
  });
  await using _node = await Node.start(["run", "--block-ms", "50"], place.ring);
  await client.until("a block comes", ({ events }) => events.length > 0);
  await gateway.ready();
  assert.equal((await gateway.get("/v1/status")).body.source, "simulated");
});

for (const way of ["crash", "stop"] as const) {
  Deno.test(`a node that ends by ${way} and comes back is announced as a gap, and the stream goes on above`, async () => {
    using place = new RingPlace();
    const first = await Node.start(["run", "--block-ms", "50"], place.ring);
    await using gateway = await Gateway.start(["--ring", place.ring]);
    await gateway.ready();
    await using client = await Client.connect(gateway.url("/v1/ws?subscribe=BlockStart,BlockEnd"));
    await client.until("blocks come", ({ events }) => events.length > 4);
    await first[way]();
    if (way === "stop") {
      await deadline("/readyz is 503", async () => (await gateway.get("/readyz")).status === 503);
    }
    await using _second = await Node.start(["run", "--block-ms", "50", "--seed", "2"], place.ring);
    const { Warning } = await client.frame("Warning");
    assert.deepEqual([Warning.type, Warning.reason], ["gap", "source_restarted"]);
    const at = client.frames.findIndex((frame) => frame.Warning !== undefined);
    await client.until(
      "blocks come again",
      ({ frames }) => frames.slice(at).some((frame) => frame.Events !== undefined),
    );
    const seqs = client.frames.filter((frame) => frame.Events !== undefined).map((frame) => frame.seq);
    assert.ok(seqs.every((seq, index) => index === 0 || seq > seqs[index - 1]), "seqs rise across the restart");
    assert.equal(client.frames[at + 1].Events[0].event_name, "BlockStart");
    assert.equal(client.closed, undefined);
  });
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`${signal} closes clients with 1012 and ends with code 0`, async () => {
    using place = new RingPlace();
    await using _node = await Node.start(["run", "--block-ms", "20"], place.ring);
    const gateway = await Gateway.start(["--ring", place.ring]);
    await gateway.ready();
    await using client = await Client.connect(gateway.url("/?subscribe=TxnLog"));
    await client.until("events come", ({ events }) => events.length > 0);
    gateway.kill(signal);
    assert.equal(await gateway.ended(), 0);
    await client.until("the connection is closed", ({ closed }) => closed !== undefined);
    assert.equal(client.closed?.code, 1012);
    assert.match(client.closed.reason, /reconnect and resume/);
  });
}
