// What a client may say, as zod schemas (protocol sections 6, 12 and 13); messages are worded for subscription_error.ts.
// subscription.ts parses with them, schema_document.ts publishes them as JSON Schema.

import { z } from "zod";
import {
  EVENT_NAMES,
  type EventName,
  FILTER_EVENTS,
  FILTER_FIELDS,
  type FilterField,
  type Item,
  ITEMS,
  METRIC_ITEMS,
  MIN_STAGES,
} from "./protocol.ts";
import { MAX_BATCH } from "./json_rpc.ts";
import type { Definitions } from "./schema_events.ts";
import type { EventFilter, ExtendedSubscribe, HelloBody, RangeFilter } from "./schema_types.ts";
import { faultSentence, firstFault, PLACE, quote, suggestion } from "./subscription_error.ts";

/** Most filters of a subscription: each is one more test per event. */
export const MAX_FILTERS = 128;
/** A log has no more topics. */
const MAX_TOPICS = 4;
/** Longest word that is kept of a client and repeated to it or logged, in UTF-16 units. */
const MAX_WORD_LENGTH = 256;

function jsonSchema(schema: z.ZodType): Readonly<Record<string, unknown>> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}

/** A list that ends at its first fault, so that a list of nonsense costs no more than its first element. */
function list<T>(element: z.ZodType<T>, expectation: string, max = Infinity, excess = ""): z.ZodType<T[]> {
  const array = z.array(z.unknown(), { error: expectation });
  const bounded = max === Infinity ? array : array.max(max, { error: `${PLACE} is too long: ${excess}.` });
  return bounded.meta({
    get items() {
      return jsonSchema(element);
    },
  }).transform((values, context) => {
    const parsed: T[] = [];
    for (const [index, value] of values.entries()) {
      const { success, data, error } = element.safeParse(value);
      if (!success) {
        const fault = firstFault(error.issues);
        context.issues.push({ code: "custom", input: value, message: fault.message, path: [index, ...fault.path] });
        return z.NEVER;
      }
      parsed.push(data);
    }
    return parsed;
  });
}

