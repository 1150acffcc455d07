// What a subscription delivers, computed from the parsed events and gaps of a firehose alone (protocol 6.5, 6.6, 10.2).
// No code of the gateway's is used; firehose.ts makes the numbered items, offline_stages.ts holds back.

import type { AnyEvent, AnyFrame } from "../harness/client.ts";
import { valueOf } from "./field_value.ts";
import { holdBack } from "./offline_stages.ts";

/** An event or a gap of the firehose and its seq; gaps have one too, which is not on the wire (protocol 3.3). */
export type Numbered =
  | { readonly seq: number; readonly event: AnyEvent; readonly gap?: undefined }
  | { readonly seq: number; readonly gap: AnyFrame; readonly event?: undefined };

/** What is delivered together: events whose frame ends with a seq, or a gap. */
export interface Piece {
  readonly seq: number;
  readonly events: AnyEvent[];
  readonly gap?: AnyFrame;
  /** Whether a message that the ending of a block caused released it: its seq is up to 15 higher (protocol 3.3). */
  readonly isLate?: boolean;
  /** Seqs of the events, if they are votes of a block of which nothing else is in the stream. */
  readonly votes?: readonly number[];
}

interface Txn {
  readonly events: AnyEvent[];
  isMatched: boolean;
  isOver: boolean;
}

function passesField(event: AnyEvent, { field, filter }: AnyEvent): boolean {
  const value = valueOf(event, field);
  if (field === "topics") {
    const wanted: AnyEvent[] = filter.values;
    return wanted.every((topic, i) => i < value.length && (topic === null || [topic].flat().includes(value[i])));
  }
  if (value === undefined) return "values" in filter && filter.values.length === 0;
  if ("values" in filter) return filter.values.length === 0 || filter.values.includes(value);
  return BigInt(value) >= BigInt(filter.min ?? 0) && (filter.max === undefined || BigInt(value) <= BigInt(filter.max));
}

function passes(event: AnyEvent, { events, filters = [] }: AnyEvent): boolean {
  if (!events.includes(event.event_name)) return false;
  const own = filters.filter((spec: AnyEvent) => spec.event_name === event.event_name);
  return own.length === 0 || own.some((spec: AnyEvent) => {
    return spec.field_filters.every((one: AnyEvent) => passesField(event, one));
  });
}

/** Whether nothing of a block comes behind this event, which belongs to no transaction. */
export function endsBlock({ event_name, txn_idx }: AnyEvent): boolean {
  return txn_idx === undefined && ["BlockEnd", "BlockReject", "EvmError"].includes(event_name);
}

/** What `asked` delivers of everything, from the first to the last. */
export function filterOffline(everything: readonly Numbered[], asked: AnyEvent): Piece[] {
  return holdBack(everything, correlate(everything, asked), asked).filter(({ events, gap }) => {
    return events.length > 0 || gap !== undefined;
  });
}

/** What each item delivers before stages are looked at. */
function correlate(everything: readonly Numbered[], asked: AnyEvent): Piece[][] {
  let txns = new Map<number, Txn>();
  return everything.map(({ seq, event, gap }) => {
    // A gap in a block ends the block, and so do whichever of its transactions it has.
    if (gap !== undefined || event.event_name === "BlockStart") txns = new Map();
    if (gap !== undefined) return [{ seq, events: [], gap }];
    const alone = passes(event, asked) ? [{ seq, events: [event] }] : [];
    if (asked.correlate === undefined) return alone;
    if (event.txn_idx === undefined) {
      if (!endsBlock(event)) return alone;
      const cut = [...txns.values()].filter(({ isMatched, isOver }) => isMatched && !isOver);
      const events = cut.flatMap((txn) => txn.events).sort((a, b) => order(a) - order(b));
      txns = new Map();
      return asked.correlate === "transaction" ? [...alone, { seq, events, isLate: true }] : alone;
    }
    return ofTransaction(txns, seq, event, alone, asked.correlate);
  });
}

/** What an event of a transaction delivers; `alone` is what it would without correlation. */
function ofTransaction(
  txns: Map<number, Txn>,
  seq: number,
  event: AnyEvent,
  alone: Piece[],
  form: true | "transaction",
): Piece[] {
  const { event_name, txn_idx } = event;
  const txn = txns.get(txn_idx) ?? { events: [], isMatched: false, isOver: false };
  txns.set(txn_idx, txn);
  const isCovered = form === true && txn.isMatched && !txn.isOver;
  // A transaction begins with its header, though some perf events are recorded before it.
  if (!txn.isOver && (txn.events.length > 0 || event_name === "TxnHeaderStart")) txn.events.push(event);
  if (alone.length > 0 && (form === "transaction" || event_name === "TxnHeaderStart")) txn.isMatched = true;
  const endsNow = !txn.isOver && ["TxnEnd", "TxnReject", "EvmError"].includes(event_name);
  txn.isOver ||= endsNow;
  if (form === true) return isCovered ? [{ seq, events: [event] }] : alone;
  return endsNow && txn.isMatched ? [{ seq, events: txn.events }] : [];
}

/** Where an event stands in its ring, a NativeTransfer behind its frame. */
export const order = (event: AnyEvent) => 2 * event.seqno + (event.event_name === "NativeTransfer" ? 1 : 0);
