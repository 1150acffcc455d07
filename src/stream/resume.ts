// Whether and where a cursor can be resumed from (protocol 9.1, 9.2). Asked by serve/ at the upgrade.

import { Filters } from "./filter.ts";
import { type Log, seqnoOf, TPS_TYPE } from "./log.ts";
import type { Subscription } from "./subscription.ts";

/** What is replayed: everything that is not blocked (protocol 9.1). */
export const EVERYTHING: Subscription = {
  key: "*",
  items: [],
  wanted: new Uint8Array(32).fill(1),
  filters: new Filters(new Map()),
  minStage: 1,
  correlate: "none",
  blockIds: false,
  notices: false,
  id: undefined,
};

/** Which seqs a client may resume from. */
export interface Resumable {
  /** Seqs below this one are of another stream. */
  readonly base: number;
  /** Seq of the newest entry that is not held any more; 0 if everything is. */
  readonly releasedSeq: number;
  /** Names this stream. */
  readonly streamId: string;
}

/** The answer to a cursor, as Hello gives it. */
export type Resume =
  | { readonly status: "none" }
  | { readonly status: "replayed"; readonly requested: number; readonly from: number }
  | {
    readonly status: "unavailable";
    readonly requested: number;
    readonly reason: "too_old" | "future" | "other_stream";
  };

/** Finds the entry after a cursor: `from` of a valid one is the first entry to be replayed. */
export function findResume(log: Log, held: Resumable, requested: number | undefined, streamId?: string): Resume {
  if (requested === undefined) return { status: "none" };
  const unavailable = (reason: "too_old" | "future" | "other_stream"): Resume => {
    return { status: "unavailable", requested, reason };
  };
  if (streamId !== undefined && streamId !== held.streamId) return unavailable("other_stream");
  const newest = log.head === log.oldest ? held.releasedSeq : log.seq(log.head - 1);
  if (requested > newest) return unavailable("future");
  if (requested < held.base || requested < held.releasedSeq) return unavailable("too_old");
  return { status: "replayed", requested, from: entryAfter(log, requested) };
}

/**
 * The stream's base, from its first entry (protocol 3.3): an event's seq is the base plus 16 for each of the ring's
 * numbers up to its own, plus its slot. 0 before the first entry, and once that is not held any more.
 */
export function baseOf(log: Log): number {
  if (log.oldest > 0 || log.head === 0) return 0;
  const seq = log.seq(0);
  return log.type(0) < TPS_TYPE ? seq - seq % 16 - 16 * seqnoOf(log, 0) : seq;
}

/** The first held entry whose seq is above `seq`; the head if there is none. */
export function entryAfter(log: Log, seq: number): number {
  let low = log.oldest;
  let high = log.head;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (log.seq(middle) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
