// A cursor's way through the log: what a subscription wants of it, in frames of at most 64 KiB.
// Reads a Log; group.ts sends the frames. Text is copied once per frame, whoever gets it.

import { GAP_TYPE, type Log } from "./log.ts";

/** Most bytes of a frame, unless a single event is larger. Source: protocol 3.4. */
export const MAX_FRAME_BYTES = 1 << 16;

/** One message for every client whose cursor stood at the same place, and where it stands then. */
export interface Frame {
  /** ASCII JSON; undefined if nothing was wanted. */
  readonly text: string | undefined;
  /** Entry number of the cursor behind the frame. */
  readonly next: number;
}

const AFTER = "]}";
// Longest opening: {"seq":9007199254740991,"Events":[
const MAX_BODY_BYTES = MAX_FRAME_BYTES - 34 - AFTER.length;

/** Makes frames; keeps nothing between two calls but its buffer of spans. */
export class Framer {
  readonly #log: Log;
  readonly #spans = new Float64Array(2 * 2048);

  /** Makes frames of `log`. */
  constructor(log: Log) {
    this.#log = log;
  }

  /**
   * The next frame at or after entry `from`. It ends before 64 KiB, before a gap and at the head; a gap is a frame
   * of its own, for every subscription.
   *
   * @param wanted By entry type, 1 for what the subscription wants.
   * @param from At least the log's oldest entry.
   */
  next(wanted: Uint8Array, from: number): Frame {
    const log = this.#log;
    const spans = this.#spans;
    const { head } = log;
    let count = 0; // numbers in spans
    let bytes = 0;
    let end = -1; // position right behind the last span
    let seq = 0;
    let entry = from;
    for (; entry < head; entry++) {
      const type = log.type(entry);
      if (wanted[type] !== 1 && type !== GAP_TYPE) continue;
      const at = log.textAt(entry);
      const length = log.textLength(entry);
      if (type === GAP_TYPE) {
        if (count > 0) break;
        [spans[0], spans[1]] = [at, length];
        return { text: log.text("", spans, 1, ""), next: entry + 1 };
      }
      if (count > 0 && bytes + length > MAX_BODY_BYTES) break;
      if (at === end) {
        spans[count - 1]! += length + 1;
      } else {
        if (count === spans.length) break;
        spans[count++] = at;
        spans[count++] = length + 1;
      }
      end = at + length + 1;
      bytes += length + 1;
      seq = log.seq(entry);
    }
    if (count === 0) return { text: undefined, next: head };
    spans[count - 1]! -= 1; // no comma behind the last event
    return { text: log.text(`{"seq":${seq},"Events":[`, spans, count / 2, AFTER), next: entry };
  }
}
