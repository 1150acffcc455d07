// What a client asks for, from its message to a compiled subscription (protocol sections 6, 12 and 13).
// schema.ts says what is understood. Errors are data for the client: session.ts sends them, and the current subscription
// stays.

import { Filters } from "./filter.ts";
import { escapeNonAscii, isObject } from "./json.ts";
import { type Item, ITEMS, STAGES, TRANSACTION_EVENTS } from "./protocol.ts";
import { parseExtendedSubscribe, parseHello, parseSimpleSubscribe } from "./schema.ts";
import type { EventFilter, ExtendedSubscribe } from "./schema_types.ts";
import { describe, parseError, quote, type SubscribeError, suggestion } from "./subscription_error.ts";
import { canonicalFilters, canonicalText } from "./subscription_filters.ts";

export type { SubscribeError } from "./subscription_error.ts";

/** Most values in the filters of one subscription, duplicates and nulls included. */
export const MAX_FILTER_VALUES = 10_000;

/** An accepted subscription. Equal subscriptions have equal keys; `id` is nobody else's matter and not in the key. */
export interface Subscription {
  /** Everything but `id`, in canonical form. */
  readonly key: string;
  /** What is subscribed, each once, in canonical order. */
  readonly items: readonly Item[];
  /** By entry type, 1 for what is wanted; gaps are for everybody and not in it. */
  readonly wanted: Uint8Array;
  /** What entries of the wanted types must match. */
  readonly filters: Filters;
  /** Number of the stage that a block must have: 1 Proposed (nothing is held) to 4 Verified. */
  readonly minStage: number;
  /** Whether the rest of a transaction comes after a matching header, or the whole of it after any match. */
  readonly correlate: "none" | "header" | "transaction";
  /** Whether every event of a known block carries its `block_id`. */
  readonly blockIds: boolean;
  /** Whether notices are sent. */
  readonly notices: boolean;
  /** To repeat in the answer and in errors. */
  readonly id: string | number | undefined;
}

/** What one text message of a client turns out to be. */
export type ClientMessage =
  | { readonly kind: "subscribe"; readonly subscription: Subscription }
  | { readonly kind: "hello"; readonly hello: ClientHello }
  | { readonly kind: "json_rpc"; readonly request: unknown }
  | { readonly kind: "error"; readonly error: SubscribeError };

/** How a client introduced itself. Source: protocol section 13. */
export interface ClientHello {
  /** Version of the protocol that the client speaks. */
  readonly protocolVersion: number | undefined;
  /** Its name. */
  readonly clientName: string | undefined;
  /** Its version. */
  readonly clientVersion: string | undefined;
}

/** Reads one message; `maxSubscribes` 0 means any number of items. */
export function readMessage(text: string, maxSubscribes: number): ClientMessage {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (error) {
    const reason = escapeNonAscii(error instanceof Error ? error.message : String(error));
    return failure(parseError(`The message is not JSON (${reason}).`));
  }
  if (isJsonRpc(message)) return { kind: "json_rpc", request: message };
  if (!isObject(message)) {
    const sentence = `A message is an object such as {"subscribe":["BlockStart"]}, not ${describe(message)}.`;
    return failure(parseError(sentence));
  }
  const keys = Object.keys(message);
  if (keys.length === 0) return failure(parseError('The message has no key; "subscribe" or "hello" is expected.'));
  const known = Object.hasOwn(message, "hello") ? "hello" : "subscribe";
  const unknown = keys.find((key) => key !== known);
  if (unknown !== undefined) {
    const end = unknown === "subscribe" ? '; send "hello" on its own.' : suggestion(unknown, ["subscribe", "hello"]);
    return failure(parseError(`Unknown key ${quote(unknown)} in the message${end}`));
  }
  return known === "hello" ? readHello(message["hello"]) : readSubscribe(message["subscribe"], maxSubscribes);
}

/** Reads what stands behind the key "subscribe": a list of items, or an object with `events`. */
export function readSubscribe(value: unknown, maxSubscribes: number): ClientMessage {
  if (Array.isArray(value)) {
    const { data, fault } = parseSimpleSubscribe(value);
    return data === undefined ? failure(parseError(fault)) : accept({ events: data }, "subscribe", maxSubscribes);
  }
  const { data, fault } = parseExtendedSubscribe(value);
  const message = data === undefined ? failure(parseError(fault)) : accept(data, "subscribe.events", maxSubscribes);
  const id = data === undefined ? idOf(value) : data.id;
  return message.kind === "error" && id !== undefined ? failure({ ...message.error, id }) : message;
}

