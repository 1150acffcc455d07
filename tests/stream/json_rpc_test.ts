// JSON-RPC envelopes: what is answered, in which shape, and what is not (protocol 12.1).

import assert from "node:assert/strict";
import fc from "fast-check";
import { answerJsonRpc, invalidParams, MAX_BATCH, MAX_BATCH_ANSWER_CHARS } from "../../src/stream/json_rpc.ts";

const METHODS = new Map([
  ["eth_getBlockByNumber", (params: unknown) => {
    return Array.isArray(params) && params.length === 0 ? { result: { number: "0x359a8fc" } } : invalidParams("none");
  }],
  ["echo", (params: unknown) => ({ result: params })],
  ["nothing", () => ({ result: null })],
  ["long", () => ({ result: "x".repeat(MAX_BATCH_ANSWER_CHARS / 4) })],
]);

const answer = (request: unknown) => answerJsonRpc(request, METHODS);
const parsed = (request: unknown) => JSON.parse(answer(request) ?? "null");
const call = (method: string, id: unknown, more = {}) => ({ jsonrpc: "2.0", method, id, ...more });

Deno.test("12.1 the answer of the seeds, byte by byte", () => {
  const request = JSON.parse('{"jsonrpc": "2.0", "method": "eth_getBlockByNumber", "params": [], "id": 1}');
  assert.equal(answer(request), '{"jsonrpc":"2.0","result":{"number":"0x359a8fc"},"id":1}');
  assert.equal(answer(call("eth_getBlockByNumber", 1)), answer(request), "params may be left out");
});

Deno.test("12.1 unknown methods are -32601, bad params -32602", () => {
  assert.equal(
    answer(call("eth_call", 1)),
    '{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":1}',
  );
  for (const method of ["constructor", "__proto__", "toString", ""]) {
    assert.equal(parsed(call(method, 1)).error.code, -32601);
  }
  for (const params of [7, "x", null, true, ["latest"]]) {
    const { error, id } = parsed(call("eth_getBlockByNumber", "a", { params }));
    assert.deepEqual([error.code, id], [-32602, "a"]);
  }
});

Deno.test("12.1 ids come back as they are, null as null, and a request without id gets no answer", () => {
  for (const id of [0, -1, 1.5, 2 ** 53 - 1, "", "7", "\u00e9\ud800\u2028", null]) {
    assert.deepEqual(parsed(call("nothing", id)), { jsonrpc: "2.0", result: null, id });
    assert.match(answer(call("nothing", id))!, /^[\x20-\x7e]+$/);
  }
  assert.equal(answer({ jsonrpc: "2.0", method: "nothing" }), undefined);
  assert.equal(answer({ jsonrpc: "2.0", method: "unknown" }), undefined);
  assert.equal(answer([{ jsonrpc: "2.0", method: "nothing" }, { jsonrpc: "2.0", method: "unknown" }]), undefined);
});

Deno.test("12.1 a notification is served though it is not answered", () => {
  let calls = 0;
  answerJsonRpc({ jsonrpc: "2.0", method: "count" }, new Map([["count", () => ({ result: ++calls })]]));
  assert.equal(calls, 1);
});

Deno.test("12.1 invalid requests are -32600, with their id if it can be one", () => {
  const invalid: readonly [unknown, unknown][] = [
    [{ jsonrpc: "1.0", method: "nothing", id: 4 }, 4],
    [{ jsonrpc: 2, method: "nothing", id: 4 }, 4],
    [{ jsonrpc: "2.0", id: "x" }, "x"],
    [{ jsonrpc: "2.0", method: 1, id: 4 }, 4],
    [{ jsonrpc: "2.0", method: "nothing", id: {} }, null],
    [{ jsonrpc: "2.0", method: "nothing", id: true }, null],
    [{ jsonrpc: "2.0", method: "nothing", id: 2 ** 53 }, null],
    [{ jsonrpc: "2.0" }, null],
    [7, null],
    [null, null],
  ];
  for (const [request, expected] of invalid) {
    const { jsonrpc, error, id } = parsed(request);
    assert.deepEqual([jsonrpc, error.code, id], ["2.0", -32600, expected], JSON.stringify(request));
    assert.match(error.message, /^Invalid Request: /);
  }
});

Deno.test("12.1 a batch is answered as a batch in its order, an empty one with -32600", () => {
  const batch = [
    call("echo", 1, { params: [1] }),
    7,
    { jsonrpc: "2.0", method: "echo" },
    call("nope", 2),
    call("echo", null, { params: { a: 1 } }),
  ];
  assert.equal(
    answer(batch),
    '[{"jsonrpc":"2.0","result":[1],"id":1},' +
      '{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request: a request is an object"},"id":null},' +
      '{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":2},' +
      '{"jsonrpc":"2.0","result":{"a":1},"id":null}]',
  );
  assert.deepEqual([parsed([]).error.code, parsed([]).id], [-32600, null]);
});

Deno.test("12.1 a batch is bounded in requests and in the length of its answers", () => {
  assert.equal(parsed(Array(MAX_BATCH).fill(call("nothing", 1))).length, MAX_BATCH);
  assert.match(parsed(Array(MAX_BATCH + 1).fill(call("nothing", 1))).error.message, /holds 101 requests, at most 100/);
  const codes = parsed(Array(6).fill(call("long", 1))).map((one: { error?: { code: number } }) => one.error?.code);
  assert.deepEqual(codes, [undefined, undefined, undefined, undefined, -32005, -32005]);
});

Deno.test("12.1 every JSON value gets a JSON answer or none", () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1;
  console.log(`json_rpc_test seed ${seed}`);
  const request = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        jsonrpc: fc.constantFrom<unknown>("2.0", "2.0", "1.0", 2),
        method: fc.constantFrom<unknown>("echo", "nope", 1),
        id: fc.jsonValue({ maxDepth: 1 }),
        params: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
  );
  fc.assert(
    fc.property(fc.oneof(request, fc.array(request)), (value) => {
      const text = answer(value);
      if (text === undefined) return;
      const answers = [JSON.parse(text)].flat();
      for (const one of answers) {
        assert.deepEqual(Object.keys(one), ["jsonrpc", Object.hasOwn(one, "error") ? "error" : "result", "id"]);
      }
      if (Array.isArray(value)) assert.ok(answers.length <= Math.max(1, value.length));
    }),
    { seed, numRuns: 2000 },
  );
});