/** An object with these keys and no other. */
function object<S extends z.ZodRawShape>(shape: S, expectation: string): z.ZodObject<S, z.core.$strict> {
  return z.strictObject(shape, {
    error: ({ code, keys }) => {
      if (code !== "unrecognized_keys") return expectation;
      return unknownKey(String((keys as string[])[0]), Object.keys(shape));
    },
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  if (key === "resume_from") {
    return `${PLACE}.resume_from is not served by this version; connect with ?resume_from= in the URL instead.`;
  }
  return `Unknown key ${quote(key)} in ${PLACE}${suggestion(key, known)}`;
}

/** One of some names; `noun` as in "Unknown event". */
function name<const N extends readonly string[]>(names: N, noun: string, expectation: string): z.ZodType<N[number]> {
  return z.enum(names, {
    error: ({ input }) => {
      return typeof input === "string"
        ? `Unknown ${noun} ${quote(input)} in ${PLACE}${suggestion(input, names)}`
        : expectation;
    },
  });
}

function hex(digits: number, error: string): z.ZodType<string> {
  return z.string({ error }).regex(new RegExp(`^0[xX][0-9a-fA-F]{${digits}}$`), { error });
}

const flag = (meaning: string) => z.boolean({ error: `true or false: ${meaning}` });
const item = name(ITEMS, "event", "the name of an event or metric");
const index = z.int({ error: "a whole number from 0 to 2^53 - 1" }).min(0, { error: "a whole number from 0 on" });
const address = hex(40, "an address, 0x and 40 hex digits");
const topic = hex(64, "a topic, 0x and 64 hex digits");
const TOPIC = "a topic, 0x and 64 hex digits, or null for any, or a list of topics";
const QUANTITY = 'a whole number from 0 on, above 2^53 - 1 written as hex text such as "0xde0b6b3a7640000"';
// A union whose only fault is a number's size or a text's form reports it as that member words it.
const quantity = z.union([
  z.int({ error: QUANTITY }).min(0, { error: QUANTITY }),
  z.string().regex(/^0[xX][0-9a-fA-F]{1,64}$/, { error: QUANTITY }),
], { error: QUANTITY });

function range<T extends number | string>(bound: z.ZodType<T>): z.ZodType<RangeFilter> {
  return object({ min: bound.optional(), max: bound.optional() }, 'an object such as {"min":0,"max":9}').refine(
    ({ min, max }) => min === undefined || max === undefined || BigInt(min) <= BigInt(max),
    { error: ({ input }) => boundsSentence(input as Required<RangeFilter>) },
  );
}

function boundsSentence({ min, max }: Required<RangeFilter>): string {
  return `${PLACE} matches nothing: its min ${JSON.stringify(min)} is above its max ${JSON.stringify(max)}.`;
}

function values<T>(element: z.ZodType<T>, example: string, max?: number, excess?: string) {
  const expectation = `a list such as [${example}]`;
  return object({ values: list(element, expectation, max, excess) }, `an object such as {"values":[${example}]}`);
}

const ADDRESSES = values(address, '"0x..."');
const FILTERS: Readonly<Record<FilterField, z.ZodType>> = {
  txn_index: range(index),
  log_index: range(index),
  address: ADDRESSES,
  topics: values(
    z.union([hex(64, TOPIC), z.null(), list(topic, "a list of topics")], { error: topicSentence }),
    '"0x...",null',
    MAX_TOPICS,
    `a log has at most ${MAX_TOPICS} topics`,
  ),
  sender: ADDRESSES,
  to: ADDRESSES,
  function_selector: values(hex(8, "a function selector, 0x and 8 hex digits"), '"0xa9059cbb"'),
  caller: ADDRESSES,
  call_target: ADDRESSES,
  value: range(quantity),
  status: values(z.boolean({ error: "true or false" }), "true"),
};

function topicSentence({ input, errors }: z.core.$ZodRawIssue): string {
  if (!Array.isArray(input)) return TOPIC;
  const [, , [fault]] = errors as [unknown, unknown, [z.core.$ZodIssue]];
  return faultSentence(fault, input, PLACE);
}

function isField(word: unknown): word is FilterField {
  return FILTER_FIELDS.includes(word as FilterField);
}

/** A test of one of these fields. */
function fieldFilter(fields: readonly FilterField[]): z.ZodType {
  const [first, ...more] = fields.map((field) => {
    return object({ field: z.literal(field), filter: FILTERS[field] }, "an object");
  });
  const expectation = 'an object such as {"field":"txn_index","filter":{"min":0,"max":9}}';
  if (first === undefined) {
    return z.never({ error: `${PLACE} cannot be tested: this event has no fields to filter by.` });
  }
  return z.discriminatedUnion("field", [first, ...more], {
    error: ({ code, input }) => {
      if (code !== "invalid_union") return expectation;
      const { field } = input as { field: unknown };
      if (isField(field)) {
        const others = FILTER_EVENTS[field].join(", ");
        return `Field "${field}" in ${PLACE} applies to ${others}; fields that apply here: ${fields.join(", ")}.`;
      }
      if (typeof field !== "string") return `the name of a field: ${fields.join(", ")}`;
      return `Unknown field ${quote(field)} in ${PLACE}${suggestion(field, fields)}`;
    },
  });
}

/** Filters of the events that have the same fields. */
function eventFilters(): z.ZodType<EventFilter> {
  const fieldsOf = (event: EventName) => {
    return FILTER_FIELDS.filter((field) => (FILTER_EVENTS[field] as readonly EventName[]).includes(event));
  };
  const groups = Map.groupBy(EVENT_NAMES, (event) => fieldsOf(event).join());
  const [first, ...more] = [...groups.values()].map((events) => {
    const fields = list(fieldFilter(fieldsOf(events[0]!)), "a list of tests, each of one field");
    return object({ event_name: z.enum(events), field_filters: fields }, "an object");
  });
  return z.discriminatedUnion("event_name", [first!, ...more], { error: eventSentence }) as z.ZodType<EventFilter>;
}

function eventSentence({ code, input }: z.core.$ZodRawIssue): string {
  if (code !== "invalid_union") return 'an object such as {"event_name":"TxnLog","field_filters":[]}';
  const { event_name: event } = input as { event_name: unknown };
  if (typeof event !== "string") return "the name of an event";
  if ((METRIC_ITEMS as readonly string[]).includes(event)) {
    return `${PLACE} names ${event}, which is a metric; metrics are never filtered, leave this filter out.`;
  }
  return `Unknown event ${quote(event)} in ${PLACE}${suggestion(event, EVENT_NAMES)}`;
}

const word = (what: string) => {
  const error = `${what} of at most ${MAX_WORD_LENGTH} characters`;
  return z.string({ error }).max(MAX_WORD_LENGTH, { error });
};

const ID = `a text of at most ${MAX_WORD_LENGTH} characters or a number within 2^53 - 1`;
const id = z.union([
  z.string().max(MAX_WORD_LENGTH, { error: ID }),
  z.number().min(-Number.MAX_SAFE_INTEGER, { error: ID }).max(Number.MAX_SAFE_INTEGER, { error: ID }),
], { error: ID });

const simpleSubscribe: z.ZodType<Item[]> = list(item, "a list of names");

const extendedSubscribe: z.ZodType<ExtendedSubscribe> = object({
  events: list(item, "a list of names"),
  filters: list(eventFilters(), "a list of filters", MAX_FILTERS, `it has more than ${MAX_FILTERS} filters`).optional(),
  min_stage: name(MIN_STAGES, "stage", "the name of a stage").optional(),
  correlate: z.union([z.boolean(), z.literal("transaction")], { error: 'false, true or "transaction"' }).optional(),
  id: id.optional(),
  block_ids: flag("whether events carry their block id").optional(),
  notices: flag("whether notices are sent").optional(),
}, 'a list of names or an object with "events"');

// Keys that are not known are for later versions.
const helloBody: z.ZodType<HelloBody> = z.object({
  protocol_version: z.int({ error: "a whole number" }).optional(),
  client_name: word("a text").optional(),
  client_version: word("a text").optional(),
}, { error: "an object" });

/** Answered by json_rpc.ts, with codes of its own for what is wrong. */
const jsonRpcRequest = z.object({
  jsonrpc: z.literal("2.0"),
  method: z.string(),
  params: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]).optional(),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
});

