// Tests of examples/token_transfers.ts, run as a process against a small server that speaks its part of the protocol.

import assert from "node:assert/strict";

const TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
const word = (byte: string) => `0x${"00".repeat(12)}${byte.repeat(20)}`;
const amount = (value: bigint) => `0x${value.toString(16).padStart(64, "0")}`;

function log(topics: string[], data: string) {
  return {
    event_name: "TxnLog",
    block_number: 7,
    txn_idx: 3,
    payload: { type: "TxnLog", txn_index: 3, log_index: 0, address: `0x${"aa".repeat(20)}`, topics, data },
  };
}

/** Runs the example against a server that answers the subscription with `frames`, then closes. */
async function run(args: string[], frames: unknown[]) {
  const received: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => {
      received.push(data);
      for (const frame of frames) socket.send(JSON.stringify(frame));
      socket.close(1012, "restarting: reconnect");
    };
    return response;
  });
  const address = `127.0.0.1:${server.addr.port}`;
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-net=127.0.0.1", "examples/token_transfers.ts", `ws://${address}/`, ...args],
    cwd: `${import.meta.dirname}/..`,
    env: { NO_COLOR: "1" },
  }).output();
  await server.shutdown();
  const decoder = new TextDecoder();
  return { code: output.code, received, stdout: decoder.decode(output.stdout), stderr: decoder.decode(output.stderr) };
}

Deno.test("it subscribes to TxnLog and prints transfers, gaps and why the server closed", async () => {
  const frames = [
    { seq: 0, Hello: { protocol_version: 1 } },
    {
      seq: 5,
      Events: [
        log([TRANSFER, word("11"), word("22")], amount(2n ** 200n)),
        log([TRANSFER, word("11"), word("22"), amount(1n)], "0x"), // an NFT
        log([], "0x"),
      ],
    },
    { seq: 0, Warning: { type: "gap", dropped: 12, reason: "ring_overrun" } },
  ];
  const { code, received, stdout, stderr } = await run([], frames);
  assert.deepEqual(received, ['{"subscribe":["TxnLog"]}']);
  const [token, from, to] = ["aa", "11", "22"].map((byte) => `0x${byte.repeat(20)}`);
  assert.equal(stdout, `7.3 ${token}  ${from} -> ${to}  ${2n ** 200n}\n`);
  assert.match(stderr, /transfers may be missing here: ring_overrun, 12 lost/);
  assert.match(stderr, /closed the connection \(1012 restarting: reconnect\)/);
  assert.equal(code, 1);
});

Deno.test("--limit stops it after that many transfers", async () => {
  const transfer = log([TRANSFER, word("11"), word("22")], amount(1n));
  const { code, stdout } = await run(["--limit", "2"], [{ seq: 9, Events: [transfer, transfer, transfer] }]);
  assert.equal(stdout.trim().split("\n").length, 2);
  assert.equal(code, 0);
});

Deno.test("a refusal, a wrong argument and an absent server end it with a sentence", async () => {
  const refused = await run([], [{ seq: 0, Error: { type: "subscribe_limit", message: "too many" } }]);
  assert.match(refused.stderr, /refused the subscription: too many/);
  const wrong = await run(["--limit", "0"], []);
  assert.match(wrong.stderr, /Unexpected "--limit"; usage/);
  const absent = await run(["ws://127.0.0.1:1/"], []);
  assert.match(absent.stderr, /Cannot talk to ws:\/\/127\.0\.0\.1:1\//);
  assert.deepEqual([refused.code, wrong.code, absent.code], [1, 1, 1]);
});
