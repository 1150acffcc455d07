// Entries for tests of filters: decoded events, drawn from few values so that filters match, and their binary keys.

import fc from "fast-check";
import { type EventName, ITEMS } from "../../src/stream/protocol.ts";
import type { KeyedLog } from "../../src/stream/filter.ts";

/** An event as a client sees it, limited to what filters can test. */
export interface Decoded {
  readonly event: EventName;
  /** Undefined outside transactions. */
  readonly txnIndex: number | undefined;
  readonly fields: Readonly<Record<string, string | number | boolean | bigint | readonly string[]>>;
}

const hexOf = (digit: string, bytes: number) => `0x${digit.repeat(bytes * 2 - 1)}b`;
/** Few values of this many bytes; the first two share their first word, as hashes do that are meant to collide. */
const pool = (bytes: number) =>
  ["a", "c", "1", "0"].map((digit) => hexOf(digit, bytes)).concat(`0x${"a".repeat(8)}${"b".repeat(bytes * 2 - 8)}`);
export const ADDRESSES = pool(20);
export const TOPICS = pool(32);
export const SELECTORS = ["0xa9059cbb", "0x00000000", "0xffffffff"];
/** Values around every boundary between words, and near each other in the lowest and the highest word. */
export const VALUES = [0n, 1n, 2n, (1n << 32n) - 1n, 1n << 32n, (1n << 53n) - 1n, 1n << 64n, (1n << 64n) + 1n]
  .concat([1n << 224n, 1n << 255n, (1n << 256n) - 1n]);
export const INDEXES = [0, 1, 2, 7, 2 ** 32 - 2];

const address = fc.constantFrom(...ADDRESSES);
const value = fc.constantFrom(...VALUES);
const index = fc.constantFrom(...INDEXES);
const call = fc.record({ caller: address, call_target: address, value });

const FIELDS: Partial<Record<EventName, fc.Arbitrary<Decoded["fields"]>>> = {
  TxnHeaderStart: fc.record({
    sender: address,
    to: address,
    is_contract_creation: fc.boolean(),
    data: fc.constantFrom("0x", "0xa9059c", "0x000000", ...SELECTORS, "0xa9059cbb00ff"),
    value,
  }),
  TxnAccessListEntry: fc.record({ address }),
  TxnEvmOutput: fc.record({ status: fc.boolean() }),
  TxnLog: fc.record({ address, log_index: index, topics: fc.array(fc.constantFrom(...TOPICS), { maxLength: 4 }) }),
  TxnCallFrame: call,
  NativeTransfer: call,
  AccountAccess: fc.record({ address }),
  StorageAccess: fc.record({ address }),
  TxnEnd: fc.constant({}),
  EvmError: fc.constant({}),
};
/** Events of every layout, and one without keys. */
export const EVENTS = Object.keys(FIELDS) as EventName[];
const OUTSIDE_TOO: readonly EventName[] = ["AccountAccess", "StorageAccess", "EvmError"];

/** Any event. */
export const decoded: fc.Arbitrary<Decoded> = fc.constantFrom(...EVENTS).chain((event) => {
  const txnIndex = OUTSIDE_TOO.includes(event) ? fc.option(index, { nil: undefined }) : index;
  return fc.record({ event: fc.constant(event), txnIndex, fields: FIELDS[event]! });
});

/** Words of a hex text, as its bytes lie in memory on a little-endian machine. */
function bytesOf(hex: unknown): number[] {
  const bytes = Uint8Array.from(String(hex).slice(2).match(/../g) ?? [], (pair) => parseInt(pair, 16));
  return [...new Uint32Array(bytes.buffer)];
}

function numberOf(number: unknown): number[] {
  const digits = (number as bigint).toString(16).padStart(64, "0");
  return digits.match(/.{8}/g)!.map((word) => parseInt(word, 16));
}

function keysOf({ event, fields }: Decoded): number[] {
  switch (event) {
    case "TxnHeaderStart": {
      const data = fields["data"] as string;
      const hasSelector = data.length >= 10;
      const flags = (fields["is_contract_creation"] === true ? 1 : 0) | (hasSelector ? 2 : 0);
      const selector = hasSelector ? bytesOf(data.slice(0, 10)) : [0];
      return [...bytesOf(fields["sender"]), ...bytesOf(fields["to"]), flags, ...selector, ...numberOf(fields["value"])];
    }
    case "TxnEvmOutput":
      return [fields["status"] === true ? 1 : 0];
    case "TxnLog": {
      const topics = fields["topics"] as readonly string[];
      return [...bytesOf(fields["address"]), fields["log_index"] as number, topics.length, ...topics.flatMap(bytesOf)];
    }
    case "TxnCallFrame":
    case "NativeTransfer":
      return [...bytesOf(fields["caller"]), ...bytesOf(fields["call_target"]), ...numberOf(fields["value"])];
    default:
      return "address" in fields ? bytesOf(fields["address"]) : [];
  }
}

/** A log of these events, whose keys lie in core order behind words of other things. */
export class EntryLog implements KeyedLog {
  readonly keys: Uint32Array;
  readonly #entries: readonly Decoded[];
  readonly #at: number[] = [];

  constructor(entries: readonly Decoded[]) {
    const words: number[] = [];
    for (const entry of entries) {
      words.push(0xdeadbeef);
      this.#at.push(words.length);
      words.push(...keysOf(entry));
    }
    this.keys = Uint32Array.from(words);
    this.#entries = entries;
  }

  type(entry: number): number {
    return ITEMS.indexOf(this.#entries[entry]!.event) + 1;
  }

  txn(entry: number): number {
    const { txnIndex } = this.#entries[entry]!;
    return txnIndex === undefined ? 0 : txnIndex + 1;
  }

  keysAt(entry: number): number {
    return this.#at[entry]!;
  }
}
