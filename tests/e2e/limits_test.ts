// What a client may send, how many there may be, and under which names the gateway answers (protocol 1.3 and 11.3).
// liveness_test.ts has clients that send nothing; connections_test.ts has connections that never become clients.

import assert from "node:assert/strict";
import { Client } from "../harness/client.ts";
import { deadline } from "../harness/condition.ts";
import { Gateway } from "../harness/gateway.ts";
import { Node, RingPlace } from "../harness/node.ts";
import { residentBytes, socketStates } from "../harness/process.ts";
import { RawClient } from "../harness/raw_client.ts";

async function onGateway(body: (gateway: Gateway) => Promise<void>, flags: readonly string[] = []): Promise<void> {
  using place = new RingPlace();
  await using _node = await Node.start(["run", "--block-ms", "100", "--txns-per-block", "5"], place.ring);
  await using gateway = await Gateway.start(["--ring", place.ring, ...flags]);
  await gateway.ready();
  await body(gateway);
}

function isCut(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe;
}

const HELLO = { hello: { protocol_version: 1, client_name: "test", client_version: "0" } };

Deno.test("11.3 a burst of 200 messages is taken, a flood is closed with 1008", () =>
  onGateway(async (gateway) => {
    await using burst = await Client.connect(gateway.url("/v1/ws?subscribe=BlockStart"));
    for (let i = 0; i < 200; i++) burst.send(HELLO);
    await burst.frame("Events", burst.frames.length);
    assert.equal(burst.closed, undefined);
    using flood = await RawClient.connect(gateway.url());
    try {
      for (let i = 0; i < 5000; i++) await flood.send(HELLO);
    } catch (error) {
      assert.ok(isCut(error), `${error}`);
    }
    assert.deepEqual(await flood.next(), { closed: 1008 });
    assert.equal(await flood.next(), undefined);
    assert.ok(gateway.lines.some(({ properties }) => /100 messages per second/.test(String(properties["reason"]))));
  }));

Deno.test("11.3 messages of 64 KiB, as many as a burst may have, are taken", () =>
  onGateway(async (gateway) => {
    await using client = await Client.connect(gateway.url());
    // The mistake at the end is answered, so all before it was read.
    const large = JSON.stringify({ hello: { protocol_version: 1 } }) + " ".repeat((1 << 16) - 200);
    for (let i = 0; i < 150; i++) client.send(large);
    client.send("last");
    await client.frame("Error");
    await new Promise((resolve) => setTimeout(resolve, 600)); // two looks of the guard
    assert.equal(client.closed, undefined);
  }));

Deno.test("15 after 100 errors the connection is closed with 1008", () =>
  onGateway(async (gateway) => {
    await using client = await Client.connect(gateway.url());
    for (let i = 0; i < 101; i++) client.send("{");
    await client.until("it is closed", ({ closed }) => closed !== undefined);
    assert.equal(client.closed?.code, 1008);
    assert.match(client.closed?.reason ?? "", /too many errors/);
    assert.equal(client.frames.filter((frame) => frame.Error !== undefined).length, 100);
  }));

/** The head of a masked frame with a zero mask. */
function head(opcode: number, isLast: boolean, length: number): Uint8Array {
  const bytes = new Uint8Array(14);
  bytes[0] = (isLast ? 0x80 : 0) | opcode;
  bytes[1] = 0x80 | 127;
  new DataView(bytes.buffer).setBigUint64(2, BigInt(length));
  return bytes;
}

Deno.test("11.3 endless fragments and a frame of 60 MB are cut before they fill the memory", () =>
  onGateway(async (gateway) => {
    await using other = await Client.connect(gateway.url("/v1/ws?subscribe=BlockStart"));
    await other.frame("Events");
    const before = residentBytes(gateway.pid);
    let most = 0;
    const chunk = new Uint8Array(1 << 14).fill(0x61);
    for (const isFragmented of [true, false]) {
      using client = await RawClient.connect(gateway.url());
      let sent = 0;
      try {
        if (!isFragmented) await client.write(head(1, true, 60_000_000));
        for (; sent < 2 ** 33; sent += chunk.length) {
          if (isFragmented) await client.write(head(sent === 0 ? 1 : 0, false, chunk.length));
          await client.write(chunk);
          if (sent % (1 << 22) === 0) most = Math.max(most, residentBytes(gateway.pid) - before);
        }
      } catch (error) {
        assert.ok(isCut(error), `${error}`);
      }
      const port = Number(gateway.host.split(":")[1]);
      await deadline("nothing of it is left", () => socketStates(port, client.port).length === 0);
      console.log(`cut after ${sent >> 20} MiB, ${most >> 20} MiB more resident at most`);
    }
    await deadline("the memory is given back", () => residentBytes(gateway.pid) - before < 64 << 20);
    await other.frame("Events", other.frames.length);
    assert.equal(other.closed, undefined);
  }));

