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
/** Entry type of a TPS frame; the text of this type and all larger ones is a whole frame. Source: protocol 8.1. */
export const TPS_TYPE = 26;
/** Entry type of a ContentionData frame. Source: protocol 8.2. */
export const CONTENTION_DATA_TYPE = 27;
/** Entry type of a TopAccesses frame. Source: protocol 8.3. */
export const TOP_ACCESSES_TYPE = 28;
/** Entry type of a Lifecycle frame. Source: protocol 8.4. */
export const LIFECYCLE_TYPE = 29;
/** Entry type of a gap; its text is a whole frame. Source: protocol 10.2. */
export const GAP_TYPE = 30;

/** Seqs of one ring event, and which of them is that of the TPS behind a BlockEnd. Source: protocol 3.3. */
const SLOTS = 16;
const TPS_SLOT = 2;

/** Bytes that entriesMessage() adds to each event at most, its comma included. */
export const MAX_ADDED_BYTES = 90;

/** Commit stages as the index and the keys have them; 0 is none. Source: protocol 4.4, 8.4. */
export const STAGE = { proposed: 1, voted: 2, finalized: 3, verified: 4, rejected: 5, abandoned: 6 } as const;

/** A message as the log composed it, until it composes the next one. */
export interface Message {
  /** Bytes of the text. */
  readonly bytes: number;
  /** The text, which is ASCII; made when it is first asked for. */
  text(): string;
  /** The message as a WebSocket frame of the server's. Source: RFC 6455 §5.2. */
  frame(): Uint8Array<ArrayBuffer>;
}

/**
 * An append-only sequence of entries, numbered from 0. Entries from `oldest` (inclusive) to `head` (exclusive) are held;
 * asking for any other gives meaningless numbers. Nothing here allocates.
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
  /** Every byte of index and text as little-endian words; `keysAt` says where those of an entry are. */
  readonly keys: Uint32Array;
  /** Ring code of the entry's event, or one of the types above. */
  type(entry: number): number;
  /** The entry's number on the wire (protocol 3.3). */
  seq(entry: number): number;
  /** Position of the entry's text in the unwrapped sequence of all text bytes. */
  textAt(entry: number): number;
  /** Bytes of the entry's text; an event's text is followed by one comma that does not count. */
  textLength(entry: number): number;
  /** Index of the entry's transaction + 1; 0 outside a transaction. */
  txn(entry: number): number;
  /** Ordinal of the entry's block id within this log; 0 for an entry of no known block. */
  proposal(entry: number): number;
  /** Stage of the entry's block id at the entry, as in STAGE; of a Lifecycle entry the stage it tells. */
  stage(entry: number): number;
  /** Number of the entry's block; 0 for an entry of no known block. */
  blockNumber(entry: number): number;
  /** When the node recorded the event, or the event that caused the entry, in µs since 1970. */
  recordedUs(entry: number): number;
  /**
   * Index of the entry's first filter key in `keys`, meaningless for types that have none. Addresses (5 words), hashes
   * (8) and selectors (1) are their bytes, so that a word is 4 of them read little-endian; 256-bit values are 8
   * numbers, the most significant first:
   *
   * - TxnHeaderStart: sender, to, flags (bit 0 contract creation, bit 1 at least 4 bytes of data), selector, value
   * - TxnAccessListEntry, AccountAccess, StorageAccess: address
   * - TxnEvmOutput: status
   * - TxnLog: address, log index, number of topics, topics
   * - TxnCallFrame, NativeTransfer: caller, call target, value
   * - TPS: the value
   * - Lifecycle: block id, stage now, stage before (0 none), number of transactions, flags (bit 0 gas known, bit 1 hash
   *   known), gas used (low word, high word), Ethereum's block hash
   */
  keysAt(entry: number): number;
  /**
   * The texts of `count` spans (pairs of position and length) one behind the other, between `before` and `after`.
   *
   * @throws if a span is not held.
   */
  message(before: string, spans: Float64Array<ArrayBuffer>, count: number, after: string): Message;
  /**
   * The texts of the first `count` event entries of `entries`, in ascending order, with commas between them, between
   * `before` and `after`.
   *
   * @param stage Replaces the value of every `commit_stage`, as in STAGE, up to 5; 0 leaves them.
   * @param withBlockIds Whether `block_id` is appended to every event of a known block. Ids that are older than some
   * 260,000 blocks are not known any more.
   * @throws if an entry is not held or no event.
   */
  entriesMessage(
    before: string,
    entries: Float64Array<ArrayBuffer>,
    count: number,
    stage: number,
    withBlockIds: boolean,
    after: string,
  ): Message;
  /** Gives back every entry before `entry`. */
  release(entry: number): void;
}

/** The text of one entry. */
export function entryText(log: Log, entry: number): string {
  return log.message("", Float64Array.of(log.textAt(entry), log.textLength(entry)), 1, "").text();
}

/**
 * Whether a block ends with an entry: its BlockEnd or, for who has blocked that, the TPS that follows it. The TPS of a
 * timer has another slot, and may come in the middle of a block.
 */
export function endsBlock(log: Log, entry: number, type: number): boolean {
  return type === TYPE.blockEnd || (type === TPS_TYPE && log.seq(entry) % SLOTS === TPS_SLOT);
}

/** The reason of a gap that stands for the end of a ring: nothing that was open goes on behind it (protocol 10.2). */
export const RESTARTED = "source_restarted";

/** Why the input of a gap was lost, as clients are told. Source: protocol 10.2. */
export function gapReason(log: Log, gap: number): string {
  return /"reason":"(\w+)"/.exec(entryText(log, gap))?.[1] ?? "";
}

/** The ring's own number of an event, whose text ends with it and the time. No pattern: those keep the text they matched. */
export function seqnoOf(log: Log, entry: number): number {
  const text = entryText(log, entry);
  const at = text.lastIndexOf('"seqno":') + '"seqno":'.length;
  return Number(text.slice(at, text.indexOf(",", at)));
}

/** A frame's text from behind its seq: `"TPS":5}`. */
export function afterSeq(text: string): string {
  return text.slice(text.indexOf(",") + 1);
}
