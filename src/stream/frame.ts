// From a position of a delivery list to the messages that go out: at most 64 KiB each, metric frames and gaps by
// themselves, releases in parts of which the last one can be resumed from. Used by group.ts; text is copied once per
// message, whoever gets it.

import type { Delivery, Release } from "./delivery.ts";
import { type Log, MAX_ADDED_BYTES, type Message, TPS_TYPE } from "./log.ts";

/** Most bytes of a frame, unless a single event is larger. Source: protocol 3.4. */
export const MAX_FRAME_BYTES = 1 << 16;
/** Bytes of the longest head of a server's frame. Source: RFC 6455 §5.2. */
export const MAX_HEAD_BYTES = 10;

/** One message for every client that stood at the same position, and where it stands then. */
export interface Frame {
  /** ASCII JSON. */
  readonly message: Message;
  /** Position behind what the message says. */
  readonly next: number;
}

const AFTER = "]}";
// Longest opening: {"seq":9007199254740991,"Events":[
const MAX_BODY_BYTES = MAX_FRAME_BYTES - 34 - AFTER.length;
const MAX_ENTRIES = 2048;
/** A message that is full ends at a multiple of so many positions, so that those who lag come to the same places. */
const ALIGNMENT = 32;

/** Makes frames; keeps nothing between two calls but its buffers. */
export class Framer {
  readonly #log: Log;
  readonly #spans = new Float64Array(2 * MAX_ENTRIES);
  readonly #entries = new Float64Array(MAX_ENTRIES);

  /** Makes frames of `log`. */
  constructor(log: Log) {
    this.#log = log;
  }

  /** The message at a position, of nothing from position `end` on; every entry between is held. */
  next(delivery: Delivery, position: number, end: number, withBlockIds: boolean): Frame {
    const around = delivery.releaseAround(position);
    if (around !== undefined) {
      const releaseEnd = around.at + around.release.count + 1;
      const from = Math.max(position, around.at + 1);
      return this.#released(delivery, from, releaseEnd, around.release, withBlockIds);
    }
    const mark = delivery.mark(position);
    if (typeof mark === "string") return { message: this.#log.message(mark, this.#spans, 0, ""), next: position + 1 };
    const entry = delivery.at(position);
    if (this.#log.type(entry) >= TPS_TYPE) return { message: this.#whole(entry), next: position + 1 };
    return withBlockIds ? this.#withBlockIds(delivery, position, end) : this.#merged(delivery, position, end);
  }

  #whole(entry: number): Message {
    const spans = this.#spans;
    [spans[0], spans[1]] = [this.#log.textAt(entry), this.#log.textLength(entry)];
    return this.#log.message("", spans, 1, "");
  }

  /** Events as they stand in the log; neighbours are one span. */
  #merged(delivery: Delivery, from: number, to: number): Frame {
    const log = this.#log;
    const spans = this.#spans;
    const next = this.#fitting(delivery, from, to, 1);
    let count = 0; // numbers in spans
    let end = -1; // text position right behind the last span
    for (let position = from; position < next; position++) {
      const entry = delivery.at(position);
      const at = log.textAt(entry);
      const length = log.textLength(entry) + 1;
      if (at === end) {
        spans[count - 1]! += length;
      } else {
        spans[count++] = at;
        spans[count++] = length;
      }
      end = at + length;
    }
    spans[count - 1]! -= 1; // no comma behind the last event
    const seq = log.seq(delivery.at(next - 1));
    return { message: log.message(`{"seq":${seq},"Events":[`, spans, count / 2, AFTER), next };
  }

  #withBlockIds(delivery: Delivery, from: number, to: number): Frame {
    const next = this.#fitting(delivery, from, to, MAX_ADDED_BYTES);
    for (let position = from; position < next; position++) this.#entries[position - from] = delivery.at(position);
    const seq = this.#log.seq(delivery.at(next - 1));
    const before = `{"seq":${seq},"Events":[`;
    return { message: this.#log.entriesMessage(before, this.#entries, next - from, 0, true, AFTER), next };
  }

  /** Position behind the events that fit into a message with so many bytes added to each; one fits whatever it has. */
  #fitting(delivery: Delivery, from: number, to: number, added: number): number {
    let bytes = 0;
    let position = from;
    for (; position < to && this.#isPlain(delivery, position); position++) {
      bytes += this.#log.textLength(delivery.at(position)) + added;
      if (position > from && (bytes > MAX_BODY_BYTES || position - from === MAX_ENTRIES)) {
        const aligned = position - position % ALIGNMENT;
        return aligned > from ? aligned : position;
      }
    }
    return position;
  }

  /** The next part of a release; only the last part has a seq that can be resumed from (protocol 7.1). */
  #released(delivery: Delivery, from: number, end: number, release: Release, withBlockIds: boolean): Frame {
    let position = from;
    let bytes = 0;
    let count = 0;
    for (; position < end; position++) {
      bytes += this.#log.textLength(delivery.at(position)) + MAX_ADDED_BYTES;
      if (count > 0 && (bytes > MAX_BODY_BYTES || count === MAX_ENTRIES)) break;
      this.#entries[count++] = delivery.at(position);
    }
    const before = `{"seq":${position === end ? release.seq : 0},"Events":[`;
    const message = this.#log.entriesMessage(before, this.#entries, count, release.stage, withBlockIds, AFTER);
    return { message, next: position };
  }

  /** Whether an event stands there that may share a frame with its neighbours. */
  #isPlain(delivery: Delivery, position: number): boolean {
    return delivery.mark(position) === undefined && this.#log.type(delivery.at(position)) < TPS_TYPE;
  }
}
