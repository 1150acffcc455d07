// RFC 6455 on the wire: handshake, masks, fragments, control frames, closing. Where Deno's server does not follow the RFC,
// what it does is asserted as it is; docs/conformance.md lists these places.

import assert from "node:assert/strict";
import { frameBytes, OPCODE, type RawFrames, rawGet, UPGRADE } from "../harness/raw_frames.ts";
import { Target } from "./target.ts";

const target = new Target({ node: ["run", "--block-ms", "100", "--txns-per-block", "5"] });

/** The connection ends without a Close frame, where the RFC recommends one of 1002 or 1007, and nothing was answered. */
async function isCut(client: RawFrames): Promise<void> {
  await client.ended();
  assert.deepEqual([client.closed, client.opcodes], [undefined, []]);
}

const ERROR = { opcode: OPCODE.text, payload: "{" };

target.rule("RFC6455 4.2.2 the handshake is answered with 101 and the accept that belongs to the key", async () => {
  await using client = await target.connect();
  assert.match(client.head, /^HTTP\/1\.1 101 /);
  assert.match(client.head, /\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=(\r\n|$)/i);
  assert.match(client.head, /\r\nupgrade: websocket(\r\n|$)/i);
  assert.match(client.head, /\r\nconnection: upgrade(\r\n|$)/i);
});

target.rule("RFC6455 4.2.2 no extension is chosen, permessage-deflate included", async () => {
  await using client = await target.connect("/v1/ws", ["Sec-WebSocket-Extensions: permessage-deflate"]);
  assert.doesNotMatch(client.head, /sec-websocket-extensions/i);
});

target.rule("RFC6455 4.2.2 a handshake without a key is refused with 400", async () => {
  const headers = UPGRADE.filter((line) => !line.startsWith("Sec-WebSocket-Key"));
  assert.equal((await rawGet(target.url(), headers)).status, 400);
});

target.rule("RFC6455 4.4 another version is refused with 426 and is told 13", async () => {
  for (const version of ["8", "0", "14", ""]) {
    const headers = UPGRADE.map((line) => line.replace(/Version: 13/, `Version: ${version}`));
    const { status, headers: answered } = await rawGet(target.url(), headers);
    assert.deepEqual([status, answered.get("sec-websocket-version")], [426, "13"], version);
  }
});

target.rule("RFC6455 5.1 an unmasked frame is taken, where the RFC has the server close with 1002", async () => {
  await using client = await target.connect();
  await client.sendFrame(ERROR.opcode, ERROR.payload, { isMasked: false });
  await client.frame("Error");
  assert.equal(client.closed, undefined);
});

target.rule("RFC6455 5.1 the server's frames are not masked and have no reserved bits", async () => {
  await using client = await target.subscribed(["BlockStart"]);
  await client.frame("Events");
  // Whatever is masked, reserved or no text would not have been read as JSON.
  assert.ok(client.opcodes.every((opcode) => opcode === OPCODE.text));
});

for (const reserved of [1, 2, 4]) {
  target.rule(`RFC6455 5.2 a frame with reserved bits ${reserved} fails the connection`, async () => {
    await using client = await target.connect();
    await client.sendFrame(ERROR.opcode, ERROR.payload, { reserved });
    await isCut(client);
  });
}

for (const opcode of [3, 7, 11, 15]) {
  target.rule(`RFC6455 5.2 the reserved opcode ${opcode} fails the connection`, async () => {
    await using client = await target.connect();
    await client.sendFrame(opcode, "x");
    await isCut(client);
  });
}

target.rule("RFC6455 5.4 a message in fragments, down to single bytes, is one message", async () => {
  await using client = await target.connect();
  const text = '{"subscribe":["BlöckStart"]}';
  const bytes = new TextEncoder().encode(text);
  for (const [i, byte] of bytes.entries()) {
    const form = { isLast: i === bytes.length - 1 };
    await client.sendFrame(i === 0 ? OPCODE.text : OPCODE.continuation, Uint8Array.of(byte), form);
  }
  const { Error: error } = await client.frame("Error");
  assert.match(error.message, /Unknown event "Bl\\u00f6ckStart"/);
  assert.equal(client.frames.length, 1);
});

