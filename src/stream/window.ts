// What the log keeps: the newest entries that fill three quarters of its memory; the rest is room for the writer.
// Asked by pump.ts after every look at the log.

import type { Log } from "./log.ts";

const KEPT_SHARE = 3 / 4;

/** Number of the oldest entry that stays; everything before it may be released. */
export function windowStart(log: Log): number {
  const { head, oldest } = log;
  if (head === oldest) return oldest;
  const newest = head - 1;
  const textEnd = log.textAt(newest) + log.textLength(newest);
  const firstByIndex = head - Math.floor(log.indexCapacity * KEPT_SHARE);
  const firstText = textEnd - log.textSize * KEPT_SHARE;
  let low = Math.max(oldest, firstByIndex);
  let high = head;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (log.textAt(middle) < firstText) low = middle + 1;
    else high = middle;
  }
  return low;
}
