// The log as the stream sees it: numbered entries with a small index each, and text that is copied out by spans.
// Implemented by native/log.ts; used by frame.ts, group.ts and window.ts.

/** Entry type of a gap; its text is a whole frame. Smaller types are events. Source: protocol 10.2. */
export const GAP_TYPE = 30;

/** Entry type of the derived NativeTransfer; the ring's types keep their codes 1 to 24. */
export const NATIVE_TRANSFER_TYPE = 25;

/**
 * An append-only sequence of entries, numbered from 0. Entries from `oldest` (inclusive) to `head` (exclusive) are held;
 * asking for any other gives meaningless numbers. Nothing here allocates.
 */
export interface Log {
  /** Entry number after the newest complete entry. */
  readonly head: number;
  /** Number of the oldest held entry. */
  readonly oldest: number;
  /** Number of entries that the index can hold. */
  readonly indexCapacity: number;
  /** Bytes of text that can be held. */
  readonly textSize: number;
  /** Ring code of the entry's event, NATIVE_TRANSFER_TYPE or GAP_TYPE. */
  type(entry: number): number;
  /** The entry's number on the wire (protocol 3.3). */
  seq(entry: number): number;
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
  /** Gives back every entry before `entry`. */
  release(entry: number): void;
}
