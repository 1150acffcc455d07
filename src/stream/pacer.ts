// When clients at the head of the log get their next message: at once when it is quiet, later when sending is most of
// what there is to do (protocol 11.2). Used by pump.ts.

import type { Log } from "./log.ts";

/** Some ten times what one message to one client costs beside its bytes, so that few messages cost little. */
const PAUSE_PER_MESSAGE_MS = 0.1;
/** Nobody waits longer; sending to everybody takes as long again where it is most of what there is to do. */
const LONGEST_PAUSE_MS = 10;
/** Bytes of text that fill a message, which gains nothing by waiting. The sidecar's wait ends with as many. */
const ENOUGH_TEXT = 1 << 16;

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

  /** Takes that a round of so many messages was sent. */
  delivered(messages: number): void {
    this.#delivered = this.#log.head;
    this.#dueMs = performance.now() + Math.min(messages * PAUSE_PER_MESSAGE_MS, LONGEST_PAUSE_MS);
  }
}
