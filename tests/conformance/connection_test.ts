// Protocol sections 1 and 2: endpoints, refusals, and what a connection gets before, at and after its first Subscribe.
// resume_test.ts has connections that resume.

import assert from "node:assert/strict";
import { deadline } from "../harness/condition.ts";
import { type RawFrames, rawGet, UPGRADE } from "../harness/raw_frames.ts";
import { Target } from "./target.ts";

const target = new Target({ node: ["run", "--block-ms", "60", "--txns-per-block", "8"] });

for (const path of ["/v1/ws", "/"]) {
  target.rule(`1.1 ${path} takes an upgrade and streams`, async () => {
    await using client = await target.subscribed(["BlockStart"], path);
    await client.frame("Events");
  });
}

target.rule("1.1 no other path takes an upgrade", async () => {
  for (const path of ["/v1", "/v1/ws/", "/ws", "/v1/status"]) {
    const { status } = await rawGet(target.url(path), UPGRADE);
    assert.ok(status === 404 || (path === "/v1/status" && status === 200), `${path} ${status}`);
  }
});

target.rule("1.1 GET /v1/ws without an upgrade answers 426 with Upgrade: websocket", async () => {
  const { status, headers, body } = await target.get("/v1/ws");
  assert.deepEqual([status, headers.get("upgrade"), body.error], [426, "websocket", "upgrade_required"]);
});

target.rule("1.1 GET / without an upgrade serves the page", async () => {
  const { status, headers, body } = await target.get("/");
  assert.equal(status, 200);
  assert.match(headers.get("content-type") ?? "", /^text\/html/);
  assert.match(body, /<html/);
});

target.rule("1.2 subscribe= is an initial Subscribe", async () => {
  await using client = await target.connect("/v1/ws?subscribe=BlockStart,BlockEnd");
  await client.frame("Events");
  assert.equal(client.kinds[0], "Hello");
  assert.ok(client.events.every(({ event_name }) => ["BlockStart", "BlockEnd"].includes(event_name)));
});

target.rule("1.2 resume_from takes any unsigned integer up to 20 digits, and stream_id any text", async () => {
  for (const query of ["resume_from=0", "resume_from=18446744073709551615", "resume_from=1&stream_id=%F0%9F%90%9F"]) {
    await using client = await target.connect(`/v1/ws?${query}&subscribe=BlockStart`);
    assert.equal((await client.frame("Hello")).Hello.resume.status, "unavailable", query);
  }
});

target.rule("1.3 a malformed query is refused with 400 and a JSON body, before the upgrade", async () => {
  const queries = ["resume_from=", "resume_from=-1", "resume_from=1.5", "resume_from=0x10", "resume_from=latest"];
  for (const query of [...queries, "subscribe=", "subscribe=blockstart", "subscribe=BlockStart,,TPS"]) {
    const { status, headers, body } = await rawGet(target.url(`/v1/ws?${query}`), UPGRADE);
    assert.equal(status, 400, query);
    assert.match(headers.get("content-type") ?? "", /^application\/json/);
    const answer = JSON.parse(body);
    assert.deepEqual(Object.keys(answer), ["error", "message"], query);
    assert.ok(answer.error.length > 0 && answer.message.length > 10, query);
  }
});

target.controlled("1.3 without an Origin header, and with a loopback one, a client is let in", async () => {
  for (const origin of ["http://localhost", "https://localhost:3000", "http://127.0.0.1:80", "http://[::1]:5"]) {
    await using _client = await target.connect("/v1/ws", [`Origin: ${origin}`]);
  }
  await using _client = await target.connect();
});

target.controlled("1.3 every other Origin is refused with 403", async () => {
  for (
    const origin of ["https://evil.example", "http://localhost.evil.example", "null", "file://", "", "http://10.0.0.1"]
  ) {
    const { status, body } = await rawGet(target.url(), [...UPGRADE, `Origin: ${origin}`]);
    assert.equal(status, 403, origin);
    assert.equal(JSON.parse(body).error, "origin_not_allowed", origin);
  }
});

