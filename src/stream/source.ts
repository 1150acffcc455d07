// Where the log's entries come from, as clients and operators are told about it.
// Implemented by native/log.ts; read by hello.ts and serve/rest.ts.

/** What the source is doing; the order is that of the sidecar's codes. */
export const SOURCE_STATES = [
  "opening", // the ring is being opened
  "filling", // what the ring still holds is being read
  "reading", // events come as they are recorded
  "missing", // there is no ring yet
  "ended", // a snapshot was read to its end
  "down", // the ring went away; a new one is waited for
  "failed", // the ring cannot be used
] as const;
/** One of SOURCE_STATES. */
export type SourceState = (typeof SOURCE_STATES)[number];

/** What is read; the order is that of the sidecar's codes. "unknown" before anything was opened. */
export const SOURCE_KINDS = ["unknown", "live", "snapshot", "simulated"] as const;
/** One of SOURCE_KINDS. */
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** What the reader reports of itself. Numbers are exact up to 2^53. */
export interface SourceStatus {
  /** 0 before the first entry. */
  readonly newestSeq: number;
  /** Newest seen; 0 until known. */
  readonly blockNumber: number;
  /** 0 until known. */
  readonly chainId: number;
  /** Ring events read. */
  readonly events: number;
  /** Gaps in the log. */
  readonly gaps: number;
  /** Ring events inside gaps. */
  readonly lost: number;
  /** When the newest event was recorded, µs since 1970; 0 before the first. */
  readonly recordedUs: number;
  /** Unknown before the first whole block with transactions. */
  readonly hasCallFrames: boolean | undefined;
  /** What the source is doing. */
  readonly state: SourceState;
  /** What is read. */
  readonly kind: SourceKind;
  /** A sentence for the state, may be empty. */
  readonly message: string;
}

/** A source that can be asked and, if it is a snapshot that waits, begun. */
export interface Source {
  /** What the reader reports now. */
  status(): SourceStatus;
  /** Lets a snapshot begin that waits for its first subscriber. */
  play(): void;
}
