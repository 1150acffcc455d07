// Compiled filters agree with a plain evaluation of what the client wrote, over random events and filters.

import assert from "node:assert/strict";
import fc from "fast-check";
import { type EventName, FILTER_EVENTS, FILTER_FIELDS, type FilterField, ITEMS } from "../../src/stream/protocol.ts";
import type { EventFilter, FieldFilter } from "../../src/stream/schema_types.ts";
import { readSubscribe, type Subscription } from "../../src/stream/subscription.ts";
import {
  ADDRESSES,
  type Decoded,
  decoded,
  EntryLog,
  EVENTS,
  INDEXES,
  SELECTORS,
  TOPICS,
  VALUES,
} from "./keyed_entries.ts";

const seed = Number(Deno.env.get("RINGCAST_TEST_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1);
console.log(`filter_test seed ${seed} (RINGCAST_TEST_SEED repeats it)`);

function subscribe(filters: readonly unknown[], events: readonly string[] = EVENTS): Subscription {
  const message = readSubscribe({ events, filters }, 0);
  assert.equal(message.kind, "subscribe", JSON.stringify(message));
  return (message as { subscription: Subscription }).subscription;
}

const anyCase = <T extends string>(text: T) => fc.constantFrom(text, `0x${text.slice(2).toUpperCase()}`);
const some = (pool: readonly string[]) => fc.array(fc.constantFrom(...pool).chain(anyCase), { maxLength: 3 });
const written = (value: bigint) =>
  value < 2n ** 53n
    ? fc.constantFrom(Number(value), `0x00${value.toString(16)}`.slice(0, 66))
    : fc.constant(`0x${value.toString(16)}`);

function range(pool: readonly (number | bigint)[], write: (value: bigint) => fc.Arbitrary<unknown>) {
  const bound = fc.option(fc.constantFrom(...pool), { nil: undefined });
  return fc.tuple(bound, bound).chain(([a, b]) => {
    const [low, high] = a !== undefined && b !== undefined && a > b ? [b, a] : [a, b];
    const parts: Record<string, fc.Arbitrary<unknown>> = {};
    if (low !== undefined) parts["min"] = write(BigInt(low));
    if (high !== undefined) parts["max"] = write(BigInt(high));
    return fc.record(parts);
  });
}

const number = (value: bigint) => fc.constant(Number(value));
const addresses = fc.record({ values: some(ADDRESSES) });
const FILTERS: Record<FilterField, fc.Arbitrary<unknown>> = {
  txn_index: range(INDEXES, number),
  log_index: range(INDEXES, number),
  address: addresses,
  topics: fc.record({
    values: fc.array(fc.oneof(fc.constantFrom(...TOPICS).chain(anyCase), fc.constant(null), some(TOPICS)), {
      maxLength: 4,
    }),
  }),
  sender: addresses,
  to: addresses,
  function_selector: fc.record({ values: some(SELECTORS) }),
  caller: addresses,
  call_target: addresses,
  value: range(VALUES, written),
  status: fc.record({ values: fc.array(fc.boolean(), { maxLength: 2 }) }),
};

const eventFilter = fc.constantFrom(...EVENTS).chain((event) => {
  const fields = FILTER_FIELDS.filter((field) => (FILTER_EVENTS[field] as readonly EventName[]).includes(event));
  const fieldFilter = fc.constantFrom(...fields).chain((field) =>
    fc.record({ field: fc.constant(field), filter: FILTERS[field] })
  );
  const field_filters = fc.array(fieldFilter, { maxLength: 3 });
  return fc.record({ event_name: fc.constant(event), field_filters }) as fc.Arbitrary<EventFilter>;
});

/** What protocol 6.5 says, word by word. */
function passes(event: Decoded, filters: readonly EventFilter[]): boolean {
  const own = filters.filter((filter) => filter.event_name === event.event);
  return own.length === 0 || own.some((filter) => filter.field_filters.every((field) => passesField(event, field)));
}

function passesField({ txnIndex, fields }: Decoded, { field, filter }: FieldFilter): boolean {
  const has = (text: unknown, values: readonly unknown[]) => {
    return values.length === 0 || values.some((value) => String(value).toLowerCase() === String(text));
  };
  switch (field) {
    case "txn_index":
    case "log_index":
    case "value": {
      const { min, max } = filter;
      if (min === undefined && max === undefined) return true;
      const value = field === "txn_index" ? txnIndex : fields[field] as number | bigint;
      if (value === undefined) return false;
      return (min === undefined || value >= BigInt(min)) && (max === undefined || value <= BigInt(max));
    }
    case "topics": {
      const topics = fields["topics"] as readonly string[];
      return filter.values.every((position, index) => {
        return index < topics.length && (position === null || has(topics[index], [position].flat()));
      });
    }
    case "function_selector": {
      const data = fields["data"] as string;
      return filter.values.length === 0 || (data.length >= 10 && has(data.slice(0, 10), filter.values));
    }
    case "to":
      return filter.values.length === 0 ||
        (fields["is_contract_creation"] === false && has(fields["to"], filter.values));
    default:
      return has(fields[field], filter.values);
  }
}

Deno.test("6.5 compiled filters pass exactly what the filters say as they are written", () => {
  let passed = 0;
  let tested = 0;
  fc.assert(
    fc.property(fc.array(decoded, { maxLength: 30 }), fc.array(eventFilter, { maxLength: 6 }), (events, filters) => {
      const { filters: compiled } = subscribe(filters);
      const log = new EntryLog(events);
      for (const [entry, event] of events.entries()) {
        const expected = passes(event, filters);
        assert.equal(compiled.matches(log, entry), expected, `entry ${entry}: ${event.event}`);
        if (!filters.some((filter) => filter.event_name === event.event && filter.field_filters.length > 0)) continue;
        tested++;
        if (expected) passed++;
      }
    }),
    { seed, numRuns: 3000 },
  );
  assert.ok(passed > tested / 10 && passed < tested * 0.9, `${passed} of ${tested} passed; the values are ill chosen`);
});

Deno.test("6.5 the order of filters, tests and values, hex case and duplicates change neither key nor result", () => {
  const shuffled = fc.array(eventFilter, { maxLength: 5 }).chain((filters) => {
    const mixed = filters.map((filter) => {
      return shuffledTwice(filter.field_filters).map((field_filters) => ({ ...filter, field_filters }));
    });
    const all = fc.tuple(...mixed).chain(shuffledTwice);
    return fc.tuple(fc.constant(filters), all.map((list) => JSON.parse(JSON.stringify(list), reverseValues)));
  });
  fc.assert(
    fc.property(shuffled, ([filters, others]) => {
      assert.equal(subscribe(filters).key, subscribe(others, EVENTS.toReversed()).key);
    }),
    { seed, numRuns: 1000 },
  );
});

/** A list in any order, some of it twice. */
function shuffledTwice<T>(list: readonly T[]): fc.Arbitrary<T[]> {
  const twice = [...list, ...list.slice(0, 2)];
  return fc.shuffledSubarray(twice, { minLength: twice.length });
}

/** Other hex case, and lists whose order means nothing turned round, with a duplicate. */
function reverseValues(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === "string" && value.startsWith("0x")) return `0x${value.slice(2).toUpperCase()}`;
  const isOrderless = Array.isArray(value) && value.length > 0 &&
    (/^\d$/.test(key) || (key === "values" && !hasPositions(value)));
  return isOrderless ? [value.at(-1), ...value.toReversed()] : value;
}

/** Whether these are the positions of a topics filter, whose order means everything. */
function hasPositions(values: readonly unknown[]): boolean {
  return values.some((value) =>
    value === null || Array.isArray(value) || (typeof value === "string" && value.length === 66)
  );
}

Deno.test("6.5 large sets find all their values and no other", () => {
  for (const size of [1, 8, 9, 1000]) {
    const values = Array.from(
      { length: size },
      () => `0xaaaaaaaa${crypto.getRandomValues(new Uint8Array(16)).toHex()}`,
    );
    const others = values.map((value) => value.slice(0, -1) + (value.endsWith("0") ? "1" : "0"));
    const { filters } = subscribe([{
      event_name: "TxnLog",
      field_filters: [{ field: "address", filter: { values } }],
    }]);
    const events = [...values, ...others].map((address): Decoded => {
      return { event: "TxnLog", txnIndex: 0, fields: { address, log_index: 0, topics: [] } };
    });
    const log = new EntryLog(events);
    for (let entry = 0; entry < 2 * size; entry++) {
      assert.equal(filters.matches(log, entry), entry < size, `entry ${entry} of ${size} values`);
    }
  }
});

Deno.test("6.5 only events with filters are tested, and contradictions let nothing pass", () => {
  const index = (min: number, max: number) => ({ field: "txn_index", filter: { min, max } });
  const { filters } = subscribe([{ event_name: "TxnLog", field_filters: [index(0, 1), index(2, 3)] }]);
  const type = (event: EventName) => ITEMS.indexOf(event) + 1;
  assert.equal(filters.tests(type("TxnLog")), true);
  assert.equal(filters.tests(type("TxnEnd")), false);
  const fields = { address: ADDRESSES[0]!, log_index: 0, topics: [] };
  const log = new EntryLog([{ event: "TxnLog", txnIndex: 1, fields }, { event: "TxnEnd", txnIndex: 1, fields: {} }]);
  assert.deepEqual([filters.matches(log, 0), filters.matches(log, 1)], [false, true]);
});
