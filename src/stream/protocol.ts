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

/** Anything that `subscribe` may list; the index plus one is the type of its entries in the log. */
export const ITEMS = [...EVENT_NAMES, ...METRIC_ITEMS] as const;

/** Stages of a block id; the index plus one is the stage's number in the log. Source: protocol 4.4 and 8.4. */
export const STAGES = ["Proposed", "Voted", "Finalized", "Verified", "Rejected", "Abandoned"] as const;

/** Stages that a subscription may wait for. Source: protocol 7.1. */
export const MIN_STAGES = ["Proposed", "Voted", "Finalized", "Verified"] as const;

/** Events that may belong to a transaction and have its index. Source: protocol 4.3 and section 5. */
export const TRANSACTION_EVENTS = [
  ...["TxnHeaderStart", "TxnAccessListEntry", "TxnAuthListEntry", "TxnHeaderEnd", "TxnReject"] as const,
  ...["TxnPerfEvmEnter", "TxnPerfEvmExit", "TxnEvmOutput", "TxnLog", "TxnCallFrame", "TxnEnd"] as const,
  ...["AccountAccessListHeader", "AccountAccess", "StorageAccess", "EvmError", "NativeTransfer"] as const,
] as const;

/** The fields a filter may test, by the events that have them; the first seven are the seeds'. Source: protocol 6.5. */
export const FILTER_EVENTS = {
  txn_index: TRANSACTION_EVENTS,
  log_index: ["TxnLog"],
  address: ["TxnLog", "TxnAccessListEntry", "AccountAccess", "StorageAccess"],
  topics: ["TxnLog"],
  sender: ["TxnHeaderStart"],
  to: ["TxnHeaderStart"],
  function_selector: ["TxnHeaderStart"],
  caller: ["TxnCallFrame", "NativeTransfer"],
  call_target: ["TxnCallFrame", "NativeTransfer"],
  value: ["TxnHeaderStart", "TxnCallFrame", "NativeTransfer"],
  status: ["TxnEvmOutput"],
} as const satisfies Readonly<Record<string, readonly EventName[]>>;

/** Names of the fields in the order of FILTER_EVENTS, which is that of Hello's `available_filters`. */
export const FILTER_FIELDS = Object.keys(FILTER_EVENTS) as FilterField[];

/** Name of an event on the wire. */
export type EventName = (typeof EVENT_NAMES)[number];
/** Name of a metric item on the wire. */
export type MetricItem = (typeof METRIC_ITEMS)[number];
/** Anything that `subscribe` may list. */
export type Item = EventName | MetricItem;
/** A stage that a subscription may wait for. */
export type MinStage = (typeof MIN_STAGES)[number];
/** A field that a filter may test. */
export type FilterField = keyof typeof FILTER_EVENTS;

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
