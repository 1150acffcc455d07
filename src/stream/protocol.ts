// The words of the wire: event names, metric items, stages, and the frames that are not events.
// Shared by subscription.ts, group.ts, serve/ and every client; imports nothing.

/** Names of the ring's event types; the index plus one is the ring's code. Source: protocol section 5. */
export const RING_EVENT_NAMES = [
  "RecordError",
  "BlockStart",
  "BlockReject",
  "BlockPerfEvmEnter",
  "BlockPerfEvmExit",
  "BlockEnd",
  "BlockQC",
  "BlockFinalized",
  "BlockVerified",
  "TxnHeaderStart",
  "TxnAccessListEntry",
  "TxnAuthListEntry",
  "TxnHeaderEnd",
  "TxnReject",
  "TxnPerfEvmEnter",
  "TxnPerfEvmExit",
  "TxnEvmOutput",
  "TxnLog",
  "TxnCallFrame",
  "TxnEnd",
  "AccountAccessListHeader",
  "AccountAccess",
  "StorageAccess",
  "EvmError",
] as const;

/** Every event a client may name: the ring's, then the derived NativeTransfer (code 25). Source: protocol 6.2. */
export const EVENT_NAMES = [...RING_EVENT_NAMES, "NativeTransfer"] as const;

/** Items of a subscription that are frames of their own and no events. Source: protocol 6.2. */
export const METRIC_ITEMS = ["TPS", "ContentionData", "TopAccesses", "Lifecycle"] as const;

/** Name of an event on the wire. */
export type EventName = (typeof EVENT_NAMES)[number];
/** Name of a metric item on the wire. */
export type MetricItem = (typeof METRIC_ITEMS)[number];
/** Anything that `subscribe` may list. */
export type Item = EventName | MetricItem;

/** Events that are not delivered unless the operator says so. Source: protocol 6.4. */
export const DEFAULT_BLOCKED_EVENTS: readonly EventName[] = [
  "AccountAccess",
  "StorageAccess",
  "RecordError",
  "EvmError",
];

/** The name in `names` that `word` most likely meant (edit distance at most a third of its length), if any. */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(word.slice(0, 64).toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, substitution));
    }
    row = next;
  }
  return row[b.length]!;
}
