// The rules of the wire on a live ring, each test named by its rule: endpoints, life of a connection, subscriptions.
// serialization_test.ts has the rules on seqs and events; source_test.ts those on rings that go wrong.

import assert from "node:assert/strict";
import { DEFAULT_BLOCKED_EVENTS, EVENT_NAMES } from "../../src/stream/protocol.ts";
import { Client } from "../harness/client.ts";
import { Gateway } from "../harness/gateway.ts";
import { Node, RingPlace } from "../harness/node.ts";

/** Runs `body` against a gateway on a live ring. */
async function onLiveRing(
  body: (gateway: Gateway) => Promise<void>,
  flags: readonly string[] = [],
  node: readonly string[] = ["--block-ms", "20", "--txns-per-block", "20"],
): Promise<void> {
  using place = new RingPlace();
  await using _node = await Node.start(["run", ...node], place.ring);
  await using gateway = await Gateway.start(["--ring", place.ring, ...flags]);
  await gateway.ready();
  await body(gateway);
}

Deno.test("1.1 /v1/ws and / take upgrades; without one they answer 426 and the page", () =>
  onLiveRing(async (gateway) => {
    for (const path of ["/v1/ws", "/"]) {
      await using client = await Client.connect(gateway.url(path));
      client.send({ subscribe: ["BlockStart"] });
      await client.frame("Events");
    }
    const endpoint = await fetch(`http://${gateway.host}/v1/ws`);
    assert.equal(endpoint.status, 426);
    assert.equal(endpoint.headers.get("upgrade"), "websocket");
    assert.equal((await endpoint.json()).error, "upgrade_required");
    const page = await fetch(`http://${gateway.host}/`);
    assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
    assert.match(await page.text(), /<title>ringcast/);
    assert.equal((await gateway.get("/nowhere")).status, 404);
  }));

Deno.test("1.2 ?subscribe= is an initial Subscribe, and a bad query is refused with 400 before the upgrade", () =>
  onLiveRing(async (gateway) => {
    await using client = await Client.connect(gateway.url("/v1/ws?subscribe=BlockStart,TxnLog"));
    await client.frame("Events");
    assert.ok(Object.hasOwn(client.frames[0], "Hello"));
    for (const query of ["subscribe=BlockStrat", "subscribe=", "resume_from=", "resume_from=x", "resume_from=-1"]) {
      const response = await fetch(`http://${gateway.host}/v1/ws?${query}`, { headers: UPGRADE });
      assert.equal(response.status, 400, query);
      const { error, message } = await response.json();
      assert.ok(error.length > 0 && message.length > 10, query);
    }
  }));

Deno.test("1.3 a page of another site is refused with 403, a local one and no page at all are let in", () =>
  onLiveRing(async (gateway) => {
    const refused = await upgradeStatus(gateway, "https://evil.example");
    assert.equal(refused, 403);
    for (const origin of ["http://localhost:3000", "http://127.0.0.1", "https://friend.example", undefined]) {
      assert.equal(await upgradeStatus(gateway, origin), 101, origin);
    }
  }, ["--allow-origin", "https://friend.example"]));

Deno.test("1.3 at the connection limit an upgrade is refused with 503 and Retry-After", () =>
  onLiveRing(async (gateway) => {
    await using _one = await Client.connect(gateway.url());
    const response = await fetch(`http://${gateway.host}/v1/ws`, { headers: UPGRADE });
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "1");
    assert.equal((await response.json()).error, "too_many_connections");
  }, ["--max-connections", "1"]));

Deno.test("2.2 before the first accepted Subscribe only errors are sent", () =>
  onLiveRing(async (gateway) => {
    await using silent = await Client.connect(gateway.url());
    await using other = await Client.connect(gateway.url("/v1/ws?subscribe=BlockStart"));
    silent.send({ subscribe: ["Nonsense"] });
    await other.until("five blocks pass", ({ events }) => events.length >= 5);
    assert.deepEqual(silent.frames.map((frame) => Object.keys(frame)), [["seq", "Error"]]);
  }));

