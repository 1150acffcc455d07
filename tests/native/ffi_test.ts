// The C door from this side: both layouts agree, a library of another version is refused, bad calls are errors.

import { STAGES } from "../../src/stream/protocol.ts";
import assert from "node:assert/strict";
import { CONNECTION, NativeConnections } from "../../src/native/connections.ts";
import { ABI_VERSION, Sidecar, SidecarError, SYMBOLS } from "../../src/native/ffi.ts";
import { NativeLog, RECORD, STATUS_FIELDS } from "../../src/native/log.ts";
import * as types from "../../src/stream/log.ts";
import { SIDECAR } from "../harness/gateway.ts";

const SNAKE = /[A-Z]/g;

Deno.test("the sidecar describes the record and the status as this side reads them", () => {
  using sidecar = Sidecar.load(SIDECAR);
  const told = JSON.parse(sidecar.text((out, length) => sidecar.symbols.ringcast_describe(out, length)));
  assert.equal(told.record_size, RECORD.size);
  assert.deepEqual(told.status, [...STATUS_FIELDS]);
  assert.deepEqual([told.native_transfer, told.gap], [types.NATIVE_TRANSFER_TYPE, types.GAP_TYPE]);
  assert.deepEqual(
    [told.tps, told.contention_data, told.top_accesses, told.lifecycle],
    [types.TPS_TYPE, types.CONTENTION_DATA_TYPE, types.TOP_ACCESSES_TYPE, types.LIFECYCLE_TYPE],
  );
  assert.deepEqual(["", ...told.stages], ["", ...STAGES]);
  const names: Record<string, string> = { textLength: "text_len" };
  const { size: _size, ...offsets } = RECORD;
  const own = Object.entries(offsets).map(([name, offset]) => [
    names[name] ?? name.replace(SNAKE, (letter) => `_${letter.toLowerCase()}`),
    offset,
  ]);
  assert.deepEqual(told.fields.map(([name, offset]: [string, number]) => [name, offset]), own);
});

Deno.test("the sidecar describes connections as this side reads them", () => {
  using sidecar = Sidecar.load(SIDECAR);
  const told = JSON.parse(sidecar.text((out, length) => sidecar.symbols.ringcast_describe_connections(out, length)));
  const names: Record<string, string> = {
    received_bytes: "receivedBytes",
    acked_bytes: "ackedBytes",
    waiting_bytes: "waitingBytes",
    data_received_ms_ago: "dataReceivedMsAgo",
    descriptor: "descriptor",
    peer_port: "peerPort",
    peer_address: "peerAddress",
    unread_bytes: "unreadBytes",
  };
  const fields = told.fields.map(([name, offset]: [string, number]) => [names[name] ?? name, offset]);
  assert.deepEqual({ size: told.record_size, ...Object.fromEntries(fields) }, CONNECTION);
});

Deno.test("a thousand connections are listed, those named are cut and the others stay", async () => {
  using sidecar = Sidecar.load(SIDECAR);
  const table = new NativeConnections(sidecar);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const ends: Deno.TcpConn[] = [];
  try {
    for (let i = 0; i < 1000; i++) {
      const connecting = Deno.connect({ hostname: "127.0.0.1", port });
      ends.push(await listener.accept(), await connecting);
    }
    const count = table.refresh(port);
    assert.equal(count, 1000);
    const rows = Array.from({ length: count }, (_, row) => row);
    assert.equal(new Set(rows.map((row) => table.cookie(row))).size, 1000);
    assert.ok(rows.every((row) => table.peerAddress(row) === "0:0:0:0:0:ffff:7f00:1"));
    const ports = new Set(ends.map((end) => end.localAddr.port));
    assert.ok(rows.every((row) => ports.has(table.peerPort(row))));
    assert.equal(table.cut(port, rows.slice(0, 400)), 400);
    assert.equal(table.refresh(port), 600);
    assert.throws(() => table.refresh(70_000), /70000 is no port/);
  } finally {
    for (const end of ends) end.close();
  }
});

Deno.test("a library of another version is refused with both versions", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const library = `${directory}/other.so`;
    const functions = Object.keys(SYMBOLS).map((name) => `unsigned ${name}(void) { return 99; }`);
    await Deno.writeTextFile(`${directory}/other.c`, functions.join("\n"));
    const gcc = new Deno.Command("gcc", { args: ["-shared", "-o", library, `${directory}/other.c`] });
    assert.ok((await gcc.output()).success);
    assert.throws(() => Sidecar.load(library), (error) => {
      assert.ok(error instanceof SidecarError);
      assert.match(error.message, new RegExp(`version 99.*needs ${ABI_VERSION}`));
      return true;
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a call for a log that was closed is an error with a sentence", async () => {
  using sidecar = Sidecar.load(SIDECAR);
  const log = new NativeLog(sidecar, {
    ...{ ring: "/nowhere/ring", from: "oldest", blocked: [], speed: Infinity, loop: false, waitForPlay: false },
    backfillEvents: 1,
    windowBytes: 1 << 20,
  });
  const waiting = log.wait(60_000, 0);
  log[Symbol.dispose]();
  await waiting;
  assert.throws(() => log.play(), /no log with handle/);
  log[Symbol.dispose]();
});