Deno.test("1.3 behind a trusted proxy the limit per address holds for the address that the proxy names, and 429 says so", () =>
  onGateway(async (gateway) => {
    const connect = async (forwardedFor: string) => {
      try {
        return await RawClient.connect(gateway.url(), [`X-Forwarded-For: ${forwardedFor}`]);
      } catch (error) {
        return String(error);
      }
    };
    const clients: RawClient[] = [];
    const enter = async (forwardedFor: string) => {
      const client = await connect(forwardedFor);
      if (typeof client === "string") return client;
      clients.push(client);
      return "in";
    };
    assert.equal(await enter("192.0.2.1"), "in");
    // What stands before the last untrusted address was written by the client.
    assert.equal(await enter("198.51.100.9, 192.0.2.1"), "in");
    assert.match(await enter("198.51.100.10, 192.0.2.1, 10.0.0.1"), / 429 /);
    assert.match(await enter("[192.0.2.1]:70, ::ffff:192.0.2.1"), / 429 /);
    assert.equal(await enter("2001:db8::7"), "in");
    assert.equal(await enter("127.0.0.1"), "in");
    assert.equal(await enter("127.0.0.1"), "in");
    assert.equal(await enter("127.0.0.1"), "in");
    clients[0]?.[Symbol.dispose]();
    await deadline("a place is free again", async () => await enter("192.0.2.1") === "in");
    // Refused upgrades, and those that break off, take no place away for good.
    for (let i = 0; i < 20; i++) {
      using client = await RawClient.connect(gateway.url(), ["X-Forwarded-For: 203.0.113.5"]);
      void client;
      await deadline("it is counted out", async () => {
        return (await gateway.get("/v1/status")).body.connected_clients <= clients.length;
      });
    }
    for (const client of clients.slice(1)) client[Symbol.dispose]();
    await deadline("none is left", async () => (await gateway.get("/v1/status")).body.connected_clients === 0);
  }, ["--trusted-proxy", "127.0.0.1,10.0.0.1", "--max-connections-per-ip", "2"]));

Deno.test("1.3 X-Forwarded-For of a peer that is no trusted proxy is not believed", () =>
  onGateway(async (gateway) => {
    for (let i = 0; i < 3; i++) {
      using _client = await RawClient.connect(gateway.url(), ["X-Forwarded-For: 192.0.2.1"]);
    }
  }, ["--max-connections-per-ip", "1"]));

Deno.test("1.3 on loopback only this machine's names and those of allowed origins are answered to", () =>
  onGateway(async (gateway) => {
    const status = async (host: string, path: string) => {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(gateway.host.split(":")[1]) });
      const upgrade = path === "/v1/ws"
        ? "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        : "";
      const request = `GET ${path} HTTP/1.1\r\n${host}${upgrade}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
      await connection.write(new TextEncoder().encode(request));
      const bytes = new Uint8Array(1000);
      const text = new TextDecoder().decode(bytes.subarray(0, await connection.read(bytes) ?? 0));
      connection.close();
      return Number(text.split(" ")[1]);
    };
    for (const [path, good] of [["/v1/ws", 101], ["/livez", 200]] as const) {
      for (
        const host of ["localhost", "127.0.0.1:8443", "[::1]:1", "LOCALHOST:7", "friend.example", "friend.example:80"]
      ) {
        assert.equal(await status(`Host: ${host}\r\n`, path), good, `${host} ${path}`);
      }
      for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io:8443", "10.0.0.1", "%", ""]) {
        const got = await status(`Host: ${host}\r\n`, path);
        assert.ok(got === 403 || got === 400, `${host} ${path} ${got}`);
      }
    }
  }, ["--allow-origin", "https://friend.example"]));

Deno.test("1.1 a client that offers subprotocols is let in with the first, and another version of WebSocket is told 13", () =>
  onGateway(async (gateway) => {
    for (const offer of ["a", "a,b", "a, b", "a ,b"]) {
      using _client = await RawClient.connect(gateway.url(), [`Sec-WebSocket-Protocol: ${offer}`]);
    }
    const socket = new WebSocket(gateway.url(), ["one", "two"]);
    await deadline("the connection opens", () => socket.readyState === WebSocket.OPEN);
    assert.equal(socket.protocol, "one");
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
    const headers = { upgrade: "websocket", connection: "upgrade", "sec-websocket-version": "8" };
    const response = await fetch(`http://${gateway.host}/v1/ws`, { headers });
    assert.equal(response.status, 426);
    assert.equal(response.headers.get("sec-websocket-version"), "13");
    assert.equal((await response.json()).error, "bad_version");
  }));
