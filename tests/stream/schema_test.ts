// The published schema is valid JSON Schema 2020-12, says the same as the parser, and describes what the gateway sends.

import { Ajv2020 } from "ajv/dist/2020.js";
import assert from "node:assert/strict";
import { EVENT_NAMES, FILTER_EVENTS, FILTER_FIELDS, ITEMS } from "../../src/stream/protocol.ts";
import { schemaDocument } from "../../src/stream/schema_document.ts";
import { errorFrame, type SubscribeError } from "../../src/stream/subscription_error.ts";
import { readMessage } from "../../src/stream/subscription.ts";
import { type AnyEvent, type AnyFrame, Client } from "../harness/client.ts";
import { FIXTURES, Gateway } from "../harness/gateway.ts";
import { Node, RingPlace } from "../harness/node.ts";
import { BAD_MESSAGES } from "./bad_messages.ts";

const document = schemaDocument();

/** The document with every object closed, so that what the gateway sends beyond it is found. */
const closed = JSON.parse(JSON.stringify(document), (_, value) => {
  return value?.properties === undefined ? value : { additionalProperties: false, ...value };
});

/** A validator of a definition; the message says what is wrong with the value. */
function validator(definition: string, schema = document): (value: unknown) => string | undefined {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictTuples: true, strictRequired: false });
  ajv.addSchema(schema, "stream");
  const validate = ajv.getSchema(`stream#/$defs/${definition}`)!;
  return (value) => validate(value) ? undefined : ajv.errorsText(validate.errors).slice(0, 2000);
}

Deno.test("16 the schema is valid JSON Schema 2020-12, every reference in it leads somewhere, and every name is used", () => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false });
  assert.equal(ajv.validateSchema(document), true, ajv.errorsText());
  ajv.compile(document);
  const names = Object.keys(document["$defs"] as Record<string, unknown>);
  const text = JSON.stringify(document);
  for (const name of names) assert.ok(text.includes(`"#/$defs/${name}"`), `nothing refers to ${name}`);
});

Deno.test("16 what the parser accepts, the schema does", () => {
  const validate = validator("ClientMessage");
  const hash = `0x${"aB".repeat(32)}`;
  const values: Readonly<Record<string, unknown>> = {
    ...{ txn_index: { min: 1 }, log_index: { max: 2 }, address: { values: [hash.slice(0, 42)] } },
    topics: { values: [hash, null, [hash, hash], null] },
    ...{ function_selector: { values: ["0xA9059CBB"] }, value: { min: "0x10", max: 17 }, status: { values: [true] } },
  };
  const filters = FILTER_FIELDS.flatMap((field) => {
    return FILTER_EVENTS[field].map((event_name) => {
      return { event_name, field_filters: [{ field, filter: values[field] ?? { values: [] } }] };
    });
  });
  const options = { min_stage: "Verified", correlate: true, id: 7, block_ids: true, notices: false };
  const messages = [
    { subscribe: ITEMS },
    { subscribe: { events: ITEMS, filters, ...options } },
    { subscribe: { events: ["TxnLog", "BlockEnd"], filters: [{ event_name: "BlockEnd", field_filters: [] }] } },
    { subscribe: { events: ["TxnLog"], correlate: "transaction", id: "mine" } },
    { hello: { protocol_version: 1, client_name: "bot", client_version: "1.0.0", later: true } },
    { jsonrpc: "2.0", method: "eth_getBlockByNumber", params: [], id: 1 },
    [{ jsonrpc: "2.0", method: "eth_blockNumber", id: null }, { jsonrpc: "2.0", method: "x", params: {} }],
  ];
  for (const message of messages) {
    const read = readMessage(JSON.stringify(message), 0);
    assert.notEqual(read.kind, "error", JSON.stringify(read));
    assert.equal(validate(message), undefined, JSON.stringify(message).slice(0, 200));
  }
});

/** Sentences about what depends on more than one value, or on the limits of the gateway. */
const BEYOND_SCHEMA =
  /exceeds limit|is empty|does not list|add TxnHeaderStart|no event of a transaction|matches nothing|values; at most/;

