// The fields that filters look at, by event, and their values in parsed events (protocol 6.5).
// offline.ts evaluates filters with them, random_subscription.ts draws filters from them.

import type { AnyEvent } from "../harness/client.ts";

/** Events that filters are drawn for, and their fields. */
export const FIELDS: Readonly<Record<string, readonly string[]>> = {
  TxnHeaderStart: ["txn_index", "sender", "to", "function_selector", "value"],
  TxnAccessListEntry: ["txn_index", "address"],
  TxnLog: ["txn_index", "log_index", "address", "topics"],
  TxnCallFrame: ["txn_index", "caller", "call_target", "value"],
  NativeTransfer: ["caller", "call_target", "value"],
  TxnEvmOutput: ["txn_index", "status"],
  AccountAccess: ["address"],
  StorageAccess: ["txn_index", "address"],
};

/** The value that a field of a filter looks at. */
export function valueOf(event: AnyEvent, field: string): AnyEvent {
  if (field === "txn_index") return event.txn_idx;
  if (field === "function_selector") {
    return event.payload.data.length >= 10 ? event.payload.data.slice(0, 10) : undefined;
  }
  if (field === "to" && event.payload.is_contract_creation) return undefined;
  return event.payload[field];
}
