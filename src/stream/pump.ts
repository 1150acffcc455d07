// The loop that moves everything: wait for entries, take their metrics, deliver them, release what the window no longer
// keeps. commands/start.ts runs it; groups.ts delivers, window.ts says what stays.

import type { Groups } from "./groups.ts";
import type { Log } from "./log.ts";
import { Pacer } from "./pacer.ts";
import type { Snapshot } from "./snapshot.ts";
import { windowStart } from "./window.ts";

/** A log that grows. */
export interface GrowingLog extends Log {
  /**
   * Waits until there are entries after `head` or the time passed, and gives the head to advance to.
   *
   * For `pauseMs` from the call on, less text than fills a message is waited for to become more, and for `restMs` whatever
   * there is. One call at a time.
   */
  wait(timeoutMs: number, pauseMs?: number, restMs?: number): Promise<number>;
  /** Moves `head`. What is new is looked at in the same turn, before any client's message is. */
  advance(head: number): void;
}

/** While a client is behind, its socket is looked at this often. */
const BEHIND_WAIT_MS = 1;
/**
 * After a turn of a millisecond or more the thread rests for one part in so many of the time that it took: the runtime looks
 * at its sockets only when there is nothing else to do, and who is not reached directly, requests and what clients send
 * wait for that.
 */
const REST_SHARE = 8;
/** Otherwise nothing happens without a new entry; the wait ends so that an abort is seen. */
const IDLE_WAIT_MS = 500;

/**
 * Delivers the log until `signal` aborts.
 *
 * @param waitsForClients Whether the source is a recording: then nothing is released that a subscribed client has not
 * got, and the reader waits. A live ring waits for nobody: who is overtaken is told.
 */
export async function pump(
  log: GrowingLog,
  groups: Groups,
  snapshot: Snapshot,
  waitsForClients: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const pacer = new Pacer(log);
  let isBehind = false;
  let turnMs = 0;
  while (!signal.aborted) {
    const restMs = turnMs < 1 ? 0 : turnMs / REST_SHARE;
    const head = await log.wait(isBehind ? Math.max(BEHIND_WAIT_MS, restMs) : IDLE_WAIT_MS, pacer.pauseMs(), restMs);
    const beganMs = performance.now();
    log.advance(head);
    snapshot.advance();
    const waits = waitsForClients();
    const isDue = pacer.isDue();
    const { sends, bytes } = groups.sent;
    isBehind = groups.deliver(!waits, isDue);
    if (isDue) pacer.delivered(groups.sent.sends - sends, groups.sent.bytes - bytes, groups.size);
    const start = windowStart(log);
    if (start !== log.oldest) {
      const end = waits ? Math.min(start, groups.oldestCursor()) : start;
      groups.lose(end);
      log.release(end);
    }
    turnMs = performance.now() - beganMs;
  }
}
