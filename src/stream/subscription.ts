// What a client asks for, from its message to the set of wanted types (protocol section 6).
// Errors are data for the client: session.ts sends them, and the current subscription stays.

import { NATIVE_TRANSFER_TYPE } from "./log.ts";
import { EVENT_NAMES, type Item, METRIC_ITEMS, nearestName } from "./protocol.ts";

/** An accepted subscription. Equal subscriptions have equal keys. */
export interface Subscription {
  /** The items in canonical order. */
  readonly key: string;
  /** What is subscribed, each once, in canonical order. */
  readonly items: readonly Item[];
  /** By entry type, 1 for what is wanted. */
  readonly wanted: Uint8Array;
}

/** Body of an Error frame. Source: protocol 6.3. */
export interface SubscribeError {
  /** Class of the mistake. */
  readonly type: "subscribe_limit" | "empty_subscribe" | "parse_error";
  /** What is wrong, where, and what was meant. */
  readonly message: string;
  /** The limit that was exceeded. */
  readonly limit?: number;
}

/** What one text message of a client turns out to be. */
export type ClientMessage =
  | { readonly kind: "subscribe"; readonly subscription: Subscription }
  | { readonly kind: "hello"; readonly hello: ClientHello }
  | { readonly kind: "error"; readonly error: SubscribeError };

/** How a client may introduce itself. Source: protocol section 13. */
export interface ClientHello {
  /** Version of the protocol that the client speaks. */
  readonly protocolVersion: unknown;
  /** Its name. */
  readonly clientName: unknown;
  /** Its version. */
  readonly clientVersion: unknown;
}

const ITEMS: readonly string[] = [...EVENT_NAMES, ...METRIC_ITEMS];
const TYPES = new Map<string, number>(EVENT_NAMES.map((name, index) => [name, index + 1]));

/** Keys of the extended form by the one value that changes nothing, which is all that is served of them. */
const OPTIONS: Readonly<Record<string, { isNeutral: (value: unknown) => boolean; neutral: string }>> = {
  filters: { isNeutral: (value) => Array.isArray(value) && value.length === 0, neutral: "[]" },
  min_stage: { isNeutral: (value) => value === "Proposed", neutral: '"Proposed"' },
  correlate: { isNeutral: (value) => value === false, neutral: "false" },
};

const HIGHEST_TYPE = NATIVE_TRANSFER_TYPE;

/** Reads one message; `maxSubscribes` 0 means any number of items. */
export function readMessage(text: string, maxSubscribes: number): ClientMessage {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (error) {
    return parseError(`The message is not JSON (${error instanceof Error ? error.message : error}).`);
  }
  if (!isObject(message)) {
    return parseError(`A message is an object such as {"subscribe":["BlockStart"]}, not ${describe(message)}.`);
  }
  const keys = Object.keys(message);
  if (Object.hasOwn(message, "hello") && keys.length === 1) return readHello(message["hello"]);
  const unknown = keys.find((key) => key !== "subscribe");
  if (unknown !== undefined) return unknownKey(unknown, "the message", ["subscribe", "hello"]);
  if (keys.length === 0) return parseError('The message has no key; "subscribe" or "hello" is expected.');
  return readSubscribe(message["subscribe"], maxSubscribes);
}

/** Reads what stands behind the key "subscribe": a list of items, or an object with `events`. */
export function readSubscribe(value: unknown, maxSubscribes: number): ClientMessage {
  if (Array.isArray(value)) return readItems(value, "subscribe", maxSubscribes);
  if (!isObject(value)) {
    return parseError(`subscribe is a list of names or an object with "events", not ${describe(value)}.`);
  }
  const unknown = Object.keys(value).find((key) => key !== "events" && !Object.hasOwn(OPTIONS, key));
  if (unknown !== undefined) return unknownKey(unknown, "subscribe", ["events", ...Object.keys(OPTIONS)]);
  for (const [key, { isNeutral, neutral }] of Object.entries(OPTIONS)) {
    if (Object.hasOwn(value, key) && !isNeutral(value[key])) {
      return parseError(`subscribe.${key} is not served by this version; leave it out, or send ${neutral}.`);
    }
  }
  if (!Object.hasOwn(value, "events")) return parseError("subscribe.events is missing.");
  const events = value["events"];
  if (!Array.isArray(events)) return parseError(`subscribe.events is a list of names, not ${describe(events)}.`);
  return readItems(events, "subscribe.events", maxSubscribes);
}

function readItems(values: readonly unknown[], place: string, maxSubscribes: number): ClientMessage {
  const chosen = new Set<string>();
  for (const [index, value] of values.entries()) {
    if (typeof value !== "string") {
      return parseError(`${place}[${index}] is the name of an event or metric, not ${describe(value)}.`);
    }
    if (!ITEMS.includes(value)) {
      return parseError(`Unknown event ${quote(value)} in ${place}[${index}]${suggestion(value, ITEMS)}.`);
    }
    chosen.add(value);
  }
  if (chosen.size === 0) {
    return failure({ type: "empty_subscribe", message: `${place} is empty; name at least one event or metric.` });
  }
  if (maxSubscribes > 0 && chosen.size > maxSubscribes) {
    const message = `Subscription exceeds limit of ${maxSubscribes} items: ${chosen.size} are named; ` +
      "name fewer, or open another connection.";
    return failure({ type: "subscribe_limit", message, limit: maxSubscribes });
  }
  const items = ITEMS.filter((item) => chosen.has(item)) as Item[];
  const wanted = new Uint8Array(HIGHEST_TYPE + 1);
  for (const item of items) {
    const type = TYPES.get(item);
    if (type !== undefined) wanted[type] = 1;
  }
  return { kind: "subscribe", subscription: { key: items.join(), items, wanted } };
}

function readHello(value: unknown): ClientMessage {
  if (!isObject(value)) return parseError(`hello is an object, not ${describe(value)}.`);
  return {
    kind: "hello",
    hello: {
      protocolVersion: value["protocol_version"],
      clientName: value["client_name"],
      clientVersion: value["client_version"],
    },
  };
}

function unknownKey(key: string, place: string, known: readonly string[]): ClientMessage {
  return parseError(`Unknown key ${quote(key)} in ${place}${suggestion(key, known)}.`);
}

function suggestion(word: string, names: readonly string[]): string {
  const nearest = nearestName(word, names);
  if (nearest !== undefined) return `; did you mean "${nearest}"?`;
  return `; known: ${names.join(", ")}`;
}

function parseError(message: string): ClientMessage {
  return failure({ type: "parse_error", message: message.replace(/\?\.$/, "?") });
}

function failure(error: SubscribeError): ClientMessage {
  return { kind: "error", error };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A client's word as it may stand in a message: cut, and escaped as JSON does. */
function quote(word: string): string {
  return JSON.stringify(word.length > 64 ? `${word.slice(0, 64)}…` : word);
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? `the text ${quote(value)}` : `${typeof value} ${String(value).slice(0, 32)}`;
}
