// What was read and yet cannot be delivered, as a client is told about it (protocol 7.5, 10.2): how many events, which,
// and why. Made by hold.ts and matcher.ts for their subscriptions, by groups.ts for who begins behind the window.

import { type Log, seqnoOf, TPS_TYPE } from "./log.ts";

/** Events of a subscription that it will not get. */
export interface Loss {
  /** Their entries, in any order, all of them held; not empty. */
  readonly entries: readonly number[];
  /** Why, as in the Warning. Source: protocol 10.2. */
  readonly reason: string;
}

/** Where an event stands in its ring. */
export interface RingPlace {
  /** What the ring's seqs begin with (protocol 3.3); another ring has another one. */
  readonly base: number;
  /** The ring's own number of the event. */
  readonly seqno: number;
}

/** The place of the newest event before an entry; undefined if none is held. */
export function placeBefore(log: Log, entry: number): RingPlace | undefined {
  for (let at = entry - 1; at >= log.oldest; at--) if (log.type(at) < TPS_TYPE) return placeOf(log, at);
  return undefined;
}

/** The place of the oldest event from an entry on; undefined if there is none. */
export function placeFrom(log: Log, entry: number): RingPlace | undefined {
  for (let at = entry; at < log.head; at++) if (log.type(at) < TPS_TYPE) return placeOf(log, at);
  return undefined;
}

/** The Warning for a loss. */
export function lossWarning(log: Log, { entries, reason }: Loss): string {
  let [first, last] = [Infinity, -1];
  for (const entry of entries) [first, last] = [Math.min(first, entry), Math.max(last, entry)];
  const range = { from_seqno: placeOf(log, first).seqno, to_seqno: placeOf(log, last).seqno };
  return warning({ dropped: entries.length, reason, ...range });
}

/** The Warning for a transaction whose beginning the window has lost; how many events it had is not known any more. */
export function cutWarning(log: Log, last: number): string {
  return warning({ reason: "window", to_seqno: placeBefore(log, last + 1)?.seqno });
}

/**
 * The Warning for everything between two events, which left the window before there was a subscription: all events of the
 * ring count, as in every gap that is not of one subscription. The size is not known if the ring is another one there.
 */
export function windowWarning(before: RingPlace | undefined, after: RingPlace | undefined): string {
  if (before === undefined) return warning({ reason: "window" });
  const from_seqno = before.seqno + 1;
  if (after === undefined || after.base !== before.base) return warning({ reason: "window", from_seqno });
  return warning({ dropped: after.seqno - from_seqno, reason: "window", from_seqno, to_seqno: after.seqno - 1 });
}

function warning(said: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ seq: 0, Warning: { type: "gap", ...said } });
}

function placeOf(log: Log, entry: number): RingPlace {
  const seqno = seqnoOf(log, entry);
  const seq = log.seq(entry);
  return { base: seq - seq % 16 - 16 * seqno, seqno };
}
