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
  type MinStage,
} from "./protocol.ts";
import { faultSentence, firstFault, PLACE, quote, suggestion } from "./subscription_error.ts";

/** Most filters of a subscription: each is one more test per event. */
export const MAX_FILTERS = 256;
/** A log has no more topics. */
const MAX_TOPICS = 4;
/** Longest word that is kept of a client and repeated to it or logged, in UTF-16 units. */
const MAX_WORD_LENGTH = 256;

/** An inclusive range; hex text only where the value may have 256 bits. */
export interface RangeFilter {
  /** Smallest that matches. */
  readonly min?: number | string | undefined;
  /** Largest that matches. */
  readonly max?: number | string | undefined;
}

/** One test of one field. Source: protocol 6.5. */
export type FieldFilter =
  | { readonly field: "txn_index" | "log_index" | "value"; readonly filter: RangeFilter }
  | { readonly field: "topics"; readonly filter: { readonly values: readonly (string | null | readonly string[])[] } }
  | { readonly field: "status"; readonly filter: { readonly values: readonly boolean[] } }
  | {
    readonly field: "address" | "sender" | "to" | "function_selector" | "caller" | "call_target";
    readonly filter: { readonly values: readonly string[] };
  };

/** All tests of one filter must pass. */
export interface EventFilter {
  /** The event it is for. */
  readonly event_name: EventName;
  /** Empty: everything passes. */
  readonly field_filters: readonly FieldFilter[];
}

/** The extended form of a Subscribe. Source: protocol 6.1, 6.7. */
export interface ExtendedSubscribe {
  /** What is subscribed, duplicates included. */
  readonly events: readonly Item[];
  /** Filters of one event are alternatives. */
  readonly filters?: readonly EventFilter[] | undefined;
  /** Events of a block are held back until it has this stage. */
  readonly min_stage?: MinStage | undefined;
  /** Whether the rest of a matching transaction is delivered. */
  readonly correlate?: boolean | "transaction" | undefined;
  /** Repeated in the answer. */
  readonly id?: string | number | undefined;
  /** Whether events carry their block id. */
  readonly block_ids?: boolean | undefined;
  /** Whether notices are sent. */
  readonly notices?: boolean | undefined;
}

/** How a client may introduce itself. Source: protocol section 13. */
export interface HelloBody {
  /** Version of the protocol that the client speaks. */
  readonly protocol_version?: number | undefined;
  /** Its name. */
  readonly client_name?: string | undefined;
  /** Its version. */
  readonly client_version?: string | undefined;
}

/** A list that ends at its first fault, so that a list of nonsense costs no more than its first element. */
function list<T>(element: z.ZodType<T>, expectation: string, max = Infinity, excess = ""): z.ZodType<T[]> {
  const { $schema: _, ...items } = z.toJSONSchema(element, { io: "input" });
  const array = z.array(z.unknown(), { error: expectation });
  const bounded = max === Infinity ? array : array.max(max, { error: `${PLACE} is too long: ${excess}.` });
  return bounded.meta({ items }).transform((values, context) => {
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

function hex(digits: number, expectation: string): z.ZodType<string> {
  const error = `${expectation}, 0x and ${digits} hex digits`;
  return z.string({ error }).regex(new RegExp(`^0[xX][0-9a-fA-F]{${digits}}$`), { error });
}

const flag = (meaning: string) => z.boolean({ error: `true or false: ${meaning}` });
const item = name(ITEMS, "event", "the name of an event or metric");
const index = z.int({ error: "a whole number from 0 to 2^53 - 1" }).min(0, { error: "a whole number from 0 on" });
const address = hex(40, "an address");
const topic = hex(64, "a topic");
const QUANTITY = 'a whole number from 0 on, above 2^53 - 1 written as hex text such as "0xde0b6b3a7640000"';
const quantity = z.union([
  z.int().min(0),
  z.string().regex(/^0[xX][0-9a-fA-F]{1,64}$/),
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
    z.union([topic, z.null(), list(topic, "a list of topics")], { error: topicSentence }),
    '"0x...",null',
    MAX_TOPICS,
    `a log has at most ${MAX_TOPICS} topics`,
  ),
  sender: ADDRESSES,
  to: ADDRESSES,
  function_selector: values(hex(8, "a function selector"), '"0xa9059cbb"'),
  caller: ADDRESSES,
  call_target: ADDRESSES,
  value: range(quantity),
  status: values(z.boolean({ error: "true or false" }), "true"),
};

function topicSentence({ input, errors }: z.core.$ZodRawIssue): string {
  if (!Array.isArray(input)) return "a topic (0x and 64 hex digits), null for any, or a list of topics";
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

/** The simple form. Source: protocol 6.1. */
export const simpleSubscribe: z.ZodType<Item[]> = list(item, "a list of names");

/** The extended form. Source: protocol 6.1, 6.5 to 6.7. */
export const extendedSubscribe: z.ZodType<ExtendedSubscribe> = object({
  events: list(item, "a list of names"),
  filters: list(eventFilters(), "a list of filters", MAX_FILTERS, `it has more than ${MAX_FILTERS} filters`).optional(),
  min_stage: name(MIN_STAGES, "stage", "the name of a stage").optional(),
  correlate: z.union([z.boolean(), z.literal("transaction")], { error: 'false, true or "transaction"' }).optional(),
  id: z.union([z.string().max(MAX_WORD_LENGTH), z.number().min(-(2 ** 53 - 1)).max(2 ** 53 - 1)], {
    error: `a text of at most ${MAX_WORD_LENGTH} characters or a number within 2^53 - 1`,
  }).optional(),
  block_ids: flag("whether events carry their block id").optional(),
  notices: flag("whether notices are sent").optional(),
}, 'a list of names or an object with "events"');

/** What stands behind "hello"; keys that are not known are for later versions. */
export const helloBody: z.ZodType<HelloBody> = z.object({
  protocol_version: z.int({ error: "a whole number" }).optional(),
  client_name: word("a text").optional(),
  client_version: word("a text").optional(),
}, { error: "an object" });
