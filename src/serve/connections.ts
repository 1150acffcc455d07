// What guard.ts needs from the kernel; native/connections.ts has it from the sidecar.

import type { DirectSocket } from "../stream/fanout.ts";

/** The connections accepted on one port, as of the last refresh(); rows are numbered from 0. */
export interface ConnectionTable {
  /** Descriptors that this process may have. */
  readonly descriptorLimit: number;
  /** Reads the table again; returns the number of rows. */
  refresh(port: number): number;
  /** What names the connection among all others. */
  cookie(row: number): number;
  /** Bytes that came from the peer. */
  receivedBytes(row: number): number;
  /** Bytes that came from the peer and that this process has read. */
  readBytes(row: number): number;
  /** Bytes that the peer acknowledged. */
  ackedBytes(row: number): number;
  /** Above 0 while bytes wait to be sent or acknowledged. */
  waitingBytes(row: number): number;
  /** Milliseconds since data came from the peer. */
  dataReceivedMsAgo(row: number): number;
  /** Whether the peer has ended its side, so that nothing more can come from it. */
  hasEnded(row: number): boolean;
  /** The way past Deno to the connection's socket. */
  direct(row: number): DirectSocket;
  /** The peer's port. */
  peerPort(row: number): number;
  /** The peer's address, in any form. */
  peerAddress(row: number): string;
  /** Resets connections of the last refresh(), unless they have ended since; returns how many it reset. */
  cut(port: number, rows: readonly number[]): number;
  /** Milliseconds of processor time that the thread that serves clients has used. */
  busyMs(): number;
  /** Gives freed memory back to the system. */
  trimMemory(): void;
}

/** A client as guard.ts sees it; session.ts is one. */
export interface GuardedClient {
  /** Bytes of all messages that it sent and that were delivered whole, frame heads included. */
  readonly deliveredBytes: number;
  /** performance.now() when the server closed it; undefined while it is open. */
  readonly closedMs: number | undefined;
  /** Takes the way past Deno to its socket, which has brought so many bytes so far. */
  connected(direct: DirectSocket, receivedBytes: number): void;
  /** Closes it and says why. */
  close(reason: readonly [code: number, reason: string]): void;
  /** Its connection is gone, whatever its socket says. */
  lost(): void;
}

/** What guard.ts remembers of one connection between two looks at the table. */
export class Connection {
  /** 0 until it was seen in the table. */
  cookie = 0;
  /** Number of the look that saw it last. */
  seenAt = 0;
  /** The client that it was upgraded for. */
  client: GuardedClient | undefined;
  /** Whether the client knows the way past Deno. */
  isConnected = false;
  /** Since when that client is gone, or its peer has ended its side; undefined before, and without a client. */
  leftMs: number | undefined;
  /** Requests that are being answered. */
  requests = 0;
  /** Whether a request came since the last look: bytes received meanwhile are its own. */
  hasAsked = false;
  /** Since when it owes a whole request; undefined after one came and nothing since. */
  owingMs: number | undefined;
  /** When its last request was answered. */
  answeredMs = 0;
  /** Bytes read as of the last look. */
  readBytes = 0;
  /** Bytes acknowledged as of the last look. */
  ackedBytes = 0;
  /** When a byte was last acknowledged, or nothing waited to be. */
  progressMs: number;

  /** A connection that is known since `nowMs` to be there. */
  constructor(readonly peer: string, nowMs: number) {
    this.owingMs = nowMs;
    this.progressMs = nowMs;
  }
}