target.rule("2.1 silence until a Subscribe is accepted, then Hello, then snapshot, then live", async () => {
  await using witness = await target.subscribed(["BlockStart"]);
  await using client = await target.connect();
  await witness.until("blocks pass", ({ events }) => events.length >= 5);
  assert.equal(client.frames.length, 0);
  await client.send({ subscribe: { events: ["Lifecycle", "BlockStart"], id: 1 } });
  await client.until("live events come", ({ kinds }) => kinds.includes("Events"));
  assert.deepEqual(client.kinds.slice(0, 2), ["Hello", "Subscribed"]);
  const { seq: H } = client.frames[1].Subscribed;
  const seqs = client.frames.slice(2).map(({ seq }) => seq);
  assert.equal(client.kinds[2], "Lifecycle");
  assert.equal(seqs[0], H, "a snapshot comes first");
  assert.deepEqual(seqs, seqs.toSorted((a, b) => a - b));
  assert.ok(client.kinds.slice(2).every((kind, i) => kind === "Lifecycle" || seqs[i] > H));
});

target.rule("2.2 before the first accepted Subscribe only Errors and answers to JSON-RPC are sent", async () => {
  await using witness = await target.subscribed(["BlockStart"]);
  await using client = await target.connect();
  await client.send({ subscribe: ["Nonsense"] });
  await client.send({ jsonrpc: "2.0", method: "eth_getBlockByNumber", params: [], id: 7 });
  await client.send({ hello: { protocol_version: 1, client_name: "conformance", client_version: "1" } });
  const { length } = witness.events;
  await witness.until("blocks pass", ({ events }) => events.length >= length + 5);
  assert.deepEqual(client.frames.map((frame) => Object.keys(frame)), [["seq", "Error"], ["jsonrpc", "result", "id"]]);
});

target.rule("2.3 a refused Subscribe sends no Hello", async () => {
  await using client = await target.connect();
  for (const message of [{ subscribe: [] }, { subscribe: ["x"] }, { subscribe: {} }]) {
    await client.ask(message, "Error");
  }
  assert.deepEqual(client.kinds, ["Error", "Error", "Error"]);
  await client.ask({ subscribe: ["BlockStart"] }, "Events");
  assert.deepEqual(client.kinds.slice(3, 5), ["Hello", "Events"]);
});

target.rule("2.3 Hello comes once, whatever is subscribed later", async () => {
  await using client = await target.subscribed(["BlockStart"]);
  for (const item of ["BlockEnd", "BlockQC", "BlockStart"]) {
    await client.send({ subscribe: [item] });
    const { length } = client.frames;
    await client.until(`${item} comes`, ({ frames }) => {
      return frames.slice(length).some((frame) =>
        frame.Events?.some((event: { event_name: string }) => event.event_name === item)
      );
    });
  }
  assert.equal(client.kinds.filter((kind) => kind === "Hello").length, 1);
});

target.rule(
  "2.4 the snapshot has the subscribed metric items only, in order, one Lifecycle per undecided block",
  async () => {
    await using witness = await target.subscribed(["TPS"]);
    await witness.until("TPS is above 0", ({ frames }) => frames.some(({ TPS }) => TPS > 0));
    await using client = await target.connect();
    await client.send({ subscribe: ["TPS", "ContentionData", "Lifecycle"] });
    await client.until("live frames come", ({ frames }) => frames.length > 2 && frames.at(-1).seq > frames[1].seq);
    const { seq } = client.frames[1];
    const snapshot = client.frames.slice(1).filter((frame) => frame.seq === seq);
    const kinds = snapshot.map((frame) => Object.keys(frame)[1]);
    const blocks = snapshot.filter((frame) => frame.Lifecycle !== undefined).map(({ Lifecycle }) => Lifecycle);
    assert.deepEqual(kinds, ["TPS", "ContentionData", ...blocks.map(() => "Lifecycle")]);
    assert.ok(blocks.length >= 2, `${blocks.length} blocks`);
    assert.equal(new Set(blocks.map(({ block_hash }) => block_hash)).size, blocks.length);
    assert.ok(blocks.every(({ to_stage }) => ["Proposed", "Voted", "Finalized"].includes(to_stage)));
    const numbers = blocks.map(({ block_number }) => block_number);
    assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
    // What the snapshot left out was not undecided: every block that live frames know a former stage of is in it.
    await client.until("a block is verified", ({ frames }) => {
      return frames.filter((frame) => frame.Lifecycle?.to_stage === "Verified").length > 2;
    });
    const known = new Set(blocks.map(({ block_hash }) => block_hash));
    for (const { Lifecycle } of client.frames.slice(1 + snapshot.length)) {
      if (Lifecycle === undefined) continue;
      if (Lifecycle.from_stage === undefined) known.add(Lifecycle.block_hash);
      assert.ok(known.has(Lifecycle.block_hash), JSON.stringify(Lifecycle));
    }
  },
);