Deno.test("2.3 Hello comes once, before the answer to the first accepted Subscribe; a refused one brings none", () =>
  onLiveRing(async (gateway) => {
    await using client = await Client.connect(gateway.url());
    client.send({ subscribe: [] });
    await client.frame("Error");
    client.send({ subscribe: ["BlockStart"] });
    await client.frame("Events");
    client.send({ subscribe: ["BlockEnd"] });
    await client.until("the second subscription delivers", ({ events }) => {
      return events.some((event) => event.event_name === "BlockEnd");
    });
    const kinds = client.frames.map((frame) => Object.keys(frame)[1]);
    assert.deepEqual(kinds.slice(0, 3), ["Error", "Hello", "Events"]);
    assert.equal(kinds.filter((kind) => kind === "Hello").length, 1);
  }));

Deno.test("2.5 a Subscribe replaces the former one at one position: nothing twice, nothing missing between", () =>
  onLiveRing(async (gateway) => {
    await using whole = await Client.connect(gateway.url("/v1/ws?subscribe=BlockStart,TxnLog"));
    await using client = await Client.connect(gateway.url("/v1/ws?subscribe=TxnLog"));
    for (let round = 0; round < 20; round++) {
      const before = client.events.length;
      await client.until("events come", ({ events }) => events.length > before);
      client.send({ subscribe: round % 2 === 0 ? ["TxnLog", "BlockStart"] : ["TxnLog"] });
    }
    const last = client.events.at(-1).seqno;
    await whole.until("the other client is as far", ({ events }) => events.at(-1)?.seqno >= last);
    const logs = (events: readonly { event_name: string; seqno: number }[]) =>
      events.filter(({ event_name }) => event_name === "TxnLog").map(({ seqno }) => seqno);
    const own = logs(client.events);
    const expected = logs(whole.events).filter((seqno) => seqno >= own[0]! && seqno <= last);
    assert.deepEqual(own, expected);
  }));

Deno.test("6.1–6.3 what cannot be understood is answered at its place, and the subscription stays", () =>
  onLiveRing(async (gateway) => {
    await using client = await Client.connect(gateway.url("/v1/ws?subscribe=BlockStart"));
    await client.frame("Events");
    const wrong: readonly [message: unknown, type: string, says: RegExp][] = [
      ["{", "parse_error", /not JSON/],
      ["", "parse_error", /not JSON/],
      [["BlockStart"], "parse_error", /a list/],
      ["null", "parse_error", /null/],
      ["7", "parse_error", /number 7/],
      [{}, "parse_error", /"subscribe"/],
      [{ subscribe: {} }, "parse_error", /subscribe\.events is missing/],
      [{ subscribe: "BlockStart" }, "parse_error", /the text "BlockStart"/],
      [{ subscribe: null }, "parse_error", /null/],
      [{ subscribe: { events: "BlockStart" } }, "parse_error", /subscribe\.events/],
      [{ subscribe: { events: ["BlockStart"], filtres: [] } }, "parse_error", /"filtres"/],
      [{ subscribe: { events: ["BlockStart"], min_stage: "Final" } }, "parse_error", /Unknown stage "Final"/],
      [{ subscribe: { events: ["TxnLog"], filters: [{}] } }, "parse_error", /event_name is missing/],
      [{ subscribe: ["BlockStart", "TxnLogs"] }, "parse_error", /"TxnLogs" in subscribe\[1\]; did you mean "TxnLog"\?/],
      [{ subscribe: ["blockstart"] }, "parse_error", /did you mean "BlockStart"\?/],
      [{ subscribe: [7] }, "parse_error", /subscribe\[0\].*number 7/],
      [{ subscribe: [["BlockStart"]] }, "parse_error", /subscribe\[0\].*a list/],
      [{ subscribe: ["\u001b[31m\ud800"] }, "parse_error", /Unknown event/],
      ['{"subscribe":["BlockStart"],"__proto__":{}}', "parse_error", /"__proto__"/],
      [{ subscribes: ["BlockStart"] }, "parse_error", /did you mean "subscribe"\?/],
      [{ subscribe: [] }, "empty_subscribe", /empty/],
      [{ subscribe: { events: [] } }, "empty_subscribe", /empty/],
      [{ subscribe: EVENT_NAMES.slice(0, 4) }, "subscribe_limit", /exceeds limit of 3/],
      [`{"subscribe":${"[".repeat(60_000)}`, "parse_error", /not JSON/],
    ];
    for (const [message, type, says] of wrong) {
      const from = client.frames.length;
      client.send(message);
      const { seq, Error: error } = await client.frame("Error", from);
      assert.equal(seq, 0);
      assert.equal(error.type, type, JSON.stringify(message).slice(0, 100));
      assert.match(error.message, says);
      if (type === "subscribe_limit") assert.equal(error.limit, 3);
    }
    const from = client.frames.length;
    await client.until("the old subscription still delivers", ({ frames }) => {
      return frames.slice(from).some((frame) => frame.Events?.[0].event_name === "BlockStart");
    });
  }));

