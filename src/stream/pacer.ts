// When clients at the head of the log get their next message: at once when it is quiet, later when sending is most of
// what there is to do (protocol 11.2). Used by pump.ts.

import type { Log } from "./log.ts";

/**
 * The square of this many sends is a pause of one millisecond: few clients wait for next to nothing, while for many what a
 * send costs beside its bytes is kept to a tenth of the time.
 */
const SENDS_PER_PAUSE = 32;
/** Longest pause, of which half of the time is taken off that the round itself took: the last client waits for that too. */
const LONGEST_PAUSE_MS = 7;
/** Bytes that are worth a message, which gains nothing by waiting. The sidecar's wait ends with as much text. */
const ENOUGH_BYTES = 56 << 10;

/** Keeps the time between two rounds of messages. */
export class Pacer {
  readonly #log: Log;
  #dueMs = 0;
  #beganMs = 0;
  /** Where the text ended in the last round. */
  #textAt = 0;
  /** Text that brings enough for a message, as far as the last round tells how much of it a client gets. */
  #enoughText = ENOUGH_BYTES;

  /** A pacer for clients of `log`. */
  constructor(log: Log) {
    this.#log = log;
  }

  /** Milliseconds until the next round is due, unless a message is full before. */
  pauseMs(): number {
    return Math.max(0, this.#dueMs - performance.now());
  }

  /** Whether the next round is due; if so, it begins now. */
  isDue(): boolean {
    this.#beganMs = performance.now();
    return this.#beganMs >= this.#dueMs || this.#textEnd() - this.#textAt >= this.#enoughText;
  }

  /** Takes that a round was sent by so many calls, with so many bytes to so many clients in all. */
  delivered(sends: number, bytes: number, clients: number): void {
    const end = this.#textEnd();
    this.#enoughText = ENOUGH_BYTES * Math.max(1, (end - this.#textAt) * clients / Math.max(1, bytes));
    this.#textAt = end;
    const now = performance.now();
    const longestMs = LONGEST_PAUSE_MS - (now - this.#beganMs) / 2;
    this.#dueMs = now + Math.min((sends / SENDS_PER_PAUSE) ** 2, longestMs);
  }

  /** Where the text ends now. */
  #textEnd(): number {
    const { head, oldest } = this.#log;
    return head === oldest ? this.#textAt : this.#log.textAt(head - 1) + this.#log.textLength(head - 1);
  }
}