/** The id of a Subscribe that is wrong elsewhere. */
function idOf(value: unknown): string | number | undefined {
  if (!isObject(value) || !Object.hasOwn(value, "id")) return undefined;
  return parseExtendedSubscribe({ events: [], id: value["id"] }).data?.id;
}

function accept(asked: ExtendedSubscribe, place: string, maxSubscribes: number): ClientMessage {
  const chosen = new Set(asked.events);
  if (chosen.size === 0) {
    return failure({ type: "empty_subscribe", message: `${place} is empty; name at least one event or metric.` });
  }
  const contradiction = filtersFault(asked.filters ?? [], chosen) ?? correlateFault(asked.correlate, chosen);
  if (contradiction !== undefined) return failure(parseError(contradiction));
  if (maxSubscribes > 0 && chosen.size > maxSubscribes) {
    const message = `Subscription exceeds limit of ${maxSubscribes} items: ${chosen.size} are named; ` +
      "name fewer, or open another connection.";
    return failure({ type: "subscribe_limit", message, limit: maxSubscribes });
  }
  return { kind: "subscribe", subscription: compile(asked, chosen) };
}

function filtersFault(filters: readonly EventFilter[], chosen: ReadonlySet<Item>): string | undefined {
  for (const [index, { event_name: event }] of filters.entries()) {
    if (chosen.has(event)) continue;
    return `subscribe.filters[${index}] is for ${event}, which subscribe.events does not list; ` +
      "add it there, or leave the filter out.";
  }
  const count = filters.reduce((sum, filter) => sum + valueCount(filter), 0);
  if (count <= MAX_FILTER_VALUES) return undefined;
  return `subscribe.filters has ${count} values; at most ${MAX_FILTER_VALUES} are matched, open more connections.`;
}

function valueCount({ field_filters }: EventFilter): number {
  return field_filters.flatMap(({ filter }) => "values" in filter ? filter.values.flat() : []).length;
}

function correlateFault(correlate: ExtendedSubscribe["correlate"], chosen: ReadonlySet<Item>): string | undefined {
  if (correlate === true && !chosen.has("TxnHeaderStart")) {
    return "subscribe.correlate follows every TxnHeaderStart that passes; add TxnHeaderStart to subscribe.events, or " +
      'send "correlate":"transaction" to get the whole transaction of any event.';
  }
  if (correlate === "transaction" && !TRANSACTION_EVENTS.some((event) => chosen.has(event))) {
    return "subscribe.correlate delivers the transactions of matching events, but subscribe.events lists no event of a " +
      `transaction; add one of ${TRANSACTION_EVENTS.join(", ")}.`;
  }
  return undefined;
}

const CORRELATE = { true: "header", false: "none", transaction: "transaction" } as const;

function compile(asked: ExtendedSubscribe, chosen: ReadonlySet<Item>): Subscription {
  const items = ITEMS.filter((item) => chosen.has(item));
  const wanted = new Uint8Array(ITEMS.length + 2);
  for (const item of items) wanted[ITEMS.indexOf(item) + 1] = 1;
  const filters = canonicalFilters(asked.filters ?? []);
  const facts = {
    minStage: STAGES.indexOf(asked.min_stage ?? "Proposed") + 1,
    correlate: CORRELATE[`${asked.correlate ?? false}`],
    blockIds: asked.block_ids ?? false,
    notices: asked.notices ?? false,
  };
  const key = canonicalText([items, Object.values(facts), [...filters]]);
  return { key, items, wanted, filters: new Filters(filters), ...facts, id: asked.id };
}

function readHello(value: unknown): ClientMessage {
  const { data, fault } = parseHello(value);
  if (data === undefined) return failure(parseError(fault));
  const { protocol_version: protocolVersion, client_name: clientName, client_version: clientVersion } = data;
  return { kind: "hello", hello: { protocolVersion, clientName, clientVersion } };
}

/** An object with "jsonrpc", no list members, or a list with at least one such object: the others are answered there. */
function isJsonRpc(message: unknown): boolean {
  if (Array.isArray(message)) return message.length === 0 || message.some(isRequest);
  return isRequest(message);
}

function isRequest(value: unknown): boolean {
  return isObject(value) && Object.hasOwn(value, "jsonrpc");
}

function failure(error: SubscribeError): ClientMessage {
  return { kind: "error", error };
}
