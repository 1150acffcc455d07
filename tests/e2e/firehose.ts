// The frames of clients as numbered items (protocol 3.3), and whether a client's frames are the pieces that offline.ts
// expects: their events, gaps and the seqs of the frames they end in.

import assert from "node:assert/strict";
import type { AnyEvent, AnyFrame } from "../harness/client.ts";
import type { Numbered, Piece } from "./offline.ts";

const numberOf = (event: AnyEvent) => 16 * event.seqno + (event.event_name === "NativeTransfer" ? 1 : 0);

/** Events and gaps of a firehose's frames, each with its own seq, which the base of its ring gives. */
export function numbered(frames: readonly AnyFrame[]): Numbered[] {
  const items: Numbered[] = [];
  let base = 0;
  for (const { seq, Events = [], Warning } of frames) {
    if (Events.length > 0) base = seq - numberOf(Events.at(-1));
    for (const event of Events) items.push({ seq: base + numberOf(event), event });
    if (Warning !== undefined) items.push({ seq: gapSeq(base, Warning, items.at(-1)?.seq ?? 0), gap: Warning });
  }
  return items;
}

/** A gap is counted by its last lost event; the end of a ring comes behind everything of its last event. */
function gapSeq(base: number, { from_seqno, to_seqno }: AnyFrame, before: number): number {
  return Math.max(base + (to_seqno === undefined ? 16 * (from_seqno - 1) + 15 : 16 * to_seqno), before + 1);
}

/** The pieces of items as they are, as a replay has them. */
export function asPieces(items: readonly Numbered[]): Piece[] {
  return items.map(({ seq, event, gap }) => {
    if (gap !== undefined) return { seq, events: [], gap };
    const { block_id: _, ...rest } = event;
    return { seq, events: [rest] };
  });
}

/** Events and gaps of frames, in order. */
export function itemsOf(frames: readonly AnyFrame[]): AnyEvent[] {
  return frames.flatMap(({ Events, Warning }) => Events ?? (Warning === undefined ? [] : [Warning]));
}

/**
 * The pieces behind one seq up to another, as a subscription has them that begins at the first one. Votes before it of a
 * block whose start is not in the stream may come or not: protocol 7.3 and 7.4 speak of blocks that began in it.
 */
export function piecesBetween(pieces: readonly Piece[], after: number, to: number): Piece[] {
  return pieces.filter(({ seq }) => seq > after && seq <= to).map((piece) => {
    return { ...piece, votes: piece.votes?.filter((seq) => seq <= after) ?? [] };
  });
}

/**
 * The frames without what a subscription alone has lost: a gap takes half transactions and blocks with it that are held.
 * Each such Warning must name a reason of the firehose and a range that has as many events as it counts; the exact counts
 * are the matter of tests/stream/held_losses_test.ts.
 */
export function withoutOwnLosses(everything: readonly Numbered[], frames: readonly AnyFrame[]): AnyFrame[] {
  const gaps = everything.flatMap(({ gap }) => gap ?? []);
  const told = new Set(gaps.map((gap) => JSON.stringify(gap)));
  const reasons = new Set(gaps.map(({ reason }) => reason));
  return frames.filter(({ Warning }) => {
    if (Warning?.type !== "gap" || told.has(JSON.stringify(Warning))) return true;
    const { dropped, reason, from_seqno, to_seqno } = Warning;
    const within = everything.filter(({ event }) => event?.seqno >= from_seqno && event?.seqno <= to_seqno);
    assert.ok(reasons.has(reason) && dropped > 0 && dropped <= within.length, JSON.stringify(Warning));
    return false;
  });
}

/** Asserts that the events and gaps of frames are those of the pieces, and that each frame has the seq of its last piece. */
export function assertDelivered(frames: readonly AnyFrame[], pieces: readonly Piece[], what: string): void {
  const got = itemsOf(frames).map((item) => JSON.stringify(item));
  const endings = new Map<number, Piece>();
  let count = 0;
  for (const piece of pieces) {
    const items = piece.gap === undefined ? piece.events : [piece.gap];
    const before = count;
    for (const [i, item] of items.entries()) {
      // As text: the order of keys is part of the protocol, and comparing is faster.
      const text = JSON.stringify(item);
      if (got[count] === text) count++;
      else assert.ok(i < (piece.votes?.length ?? 0), `${what}: item ${count} is ${got[count]}, not ${text}`);
    }
    if (count > before) endings.set(count, piece);
  }
  assert.equal(got.length, count, `${what}: more than ${count} came, ${got[count]}`);
  assertSeqs(frames, endings, what);
}

/** Every frame has the seq of the piece that ends in it, and 0 if none does (protocol 3.4, 7.1). */
function assertSeqs(frames: readonly AnyFrame[], endings: ReadonlyMap<number, Piece>, what: string): void {
  let count = 0;
  for (const { seq, Events, Warning } of frames) {
    count += Warning === undefined ? Events?.length ?? 0 : 1;
    if (Events === undefined) continue;
    const ending = endings.get(count);
    const most = ending?.isLate ? ending.seq + 15 : ending?.seq ?? 0;
    const place = `${what}: the frame that ends with item ${count} has seq ${seq}, not ${ending?.seq ?? 0}`;
    assert.ok(seq >= (ending?.seq ?? 0) && seq <= most, place);
  }
}
