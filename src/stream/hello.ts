// The Hello frame: what a client must know of the stream before its first event (protocol section 14).
// Sent by serve/session.ts before the answer to the first accepted Subscribe.

import type { Resume } from "./resume.ts";
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
}

/** Seqs that the window holds, both 0 while it is empty. */
export interface HeldRange {
  /** Seq of the oldest held entry. */
  readonly oldest: number;
  /** Seq of the newest entry. */
  readonly newest: number;
}

/** Limits that Hello announces. Source: protocol section 14. */
export interface Limits {
  /** Deliverable entries that the window is aimed at. */
  readonly backfillEvents: number;
  /** Batches by which a client may lag. */
  readonly bufferPerClient: number;
  /** Entries that a client may lose. */
  readonly slowOffLimit: number;
  /** Seconds between two looks at a client's activity. */
  readonly heartbeatInterval: number;
  /** Seconds without activity after which a client is closed. */
  readonly heartbeatTimeout: number;
  /** Items of a subscription; 0 for any number. */
  readonly maxSubscribes: number;
}

/** The Hello frame as JSON text, keys in the order of protocol section 14. */
export function helloFrame(
  identity: StreamIdentity,
  limits: Limits,
  status: SourceStatus,
  held: HeldRange,
  resume: Resume,
): string {
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
        backfill_events: limits.backfillEvents,
        buffer_per_client: limits.bufferPerClient,
        slow_off_limit: limits.slowOffLimit,
        heartbeat_interval: limits.heartbeatInterval,
        heartbeat_timeout: limits.heartbeatTimeout,
        max_subscribes: limits.maxSubscribes,
      },
      stream_id: identity.streamId,
      resume: resumeAnswer(resume, held),
      ...(status.hasCallFrames === false ? { call_frames: false } : {}),
      source: status.kind === "unknown" ? "live" : status.kind,
    },
  });
}

function resumeAnswer(resume: Resume, { oldest, newest }: HeldRange): Record<string, unknown> {
  const { status } = resume;
  if (status === "none") return { status, oldest, newest };
  const { requested } = resume;
  return { status, requested, oldest, newest, ...(status === "unavailable" ? { reason: resume.reason } : {}) };
}
