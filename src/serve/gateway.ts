// What every part of the edge needs to know of the running gateway; commands/start.ts makes the one there is.

import type { Config } from "../config.ts";
import type { Groups } from "../stream/groups.ts";
import type { HeldRange, StreamIdentity } from "../stream/hello.ts";
import type { Lifecycle } from "../stream/lifecycle.ts";
import type { Log } from "../stream/log.ts";
import type { Resumable } from "../stream/resume.ts";
import type { Snapshot } from "../stream/snapshot.ts";
import type { Source } from "../stream/source.ts";
import type { ConnectionTable } from "./connections.ts";

/** The running gateway. */
export interface Gateway {
  /** What the operator asked for. */
  readonly config: Config;
  /** What Hello says. */
  readonly identity: StreamIdentity;
  /** The log. */
  readonly log: Log;
  /** The subscribed clients. */
  readonly groups: Groups;
  /** The blocks on their way to finality. */
  readonly lifecycle: Lifecycle;
  /** The newest metrics. */
  readonly snapshot: Snapshot;
  /** From where clients may resume now. */
  readonly resumable: () => Resumable;
  /** Where the log comes from. */
  readonly source: Source;
  /** What the kernel knows of the clients' connections. */
  readonly connections: ConnectionTable;
  /** Messages of the stream, by the way they took; session.ts counts. */
  readonly sent: { direct: number; buffered: number };
  /** performance.now() when the newest entry was seen; undefined before the first. */
  readonly newestSeenMs: () => number | undefined;
}

/** Seqs that the window holds. */
export function heldRange(log: Log): HeldRange {
  if (log.head === log.oldest) return { oldest: 0, newest: 0 };
  return { oldest: log.seq(log.oldest), newest: log.seq(log.head - 1) };
}
