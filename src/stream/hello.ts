// The Hello frame: what a client must know of the stream before its first event (protocol section 14).
// Sent by serve/session.ts before the answer to the first accepted Subscribe.

import type { SourceStatus } from "./source.ts";

/** Version of the wire protocol. */
export const PROTOCOL_VERSION = 1;

/** Names of the filters of the seeds, in their order. */
const AVAILABLE_FILTERS = ["txn_index", "log_index", "address", "topics", "sender", "to", "function_selector"];

/** What Hello says that does not change while the gateway runs. */
export interface StreamIdentity {
  /** Semantic version of the gateway. */
  readonly serverVersion: string;
  /** Names this stream: seqs of another one mean nothing here. */
  readonly streamId: string;
  /** Names of events that are never delivered. */
  readonly blockedEvents: readonly string[];
  /** 0 for any number. */
  readonly maxSubscribes: number;
  /** How often clients are looked at for signs of life, in seconds. */
  readonly heartbeatInterval: number;
  /** How long a client may stay silent, in seconds. */
  readonly heartbeatTimeout: number;
}

/** Seqs that the window holds, both 0 while it is empty. */
export interface HeldRange {
  /** Seq of the oldest held entry. */
  readonly oldest: number;
  /** Seq of the newest entry. */
  readonly newest: number;
}

/** The Hello frame as JSON text, keys in the order of protocol section 14. */
export function helloFrame(
  identity: StreamIdentity,
  status: SourceStatus,
  held: HeldRange,
  requested: number | undefined,
): string {
  const resume = requested === undefined
    ? { status: "none", oldest: held.oldest, newest: held.newest }
    : { status: "unavailable", requested, oldest: held.oldest, newest: held.newest };
  return JSON.stringify({
    seq: 0,
    Hello: {
      protocol_version: PROTOCOL_VERSION,
      server_version: identity.serverVersion,
      chain_id: status.chainId,
      block_number: status.blockNumber,
      available_filters: AVAILABLE_FILTERS,
      blocked_events: identity.blockedEvents,
      limits: {
        backfill_events: 100000,
        buffer_per_client: 4096,
        slow_off_limit: 10000,
        heartbeat_interval: identity.heartbeatInterval,
        heartbeat_timeout: identity.heartbeatTimeout,
        max_subscribes: identity.maxSubscribes,
      },
      stream_id: identity.streamId,
      resume,
      ...(status.hasCallFrames === false ? { call_frames: false } : {}),
      source: status.kind === "unknown" ? "live" : status.kind,
    },
  });
}
