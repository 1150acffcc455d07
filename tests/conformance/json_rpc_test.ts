// Protocol 12.1: JSON-RPC on the socket of the stream. tests/stream/json_rpc_test.ts has the envelopes by themselves.

import assert from "node:assert/strict";
import type { RawFrames } from "../harness/raw_frames.ts";
import { Target } from "./target.ts";

const target = new Target({ node: ["run", "--block-ms", "60", "--txns-per-block", "8"] });

const request = (more: Record<string, unknown>) => ({ jsonrpc: "2.0", method: "eth_getBlockByNumber", ...more });

/** The next message, whatever it is, after sending one. */
// deno-lint-ignore no-explicit-any -- tests look into whatever came
async function answer(client: RawFrames, message: unknown): Promise<any> {
  const { length } = client.frames;
  await client.send(message);
  await client.until("the answer comes", ({ frames }) => frames.length > length);
  return client.frames[length];
}

target.rule("12.1 eth_getBlockByNumber with empty params answers the newest number as a quantity", async () => {
  await using witness = await target.subscribed(["BlockStart"]);
  const { Events: [{ block_number: number }] } = await witness.frame("Events");
  await using client = await target.connect();
  const { jsonrpc, result, id } = await answer(client, request({ params: [], id: 1 }));
  assert.match(client.texts[0]!, /^\{"jsonrpc":"2\.0","result":\{"number":"0x[0-9a-f]+"\},"id":1\}$/);
  assert.deepEqual([jsonrpc, id], ["2.0", 1]);
  assert.deepEqual(Object.keys(result), ["number"]);
  assert.ok(Number(result.number) >= number && Number(result.number) < number + 100);
  assert.ok(Number((await answer(client, request({ id: 2 }))).result.number) >= Number(result.number));
});

target.rule("12.1 with a tag or number the full block object is given if it is held, else null", async () => {
  await using witness = await target.subscribed(["BlockEnd", "TxnHeaderStart", "BlockStart"]);
  await witness.until("a whole block passes", ({ events }) => {
    const start = events.findIndex(({ event_name }) => event_name === "BlockStart");
    return start >= 0 && events.slice(start).some(({ event_name }) => event_name === "BlockEnd");
  });
  const start = witness.events.findIndex(({ event_name }) => event_name === "BlockStart");
  const end = witness.events.findIndex(({ event_name }, at) => at > start && event_name === "BlockEnd");
  const headers = witness.events.slice(start, end).filter(({ event_name }) => event_name === "TxnHeaderStart")
    .toSorted((a, b) => a.txn_idx - b.txn_idx); // they come in the order of execution
  await using client = await target.connect();
  const number = `0x${witness.events[start].block_number.toString(16)}`;
  const { result: full } = await answer(client, request({ params: [number, true], id: 1 }));
  assert.equal(full.number, number);
  assert.equal(full.hash, witness.events[end].payload.eth_block_hash);
  assert.deepEqual(
    full.transactions.map((txn: { hash: string; from: string }) => [txn.hash, txn.from]),
    headers.map(({ payload }) => [payload.txn_hash, payload.sender]),
  );
  const { result: short } = await answer(client, request({ params: [number, false], id: 2 }));
  assert.deepEqual(short.transactions, headers.map(({ payload }) => payload.txn_hash));
  for (const tag of ["latest", "pending", "safe", "finalized"]) {
    assert.match((await answer(client, request({ params: [tag, false], id: 3 }))).result.number, /^0x/, tag);
  }
  for (const absent of ["0xffffffffff", "0x0", "earliest"]) {
    assert.equal((await answer(client, request({ params: [absent, true], id: 4 }))).result, null, absent);
  }
});

target.rule("12.1 finalized is not above safe, and safe not above latest", async () => {
  await using client = await target.connect();
  const batch = ["finalized", "safe", "latest"].map((tag, id) => request({ params: [tag, false], id }));
  const answers = await answer(client, batch);
  const numbers = answers.map(({ result }: { result: { number: string } }) => Number(result.number));
  assert.deepEqual(numbers, numbers.toSorted((a: number, b: number) => a - b));
});

const ERRORS: readonly [what: string, message: unknown, code: number, id: unknown][] = [
  ["an unknown method", request({ method: "eth_mine", id: 1 }), -32601, 1],
  ["another jsonrpc", { jsonrpc: "1.0", method: "x", id: 1 }, -32600, 1],
  ["no method", { jsonrpc: "2.0", id: "a" }, -32600, "a"],
  ["a method that is no text", request({ method: 7, id: 2 }), -32600, 2],
  ["an id that is an object", request({ id: {} }), -32600, null],
  ["params that are a text", request({ params: "latest", id: 1 }), -32602, 1],
  ["a number that is none", request({ params: ["0xzz", false], id: 1 }), -32602, 1],
  ["a number with leading zeros", request({ params: ["0x01", false], id: 1 }), -32602, 1],
  ["an object for params", request({ params: { tag: "latest" }, id: 1 }), -32602, 1],
  ["one param", request({ params: ["latest"], id: 1 }), -32602, 1],
  ["three params", request({ params: ["latest", true, 1], id: 1 }), -32602, 1],
  ["a full flag that is no boolean", request({ params: ["latest", "true"], id: 1 }), -32602, 1],
  ["an empty batch", [], -32600, null],
];

for (const [what, message, code, id] of ERRORS) {
  target.rule(`12.1 ${what} is answered with ${code}`, async () => {
    await using client = await target.connect();
    const answered = await answer(client, message);
    assert.deepEqual(Object.keys(answered), ["jsonrpc", "error", "id"]);
    assert.deepEqual([answered.jsonrpc, answered.error.code, answered.id], ["2.0", code, id]);
    if (code === -32601) assert.equal(answered.error.message, "Method not found");
  });
}

target.rule("12.1 id null is answered with id null, and a request without id gets no answer", async () => {
  await using client = await target.connect();
  await client.send(request({ params: [] }));
  await client.send(request({ method: "eth_mine" }));
  assert.equal((await answer(client, request({ id: null }))).id, null);
  assert.equal((await answer(client, request({ id: "text" }))).id, "text");
  assert.equal(client.frames.length, 2);
});

target.rule("12.1 a batch is answered as a batch, without its notifications, bad members included", async () => {
  await using client = await target.connect();
  const batch = [request({ id: 1 }), request({}), 7, request({ method: "eth_mine", id: 2 })];
  const answers = await answer(client, batch);
  assert.deepEqual(answers.map(({ id }: { id: unknown }) => id), [1, null, 2]);
  assert.deepEqual(answers.map(({ error }: { error?: { code: number } }) => error?.code), [undefined, -32600, -32601]);
  await client.send([request({}), request({})]);
  assert.equal((await answer(client, [request({ id: 3 })]))[0].id, 3);
  assert.equal(client.frames.length, 2);
});

target.rule(
  "12.1 JSON-RPC needs no Subscribe and triggers no Hello; beside a subscription it disturbs nothing",
  async () => {
    await using client = await target.connect();
    await answer(client, request({ id: 1 }));
    assert.equal(client.frames.length, 1);
    await client.send({ subscribe: ["BlockStart"] });
    await client.frame("Events");
    assert.equal(client.kinds[1], "Hello");
    const { length } = client.frames;
    await client.send(request({ id: 2 }));
    await client.until("the answer comes", ({ frames }) => frames.slice(length).some(({ id }) => id === 2));
    await client.frame("Events", client.frames.length);
  },
);