target.rule("2.4 without metric items there is no snapshot", async () => {
  await using client = await target.subscribed(["BlockEnd"]);
  await client.frame("Events");
  assert.deepEqual([...new Set(client.kinds)], ["Hello", "Events"]);
});

target.rule(
  "2.4 snapshot frames carry H, the seq at which the subscription became live; live ones larger seqs",
  async () => {
    await using client = await target.connect();
    await client.send({ subscribe: { events: ["Lifecycle", "TxnLog"], id: "H" } });
    const { Subscribed: { seq: H } } = await client.frame("Subscribed");
    await client.frame("Events");
    const rest = client.frames.slice(2);
    const live = rest.findIndex(({ seq }) => seq !== H);
    assert.ok(live >= 1);
    assert.ok(rest.slice(live).every(({ seq }) => seq > H));
  },
);

target.rule("2.5 a Subscribe replaces the former one at one position: nothing twice, nothing missing", async () => {
  await using whole = await target.subscribed(["BlockStart", "TxnLog"]);
  await using client = await target.subscribed(["TxnLog"]);
  for (let round = 0; round < 10; round++) {
    const before = client.events.length;
    await client.until("events come", ({ events }) => events.length > before);
    await client.send({ subscribe: round % 2 === 0 ? ["TxnLog", "BlockStart"] : ["TxnLog"] });
  }
  const last = client.events.at(-1).seqno;
  await whole.until("the other client is as far", ({ events }) => events.at(-1)?.seqno >= last);
  const logs = (events: readonly { event_name: string; seqno: number }[]) =>
    events.filter(({ event_name }) => event_name === "TxnLog").map(({ seqno }) => seqno);
  const own = logs(client.events).filter((seqno) => seqno <= last);
  assert.deepEqual(own, logs(whole.events).filter((seqno) => seqno >= own[0]! && seqno <= last));
});

target.rule("2.5 an identical Subscribe changes nothing and brings no snapshot", async () => {
  await using whole = await target.subscribed(["Lifecycle", "TxnLog"]);
  await using client = await target.subscribed(["Lifecycle", "TxnLog"]);
  await client.frame("Events");
  for (let round = 0; round < 5; round++) {
    await client.send({ subscribe: { events: ["TxnLog", "Lifecycle", "TxnLog"], id: round } });
  }
  await client.until("all are answered", ({ kinds }) => kinds.filter((kind) => kind === "Subscribed").length === 5);
  await client.frame("Lifecycle", client.frames.length);
  const changes = client.frames.filter((frame) => frame.Lifecycle !== undefined)
    .map(({ Lifecycle: { block_hash, to_stage } }) => `${block_hash} ${to_stage}`);
  assert.equal(new Set(changes).size, changes.length);
  await client.frame("Events", client.frames.length);
  const last = client.events.at(-1).seqno;
  await whole.until("the other client is as far", ({ events }) => events.at(-1)?.seqno >= last);
  const from = Math.max(client.events[0].seqno, whole.events[0].seqno);
  const seqnos = ({ events }: RawFrames) =>
    events.map(({ seqno }) => seqno).filter((seqno) => seqno >= from && seqno <= last);
  assert.deepEqual(seqnos(client), seqnos(whole));
});

target.rule(
  "2.5 the snapshot after a later Subscribe covers only metric items that were not subscribed before",
  async () => {
    await using client = await target.subscribed(["TPS"]);
    await client.until("TPS is above 0", ({ frames }) => frames.at(-1).TPS > 0);
    await client.send({ subscribe: { events: ["TPS", "Lifecycle"], id: "second" } });
    const { Subscribed: { seq: H } } = await client.frame("Subscribed");
    const at = client.kinds.indexOf("Subscribed");
    await client.until("live frames come", ({ frames }) => frames.at(-1).seq > H);
    const snapshot = client.frames.slice(at + 1).filter(({ seq }) => seq === H);
    assert.ok(snapshot.length > 0);
    assert.ok(snapshot.every((frame) => Object.hasOwn(frame, "Lifecycle")));
  },
);

target.controlled("1.3 a client that leaves is counted out", async () => {
  {
    await using _client = await target.connect();
    await deadline("it is counted", async () => (await target.get("/v1/status")).body.connected_clients >= 1);
  }
  await deadline("none is left", async () => (await target.get("/v1/status")).body.connected_clients === 0);
});