target.rule("RFC6455 5.4 a Ping between fragments is answered at once and disturbs nothing", async () => {
  await using client = await target.connect();
  await client.sendFrame(OPCODE.text, '{"subscribe":', { isLast: false });
  await client.sendFrame(OPCODE.ping, "between");
  await client.until("the Pong comes", ({ pongs }) => pongs.length > 0);
  await client.sendFrame(OPCODE.continuation, "[]}");
  assert.equal((await client.frame("Error")).Error.type, "empty_subscribe");
  assert.deepEqual(client.pongs, ["between"]);
});

target.rule("RFC6455 5.4 a continuation of nothing fails the connection", async () => {
  await using client = await target.connect();
  await client.sendFrame(OPCODE.continuation, "{");
  await isCut(client);
});

target.rule("RFC6455 5.4 a new message within an unfinished one fails the connection", async () => {
  await using client = await target.connect();
  await client.sendFrame(OPCODE.text, "{", { isLast: false });
  await client.sendFrame(OPCODE.text, "{");
  await isCut(client);
});

target.rule("RFC6455 5.5 a fragmented Ping fails the connection", async () => {
  await using client = await target.connect();
  await client.sendFrame(OPCODE.ping, "x", { isLast: false });
  await isCut(client);
});

target.rule("RFC6455 5.5 a Ping of more than 125 bytes fails the connection", async () => {
  await using client = await target.connect();
  await client.sendFrame(OPCODE.ping, "x".repeat(126));
  await isCut(client);
});

target.rule("RFC6455 5.5.1 a Close frame is answered with one of the same code, and the connection ends", async () => {
  for (const code of [1000, 1001, 3000, 4999]) {
    await using client = await target.connect();
    await client.sendFrame(OPCODE.close, Uint8Array.of(code >> 8, code & 255));
    await client.ended();
    assert.equal(client.closed?.code, code);
  }
});

target.rule("RFC6455 5.5.1 nothing is delivered behind the answer to a Close frame", async () => {
  await using client = await target.subscribed(["BlockStart", "TxnLog"]);
  await client.frame("Events");
  await client.sendFrame(OPCODE.close, Uint8Array.of(3, 232));
  await client.ended();
  assert.equal(client.opcodes.at(-1), OPCODE.close);
});

target.rule("RFC6455 5.5.2 Pings are answered with Pongs of the same payload, in order", async () => {
  await using client = await target.connect();
  const payloads = ["", "a", "x".repeat(125)];
  for (const payload of payloads) await client.sendFrame(OPCODE.ping, payload);
  await client.until("the Pongs come", ({ pongs }) => pongs.length === payloads.length);
  assert.deepEqual(client.pongs, payloads);
});

target.rule("RFC6455 5.5.3 a Pong that nobody asked for is answered with nothing", async () => {
  await using client = await target.connect();
  await client.sendFrame(OPCODE.pong, "unasked");
  await client.send("{");
  await client.frame("Error");
  assert.deepEqual([client.frames.length, client.pongs.length], [1, 0]);
});

target.rule("RFC6455 5.6 an empty text message and an empty binary one are messages", async () => {
  await using client = await target.connect();
  await client.send("");
  await client.sendFrame(OPCODE.binary, "");
  await client.until("both are answered", ({ frames }) => frames.length === 2);
  assert.match(client.frames[0].Error.message, /not JSON/);
  assert.match(client.frames[1].Error.message, /Binary/);
});

for (
  const [what, bytes] of [
    ["a lone continuation byte", [0x22, 0x80, 0x22]],
    ["an overlong form", [0x22, 0xc0, 0xaf, 0x22]],
    ["a surrogate", [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ["a cut sequence", [0x22, 0xe2, 0x82]],
  ] as const
) {
  target.rule(`RFC6455 8.1 bad UTF-8 (${what}) fails the connection`, async () => {
    await using client = await target.connect();
    await client.sendFrame(OPCODE.text, Uint8Array.from(bytes));
    await isCut(client);
  });
}

target.rule("RFC6455 9.1 a frame that comes byte by byte is read as one", async () => {
  await using client = await target.connect();
  for (const byte of frameBytes(OPCODE.text, new TextEncoder().encode("[1]"))) await client.write(Uint8Array.of(byte));
  assert.match((await client.frame("Error")).Error.message, /not a list/);
});

target.rule("RFC6455 another client goes on while connections fail", async () => {
  await using other = await target.subscribed(["BlockStart"]);
  await using client = await target.connect();
  await client.sendFrame(15, "x");
  await client.ended();
  await other.frame("Events", other.frames.length);
  assert.equal(other.closed, undefined);
});
