// Filters compiled to tests of the binary keys behind an entry's text: one call per new entry and group, no allocation.
// subscription.ts compiles them once per Subscribe; group.ts asks them.

import { type EventName, type FilterField, ITEMS } from "./protocol.ts";
import { compareNumber, numberWords, WordSet } from "./filter_words.ts";
import type { Alternative, CanonicalFilters, Test } from "./subscription_filters.ts";

/** A log whose entries can be matched. */
export interface KeyedLog {
  /** Filter keys of all entries, as words. */
  readonly keys: Uint32Array;
  /** Type of the entry. */
  type(entry: number): number;
  /** Index of the entry's transaction plus one; 0 if it belongs to none. */
  txn(entry: number): number;
  /** Index in `keys` of the first word of the entry's keys, which stand one behind the other; any number if it has none. */
  keysAt(entry: number): number;
}

/**
 * Offset of each field in the keys of an event, in words; 256-bit values are numbers with the most significant word
 * first, all other fields of more than one word raw bytes. rust/sidecar writes the same.
 */
export const KEY_LAYOUT = {
  TxnHeaderStart: { sender: 0, to: 5, flags: 10, function_selector: 11, value: 12 },
  TxnAccessListEntry: { address: 0 },
  TxnEvmOutput: { status: 0 },
  TxnLog: { address: 0, log_index: 5, topic_count: 6, topics: 7 },
  TxnCallFrame: { caller: 0, call_target: 5, value: 10 },
  AccountAccess: { address: 0 },
  StorageAccess: { address: 0 },
  NativeTransfer: { caller: 0, call_target: 5, value: 10 },
} as const satisfies Partial<Record<EventName, Readonly<Record<string, number>>>>;

/** Bits of TxnHeaderStart's flags. */
export const HEADER_FLAGS = { isContractCreation: 1, hasSelector: 2 } as const;

/** Words of a topic. */
export const TOPIC_WORDS = 8;

/** Whether an entry passes, by its keys and its transaction's index plus one. */
type Predicate = (keys: Uint32Array, at: number, txn: number) => boolean;

/** The filters of a subscription, ready to be asked. */
export class Filters {
  readonly #byType: (readonly (readonly Predicate[])[] | undefined)[];

  /** Compiles filters. */
  constructor(filters: CanonicalFilters) {
    this.#byType = [
      undefined,
      ...ITEMS.map((item) => {
        return filters.get(item as EventName)?.map((alternative) => compile(item as EventName, alternative));
      }),
    ];
  }

  /** Whether entries of a type are tested at all; all others pass. */
  tests(type: number): boolean {
    return this.#byType[type] !== undefined;
  }

  /** Whether the entry passes one of the filters of its event, or there is none for it. */
  matches(log: KeyedLog, entry: number): boolean {
    const alternatives = this.#byType[log.type(entry)];
    if (alternatives === undefined) return true;
    const { keys } = log;
    const at = log.keysAt(entry);
    const txn = log.txn(entry);
    for (let i = 0; i < alternatives.length; i++) if (passesAll(alternatives[i]!, keys, at, txn)) return true;
    return false;
  }
}

function passesAll(predicates: readonly Predicate[], keys: Uint32Array, at: number, txn: number): boolean {
  for (let i = 0; i < predicates.length; i++) if (!predicates[i]!(keys, at, txn)) return false;
  return true;
}

/** Predicates of an alternative, the cheapest first. */
function compile(event: EventName, alternative: Alternative): readonly Predicate[] {
  const cost = ({ kind, field }: Test) => ["range", "set", "topics"].indexOf(kind) + (field === "value" ? 1 : 0);
  return alternative.toSorted((a, b) => cost(a) - cost(b)).map((test) => predicate(test, event));
}

function predicate(test: Test, event: EventName): Predicate {
  switch (test.kind) {
    case "range":
      return rangePredicate(test, event);
    case "topics":
      return topicsPredicate(test.positions);
    case "set":
      return setPredicate(test, event);
  }
}

function rangePredicate({ field, min, max }: Test & { kind: "range" }, event: EventName): Predicate {
  if (field === "value") {
    const offset = offsetOf(event, field);
    const [low, high] = [numberWords(min), numberWords(max)];
    return (keys, at) => compareNumber(keys, at + offset, low) >= 0 && compareNumber(keys, at + offset, high) <= 0;
  }
  const [low, high] = [Number(min), Number(max)]; // written as safe integers, or no bound at all
  if (field === "txn_index") return (_, __, txn) => txn > low && txn - 1 <= high;
  const offset = offsetOf(event, field);
  return (keys, at) => keys[at + offset]! >= low && keys[at + offset]! <= high;
}

function setPredicate({ field, values }: Test & { kind: "set" }, event: EventName): Predicate {
  const offset = offsetOf(event, field);
  if (field === "status") {
    const status = Number(values[0] === "true"); // both values are no constraint
    return (keys, at) => keys[at + offset] === status;
  }
  const set = new WordSet(values);
  if (field !== "to" && field !== "function_selector") return (keys, at) => set.has(keys, at + offset);
  const { flags } = KEY_LAYOUT.TxnHeaderStart;
  if (field === "to") {
    return (keys, at) => (keys[at + flags]! & HEADER_FLAGS.isContractCreation) === 0 && set.has(keys, at + offset);
  }
  return (keys, at) => (keys[at + flags]! & HEADER_FLAGS.hasSelector) !== 0 && set.has(keys, at + offset);
}

function topicsPredicate(positions: readonly (readonly string[] | null)[]): Predicate {
  const { topic_count, topics } = KEY_LAYOUT.TxnLog;
  const sets = positions.map((values) => values === null ? undefined : new WordSet(values));
  return (keys, at) => {
    if (keys[at + topic_count]! < sets.length) return false;
    for (let i = 0; i < sets.length; i++) {
      if (sets[i]?.has(keys, at + topics + TOPIC_WORDS * i) === false) return false;
    }
    return true;
  };
}

function offsetOf(event: EventName, field: FilterField): number {
  const offset = (KEY_LAYOUT as Partial<Record<EventName, Partial<Record<string, number>>>>)[event]?.[field];
  if (offset === undefined) throw new TypeError(`${event} has no key for ${field}.`);
  return offset;
}