Deno.test("6.2 duplicates count once, the extended form is the same subscription, and all names are known", () =>
  onLiveRing(async (gateway) => {
    await using client = await Client.connect(gateway.url());
    const neutral = { filters: [], min_stage: "Proposed", correlate: false };
    client.send({ subscribe: { events: ["BlockStart", "BlockStart", "BlockEnd", "TPS", "TPS"], ...neutral } });
    await client.frame("Events");
    client.send({ subscribe: ["TPS", "ContentionData", "Lifecycle"] });
    client.send({ subscribe: ["TopAccesses", "NativeTransfer"] });
    await client.until("a transfer comes", ({ events }) => events.at(-1)?.event_name === "NativeTransfer");
    assert.ok(!client.frames.some((frame) => frame.Error !== undefined));
  }));

Deno.test("6.4 blocked events may be named and are never delivered", () =>
  onLiveRing(async (gateway) => {
    await using client = await Client.connect(gateway.url());
    client.send({ subscribe: ["AccountAccess", "StorageAccess", "BlockEnd"] });
    await client.until("blocks come", ({ events }) => events.length >= 3);
    assert.deepEqual(client.frames[0].Hello.blocked_events, DEFAULT_BLOCKED_EVENTS);
    assert.ok(client.events.every((event) => event.event_name === "BlockEnd"));
  }));

Deno.test("6.4 --unrestricted blocks nothing and takes any number of items", () =>
  onLiveRing(async (gateway) => {
    await using client = await Client.connect(gateway.url());
    client.send({ subscribe: EVENT_NAMES });
    await client.until("a state access comes", ({ events }) => {
      return events.some((event) => event.event_name === "StorageAccess");
    });
    const { blocked_events, limits } = client.frames[0].Hello;
    assert.deepEqual([blocked_events, limits.max_subscribes], [[], 0]);
  }, ["--unrestricted"]));

Deno.test("11.3 a message above 64 KiB is closed with 1009, a binary one is a parse_error", () =>
  onLiveRing(async (gateway) => {
    await using client = await Client.connect(gateway.url());
    client.socket.send(new Uint8Array([1, 2, 3]));
    assert.equal((await client.frame("Error")).Error.type, "parse_error");
    client.send(`"${"é".repeat(1 << 15)}"`);
    await client.until("the connection is closed", ({ closed }) => closed !== undefined);
    assert.equal(client.closed?.code, 1009);
  }));

Deno.test("13 a hello is answered with nothing and logged, another version as a warning", () =>
  onLiveRing(async (gateway) => {
    await using client = await Client.connect(gateway.url());
    client.send({ hello: { protocol_version: 1, client_name: "bot", client_version: "1" } });
    client.send({ hello: { protocol_version: 9, client_name: "bot" } });
    client.send({ subscribe: ["BlockStart"] });
    await client.frame("Events");
    assert.equal(Object.keys(client.frames[0])[1], "Hello");
    const said = gateway.lines.filter((line) => line.properties["clientName"] === "bot").map((line) => line.level);
    assert.deepEqual(said, ["INFO", "WARN"]);
  }));

const UPGRADE = {
  "upgrade": "websocket",
  "connection": "upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
};

/** The status of an upgrade with this Origin, read from the socket since fetch() cannot set one. */
async function upgradeStatus(gateway: Gateway, origin: string | undefined): Promise<number> {
  const [hostname, port] = gateway.host.split(":");
  using connection = await Deno.connect({ hostname: hostname!, port: Number(port) });
  const headers = Object.entries({ host: gateway.host, ...UPGRADE, ...(origin === undefined ? {} : { origin }) });
  const request = `GET /v1/ws HTTP/1.1\r\n${headers.map(([key, value]) => `${key}: ${value}\r\n`).join("")}\r\n`;
  await connection.write(new TextEncoder().encode(request));
  const answer = new Uint8Array(64);
  await connection.read(answer);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(new TextDecoder().decode(answer))?.[1]);
}
