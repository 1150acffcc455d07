// When clients at the head of the log get their next message: at once when it is quiet, later when sending is most of
// what there is to do (protocol 11.2). Used by pump.ts.

import type { Log } from "./log.ts";

/**
 * The square of this many sends is a pause of one millisecond: few clients wait for next to nothing, while for many what a
 * send costs beside its bytes is kept to a tenth of the time.
 */
const SENDS_PER_PAUSE = 32;
/** Nobody waits longer; sending to everybody takes as long again where it is most of what there is to do. */
const LONGEST_PAUSE_MS = 6;
/** Bytes of text that are worth a message, which gains nothing by waiting. The sidecar's wait ends with as many. */
const ENOUGH_TEXT = 56 << 10;

/** Keeps the time between two rounds of messages. */
export class Pacer {
  readonly #log: Log;
  #dueMs = 0;
  /** Entry that the last round ended with. */
  #delivered = 0;

  /** A pacer for clients of `log`. */
  constructor(log: Log) {
    this.#log = log;
  }

  /** Milliseconds until the next round is due, unless a message is full before. */
  pauseMs(): number {
    return Math.max(0, this.#dueMs - performance.now());
  }

  /** Whether the next round is due. */
  isDue(): boolean {
    if (this.pauseMs() === 0) return true;
    const { head, oldest } = this.#log;
    const first = Math.max(this.#delivered, oldest);
    return first < head && this.#log.textAt(head - 1) - this.#log.textAt(first) >= ENOUGH_TEXT;
  }

  /** Takes that a round was sent by so many calls. */
  delivered(sends: number): void {
    this.#delivered = this.#log.head;
    this.#dueMs = performance.now() + Math.min((sends / SENDS_PER_PAUSE) ** 2, LONGEST_PAUSE_MS);
  }
}