/** What a value turned out to be: as its schema says, or wrong, in a sentence. */
export type Parsed<T> =
  | { readonly data: T; readonly fault?: undefined }
  | { readonly data?: undefined; readonly fault: string };

function parse<T>(schema: z.ZodType<T>, value: unknown, place: string): Parsed<T> {
  const { success, data, error } = schema.safeParse(value);
  return success ? { data } : { fault: faultSentence(firstFault(error.issues), value, place) };
}

/** Parses the simple form. Source: protocol 6.1. */
export function parseSimpleSubscribe(value: unknown): Parsed<Item[]> {
  return parse(simpleSubscribe, value, "subscribe");
}

/** Parses the extended form. Source: protocol 6.1, 6.5 to 6.7. */
export function parseExtendedSubscribe(value: unknown): Parsed<ExtendedSubscribe> {
  return parse(extendedSubscribe, value, "subscribe");
}

/** Parses what stands behind "hello". Source: protocol section 13. */
export function parseHello(value: unknown): Parsed<HelloBody> {
  return parse(helloBody, value, "hello");
}

/** The messages as JSON Schema; `ClientMessage` is any of them. */
export function clientDefinitions(): Definitions {
  const ref = (name: string) => ({ $ref: `#/$defs/${name}` });
  return {
    Subscribe: jsonSchema(z.strictObject({ subscribe: z.union([simpleSubscribe, extendedSubscribe]) })),
    ClientHello: jsonSchema(z.strictObject({ hello: helloBody })),
    JsonRpcRequest: jsonSchema(jsonRpcRequest),
    ClientMessage: {
      anyOf: [
        ...["Subscribe", "ClientHello", "JsonRpcRequest"].map(ref),
        { type: "array", items: ref("JsonRpcRequest"), minItems: 1, maxItems: MAX_BATCH },
      ],
    },
  };
}
