// The log as the stream sees it: numbered entries with a small index each, and text that is copied out by spans.
// Implemented by native/log.ts; used by matcher.ts, frame.ts, group.ts, lifecycle.ts and window.ts.

import type { KeyedLog } from "./filter.ts";

/** Ring codes that the stream treats in a way of their own. Source: ring-and-events §4.1. */
export const TYPE = {
  recordError: 1,
  blockStart: 2,
  blockReject: 3,
  blockEnd: 6,
  blockQc: 7,
  blockFinalized: 8,
  blockVerified: 9,
  txnHeaderStart: 10,
  txnAccessListEntry: 11,
  txnAuthListEntry: 12,
  txnReject: 14,
  txnEvmOutput: 17,
  txnLog: 18,
  txnCallFrame: 19,
  txnEnd: 20,
  evmError: 24,
} as const;

/** Entry type of the derived NativeTransfer; the ring's types keep their codes 1 to 24. */
export const NATIVE_TRANSFER_TYPE = 25;
/** Entry types of metric messages, whose text is a whole frame. Source: protocol section 8. */
export const TPS_TYPE = 26;
export const CONTENTION_TYPE = 27;
export const TOP_ACCESSES_TYPE = 28;
export const LIFECYCLE_TYPE = 29;
/** Entry type of a gap; its text is a whole frame. Source: protocol 10.2. */
export const GAP_TYPE = 30;

/** Commit stages as the index and the keys have them; 0 is none. Source: protocol 4.4, 8.4. */
export const STAGE = { proposed: 1, voted: 2, finalized: 3, verified: 4, rejected: 5, abandoned: 6 } as const;

/**
 * An append-only sequence of entries, numbered from 0. Entries from `oldest` (inclusive) to `head` (exclusive) are held;
 * asking for any other gives meaningless numbers. Nothing here allocates but the texts.
 */
export interface Log extends KeyedLog {
  /** Entry number after the newest complete entry. */
  readonly head: number;
  /** Number of the oldest held entry. */
  readonly oldest: number;
  /** Number of entries that the index can hold. */
  readonly indexCapacity: number;
  /** Bytes of text that can be held. */
  readonly textSize: number;
  /** The entry's number on the wire (protocol 3.3). */
  seq(entry: number): number;
  /** Number of the entry's block; 0 for an entry of no known block. */
  blockNumber(entry: number): number;
  /** When the node recorded the event, µs since 1970. */
  recordedUs(entry: number): number;
  /** Ordinal of the block id; 0 for an entry of no known block. */
  proposal(entry: number): number;
  /** Stage of the block id at the entry's own position; 0 without a block. */
  stage(entry: number): number;
  /** Position of the entry's text in the unwrapped sequence of all text bytes. */
  textAt(entry: number): number;
  /** Bytes of the entry's text; an event's text is followed by one comma that does not count. */
  textLength(entry: number): number;
  /**
   * The text of `count` spans (pairs of position and length) one behind the other, between `before` and `after`.
   *
   * @throws if a span is not held.
   */
  text(before: string, spans: Float64Array<ArrayBuffer>, count: number, after: string): string;
  /**
   * The texts of `count` event entries with commas between them, between `before` and `after`; `stage` (0: none)
   * replaces the stage in each, and each of a known block ends with its block id if asked for.
   *
   * @throws if an entry is not held.
   */
  entriesText(
    before: string,
    entries: Float64Array<ArrayBuffer>,
    count: number,
    stage: number,
    withBlockIds: boolean,
    after: string,
  ): string;
  /** Gives back every entry before `entry`. */
  release(entry: number): void;
}

/** The text of one entry. */
export function entryText(log: Log, entry: number): string {
  return log.text("", Float64Array.of(log.textAt(entry), log.textLength(entry)), 1, "");
}

/** A frame's text from behind its seq: `"TPS":5}`. */
export function afterSeq(text: string): string {
  return text.slice(text.indexOf(",") + 1);
}
