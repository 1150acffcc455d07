// What a client may say, as it is once schema.ts has parsed it; the types of its zod schemas, spelled out.
// Read by subscription.ts and subscription_filters.ts.

import type { EventName, Item, MinStage } from "./protocol.ts";

/** An inclusive range; hex text only where the value may have 256 bits. */
export interface RangeFilter {
  /** Smallest that matches. */
  readonly min?: number | string | undefined;
  /** Largest that matches. */
  readonly max?: number | string | undefined;
}

/** One test of one field. Source: protocol 6.5. */
export type FieldFilter =
  | { readonly field: "txn_index" | "log_index" | "value"; readonly filter: RangeFilter }
  | { readonly field: "topics"; readonly filter: { readonly values: readonly (string | null | readonly string[])[] } }
  | { readonly field: "status"; readonly filter: { readonly values: readonly boolean[] } }
  | {
    readonly field: "address" | "sender" | "to" | "function_selector" | "caller" | "call_target";
    readonly filter: { readonly values: readonly string[] };
  };

/** All tests of one filter must pass. */
export interface EventFilter {
  /** The event it is for. */
  readonly event_name: EventName;
  /** Empty: everything passes. */
  readonly field_filters: readonly FieldFilter[];
}

/** The extended form of a Subscribe. Source: protocol 6.1, 6.7. */
export interface ExtendedSubscribe {
  /** What is subscribed, duplicates included. */
  readonly events: readonly Item[];
  /** Filters of one event are alternatives. */
  readonly filters?: readonly EventFilter[] | undefined;
  /** Events of a block are held back until it has this stage. */
  readonly min_stage?: MinStage | undefined;
  /** Whether the rest of a matching transaction is delivered. */
  readonly correlate?: boolean | "transaction" | undefined;
  /** Repeated in the answer. */
  readonly id?: string | number | undefined;
  /** Whether events carry their block id. */
  readonly block_ids?: boolean | undefined;
  /** Whether notices are sent. */
  readonly notices?: boolean | undefined;
}

/** How a client may introduce itself. Source: protocol section 13. */
export interface HelloBody {
  /** Version of the protocol that the client speaks. */
  readonly protocol_version?: number | undefined;
  /** Its name. */
  readonly client_name?: string | undefined;
  /** Its version. */
  readonly client_version?: string | undefined;
}
