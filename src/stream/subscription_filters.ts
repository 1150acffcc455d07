// Filters in their canonical form: what is written differently and means the same becomes equal (protocol 6.5).
// Made by subscription.ts from what schema.ts parsed; filter.ts compiles it.

import { type EventName, ITEMS } from "./protocol.ts";
import type { EventFilter, FieldFilter, RangeFilter } from "./schema_types.ts";

/** What one field must be; sets and alternatives are sorted, without duplicates and in lower case. */
export type Test =
  | { readonly kind: "range"; readonly field: "txn_index" | "log_index" | "value"; min: bigint; max: bigint }
  | { readonly kind: "set"; readonly field: SetField; values: readonly string[] }
  | { readonly kind: "topics"; readonly field: "topics"; positions: readonly (readonly string[] | null)[] };

/** A field that is one of some values: hex text, or "true" and "false". */
export type SetField = "address" | "sender" | "to" | "function_selector" | "caller" | "call_target" | "status";

/** Tests of different fields, sorted by field, that must all pass. */
export type Alternative = readonly Test[];

/** By event, what its entries must match one of; no alternative: nothing passes. Events that are not here always pass. */
export type CanonicalFilters = ReadonlyMap<EventName, readonly Alternative[]>;

const U256_MAX = (1n << 256n) - 1n;

/** The canonical form of filters, the events in the order of their types. */
export function canonicalFilters(filters: readonly EventFilter[]): CanonicalFilters {
  const byEvent = Map.groupBy(filters, (filter) => filter.event_name);
  const ordered = [...byEvent].sort(([a], [b]) => ITEMS.indexOf(a) - ITEMS.indexOf(b));
  const canonical = new Map<EventName, readonly Alternative[]>();
  for (const [event, ofEvent] of ordered) {
    const alternatives = ofEvent.map((filter) => conjunction(filter.field_filters)).filter((one) => one !== undefined);
    if (alternatives.some((one) => one.length === 0)) continue; // one alternative lets everything pass
    const byText = new Map(alternatives.map((one) => [canonicalText(one), one]));
    canonical.set(event, [...byText].sort(([a], [b]) => a < b ? -1 : 1).map(([, one]) => one));
  }
  return canonical;
}

/** The same text for equal canonical values, another one for others. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, part) => typeof part === "bigint" ? part.toString(16) : part);
}

/** Tests of one filter with one per field; undefined if they contradict each other. */
function conjunction(fieldFilters: readonly FieldFilter[]): Alternative | undefined {
  const tests = new Map<string, Test>();
  for (const fieldFilter of fieldFilters) {
    const test = testOf(fieldFilter);
    if (test === undefined) continue;
    const other = tests.get(test.field);
    const both = other === undefined ? test : intersection(other, test);
    if (both === undefined) return undefined;
    tests.set(test.field, both);
  }
  return [...tests.values()].sort((a, b) => a.field < b.field ? -1 : 1);
}

/** A test as it was written, or undefined if it is no constraint. */
function testOf(one: FieldFilter): Test | undefined {
  switch (one.field) {
    case "txn_index":
    case "log_index":
    case "value":
      return rangeOf(one.field, one.filter);
    case "topics": {
      const positions = one.filter.values.map((position) => {
        if (position === null || position.length === 0) return null;
        return sorted(typeof position === "string" ? [position] : position);
      });
      return positions.length === 0 ? undefined : { kind: "topics", field: one.field, positions };
    }
    case "status": {
      const values = sorted(one.filter.values.map(String));
      return values.length === 1 ? { kind: "set", field: one.field, values } : undefined;
    }
    default: {
      const values = sorted(one.filter.values);
      return values.length === 0 ? undefined : { kind: "set", field: one.field, values };
    }
  }
}

function rangeOf(field: "txn_index" | "log_index" | "value", { min, max }: RangeFilter): Test | undefined {
  if (min === undefined && max === undefined) return undefined;
  return { kind: "range", field, min: BigInt(min ?? 0), max: BigInt(max ?? U256_MAX) };
}

/** What passes both tests of a field, or undefined if nothing does. */
function intersection(a: Test, b: Test): Test | undefined {
  if (a.kind === "range" && b.kind === "range") {
    const [min, max] = [a.min > b.min ? a.min : b.min, a.max < b.max ? a.max : b.max];
    return min <= max ? { ...a, min, max } : undefined;
  }
  if (a.kind === "set" && b.kind === "set") {
    const values = common(a.values, b.values);
    return values.length > 0 ? { ...a, values } : undefined;
  }
  if (a.kind === "topics" && b.kind === "topics") {
    const [short, long] = a.positions.length < b.positions.length ? [a, b] : [b, a];
    const positions = long.positions.map((position, index) => {
      const other = short.positions[index] ?? null;
      return position === null || other === null ? position ?? other : common(position, other);
    });
    return positions.every((position) => position?.length !== 0) ? { ...a, positions } : undefined;
  }
  throw new TypeError(`Tests of ${a.field} and ${b.field} cannot be joined.`);
}

function common(a: readonly string[], b: readonly string[]): readonly string[] {
  const others = new Set(b);
  return a.filter((value) => others.has(value));
}

function sorted(values: readonly string[]): string[] {
  return [...new Set(values.map((value) => value.toLowerCase()))].sort();
}