Deno.test("16 what the parser refuses, the schema does, but for what no schema can say", () => {
  const validate = validator("ClientMessage");
  const validateError = validator("ErrorFrame", closed);
  let refused = 0;
  for (const [text, _, says] of BAD_MESSAGES) {
    if (String(says).includes("not JSON")) continue;
    const { error } = readMessage(text, 3) as { error: SubscribeError };
    const fault = validate(JSON.parse(text));
    if (!BEYOND_SCHEMA.test(error.message)) {
      assert.notEqual(fault, undefined, `${text.slice(0, 200)}: ${error.message}`);
    }
    if (fault !== undefined) refused++;
    assert.equal(validateError(JSON.parse(errorFrame(error))), undefined);
  }
  assert.ok(refused > 80, `${refused} were refused`);
});

/** All that a client gets that subscribes to everything, asks by JSON-RPC, errs and waits until `isEnough`. */
async function framesOf(flags: readonly string[], isEnough: (client: Client) => boolean): Promise<AnyFrame[]> {
  await using gateway = await Gateway.start([...flags, "--unrestricted"]);
  await gateway.ready();
  await using client = await Client.connect(gateway.url());
  client.send({ subscribe: { events: ["Nope"], id: 1 } });
  client.send({ jsonrpc: "2.0", method: "eth_getBlockByNumber", params: [], id: 1 });
  client.send([{ jsonrpc: "2.0", method: "nope", id: null }]);
  client.send({ subscribe: ITEMS });
  await client.until("enough came", isEnough);
  return client.frames;
}

/** So many events of each name are looked at; thousands more of the same shape would only take time. */
const CHECKED_PER_NAME = 200;

/** Fails at the first message that the closed schema does not describe; returns the names of the events it saw. */
function check(messages: readonly AnyFrame[]): Set<string> {
  const validate = validator("ServerMessage", closed);
  const counts = new Map<string, number>();
  for (const message of messages) {
    const isEvents = message.Events !== undefined;
    const Events = message.Events?.filter(({ event_name: name }: AnyEvent) => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return counts.get(name)! <= CHECKED_PER_NAME;
    });
    if (isEvents && Events.length === 0) continue;
    const checked = isEvents ? { ...message, Events } : message;
    assert.equal(validate(checked), undefined, JSON.stringify(checked).slice(0, 500));
  }
  return new Set(counts.keys());
}

Deno.test("16 the schema describes every message about a recording, and no field is missing in it", async () => {
  const recording = ["--ring", `${FIXTURES}/emn-1b-15m.snapshot.zst`, "--wait-for-subscriber", "--speed", "max"];
  const messages = await framesOf(recording, ({ events }) => events.at(-1)?.seqno === 6597);
  const names = check(messages);
  assert.ok(names.size >= 15, [...names].join());
  const kinds = new Set(messages.map((message) => Object.keys(message)[1] ?? "batch"));
  for (const kind of ["Hello", "Events", "Error", "result", "batch"]) assert.ok(kinds.has(kind), [...kinds].join());
});

/** What goes wrong with a chain, again and again until the client has seen it. */
const TROUBLES = ["reject", "fail txn", "fail txn-evm", "fail block", "fork", "reject late", "record-error overflow"];

Deno.test("16 the schema describes every message about a chain that forks and fails", async () => {
  using place = new RingPlace();
  const schedule = `${place.ring}.schedule`;
  const lines = Array.from({ length: 2000 }, (_, i) => `block ${10 + 4 * i} ${TROUBLES[i % TROUBLES.length]}\n`);
  await Deno.writeTextFile(schedule, lines.join(""));
  const run = ["run", "--block-ms", "20", "--txns-per-block", "20", "--schedule", schedule];
  await using _node = await Node.start(run, place.ring);
  const seen = new Set<string>();
  let frames = 0;
  const messages = await framesOf(["--ring", place.ring], (client) => {
    for (; frames < client.frames.length; frames++) {
      for (const event of client.frames[frames].Events ?? []) seen.add(event.event_name);
    }
    return seen.size === EVENT_NAMES.length;
  });
  const names = check(messages);
  assert.deepEqual(names, new Set(EVENT_NAMES));
});
