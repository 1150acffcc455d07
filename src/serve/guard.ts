// Liveness, budgets and eviction (protocol 11.1–11.3): turns the kernel's table of connections into who stays.
// server.ts tells it of requests and clients, session.ts is told to close; what does not close is cut.

import type { Config } from "../config.ts";
import { getLogger } from "../logging.ts";
import { peerName } from "./address.ts";
import { UndeliveredBytes } from "./budget.ts";
import { CLOSE, heartbeatClose } from "./close.ts";
import { Connection, type ConnectionTable, type GuardedClient } from "./connections.ts";

const logger = getLogger("guard");

/** How often the table is looked at while there are clients; a flood cannot be larger than what comes meanwhile. */
const LOOK_MS = 50;
/** How often it is looked at without clients. */
const IDLE_LOOK_MS = 250;
/** Looks take at most one part in so many of the time, unless there are more connections than may be. */
const LOOK_SHARE = 50;
/** The same while the thread that would read a flood is idle, which is one part in so many of the time and less. */
const IDLE_LOOK_SHARE = 1000;
const IDLE_SHARE = 10;
/** Longest pause all the same: the kernel gives up a connection that stalls unless it is looked at in time. */
const LONGEST_PAUSE_MS = 700;
/** How long a client may take to answer a close; with a look after it the connection is gone within 2 s. */
const CLOSE_MS = 1200;
/** How often freed memory is given back after a cut, and how long: Deno lets go of it when it comes to that. */
const TRIM_MS = 250;
const TRIM_FOR_MS = 1000;
/** How long a client may acknowledge nothing while data waits. Source: protocol 11.2. */
const STALL_MS = 30_000;
/** How long a request may take to come whole, counted from the connection or from its first byte. */
const REQUEST_MS = 5000;
/** How long a connection may stay without a request. */
const KEEP_ALIVE_MS = 60_000;
/** Most connections that are no clients. */
export const MAX_OTHERS = 512;

/** Watches every connection of the port. */
export class Guard {
  readonly #table: ConnectionTable;
  readonly #config: Pick<Config, "heartbeatInterval" | "heartbeatTimeout">;
  readonly #port: number;
  readonly #byCookie = new Map<number, Connection>();
  readonly #byPeer = new Map<string, Connection>();
  readonly #budgets = new WeakMap<GuardedClient, UndeliveredBytes>();
  readonly #timer: ReturnType<typeof setInterval>;
  #clients = 0;
  #look = 0;
  /** When the last look was and how long it took; when the last tick was and how much the thread had done by then. */
  #lookMs = -Infinity;
  #costMs = 0;
  #busyMs = 0;
  #tickedMs = -Infinity;
  #heartbeatMs = performance.now();
  /** When something was last cut, and when memory is to be given back for it. */
  #cutMs = -Infinity;
  #trimMs = Infinity;
  /** Whether the last look found more connections that are no clients than may be. */
  #isFlooded = false;
  #hasFailed = false;

  /** Begins to watch the connections accepted on `port`. */
  constructor(table: ConnectionTable, config: Pick<Config, "heartbeatInterval" | "heartbeatTimeout">, port: number) {
    this.#table = table;
    this.#config = config;
    this.#port = port;
    // The first look opens what the later ones need, while there are descriptors.
    this.#tick();
    this.#timer = setInterval(() => this.#tick(), LOOK_MS);
  }

  /** Stops watching. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** A request came whole over the connection of this peer. */
  requestBegan(peer: string): void {
    const connection = this.#connectionOf(peer);
    connection.requests++;
    connection.hasAsked = true;
    connection.owingMs = undefined;
  }

  /** The request was answered, or its connection is gone. */
  requestEnded(peer: string): void {
    const connection = this.#byPeer.get(peer);
    if (connection === undefined) return;
    connection.requests = Math.max(0, connection.requests - 1);
    connection.answeredMs = performance.now();
  }

  /** The connection of this peer is a client's now. */
  enter(peer: string, client: GuardedClient): void {
    const connection = this.#connectionOf(peer);
    const former = connection.client;
    connection.client = client;
    connection.isConnected = false;
    connection.leftMs = undefined;
    this.#lookMs = -Infinity;
    this.#budgets.set(client, new UndeliveredBytes());
    this.#clients++;
    // No two connections have the same peer at one time, so the former one ended without a word.
    former?.lost();
  }

  /** The client is gone; a connection that stays because of what it does not read is cut as if the server had closed it. */
  leave(peer: string, client: GuardedClient): void {
    this.#clients--;
    const connection = this.#byPeer.get(peer);
    if (connection?.client !== client) return;
    connection.client = undefined;
    connection.leftMs ??= performance.now();
  }

  /** Cuts every connection that is no client's: for when there is no descriptor left to accept with. */
  cutOthers(): void {
    this.#try(() => {
      const rows: number[] = [];
      for (let row = this.#table.refresh(this.#port) - 1; row >= 0; row--) {
        if (this.#byPeer.get(this.#peerOf(row))?.client === undefined) rows.push(row);
      }
      this.#table.cut(this.#port, rows);
    });
  }

  #tick(): void {
    const nowMs = performance.now();
    if (nowMs - this.#lookMs < this.#pauseMs(nowMs)) return;
    this.#try(() => this.#watch(nowMs));
    [this.#lookMs, this.#costMs] = [nowMs, performance.now() - nowMs];
  }

  /** The pause between two looks: a thread that has nothing to do is not being flooded. */
  #pauseMs(nowMs: number): number {
    const busyMs = this.#table.busyMs();
    const isIdle = (busyMs - this.#busyMs) * IDLE_SHARE <= nowMs - this.#tickedMs;
    [this.#busyMs, this.#tickedMs] = [busyMs, nowMs];
    if (this.#isFlooded) return 0;
    // Half of the timer's period less, so that a timer that is a little early is not in vain.
    const emptyMs = this.#clients === 0 ? IDLE_LOOK_MS - LOOK_MS / 2 : 0;
    const shareMs = this.#costMs * (isIdle ? IDLE_LOOK_SHARE : LOOK_SHARE);
    return Math.max(emptyMs, Math.min(shareMs, LONGEST_PAUSE_MS));
  }

  /** Does something with the table; a failure is said once and does not end the service. */
  #try(work: () => void): void {
    try {
      work();
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) logger.error("Connections cannot be watched", { error });
      this.#hasFailed = true;
    }
  }

  #watch(nowMs: number): void {
    const table = this.#table;
    const count = table.refresh(this.#port);
    this.#look++;
    const isHeartbeat = nowMs - this.#heartbeatMs >= this.#config.heartbeatInterval * 1000;
    if (isHeartbeat) this.#heartbeatMs = nowMs;
    const cut: number[] = [];
    const others: { readonly row: number; readonly sinceMs: number }[] = [];
    for (let row = 0; row < count; row++) {
      const connection = this.#see(row, nowMs);
      const read = table.readBytes(row) - connection.readBytes;
      connection.readBytes += read;
      const acked = table.ackedBytes(row);
      if (acked !== connection.ackedBytes || table.waitingBytes(row) === 0) connection.progressMs = nowMs;
      connection.ackedBytes = acked;
      const { client } = connection;
      if (client !== undefined) {
        if (!connection.isConnected) client.connected(table.direct(row), table.receivedBytes(row));
        connection.isConnected = true;
        if (isHeartbeat && table.dataReceivedMsAgo(row) > this.#config.heartbeatTimeout * 1000) {
          client.close(heartbeatClose(this.#config.heartbeatTimeout));
        }
        // Deno ends a client whose peer sent a FIN, but sees none while its socket is full.
        if (table.hasEnded(row)) connection.leftMs ??= nowMs;
        if (hasLeft(connection, nowMs) || this.#mustGo(connection, client, read, nowMs)) cut.push(row);
      } else if (isOverdue(connection, read, nowMs)) cut.push(row);
      else if (connection.requests === 0) others.push({ row, sinceMs: connection.owingMs ?? connection.answeredMs });
    }
    this.#isFlooded = others.length > MAX_OTHERS;
    if (this.#isFlooded) {
      others.sort((a, b) => a.sinceMs - b.sinceMs);
      for (const { row } of others.slice(0, others.length - MAX_OTHERS)) cut.push(row);
    }
    this.#forget();
    if (nowMs >= this.#trimMs) {
      table.trimMemory();
      this.#trimMs = nowMs - this.#cutMs < TRIM_FOR_MS ? nowMs + TRIM_MS : Infinity;
    }
    if (cut.length === 0) return;
    [this.#cutMs, this.#trimMs] = [nowMs, Math.min(this.#trimMs, nowMs + TRIM_MS)];
    logger.info("Connections were cut", { connections: table.cut(this.#port, cut) });
  }

  /** The connection of a row; a cookie that was never seen is a new one, also if its peer's port was used before. */
  #see(row: number, nowMs: number): Connection {
    const cookie = this.#table.cookie(row);
    let connection = this.#byCookie.get(cookie);
    if (connection === undefined) {
      const peer = this.#peerOf(row);
      connection = this.#connectionOf(peer);
      if (connection.cookie !== 0) {
        // What was told of this peer since the last look was about this connection; the former one has ended.
        const { client, requests, hasAsked, answeredMs } = connection;
        connection = Object.assign(new Connection(peer, nowMs), { client, requests, hasAsked, answeredMs });
        if (hasAsked) connection.owingMs = undefined;
        this.#byPeer.set(peer, connection);
      }
      connection.cookie = cookie;
      this.#byCookie.set(cookie, connection);
    }
    connection.seenAt = this.#look;
    return connection;
  }

  /** Whether a client's connection is to be cut; asks it to close where that comes first. */
  #mustGo(connection: Connection, client: GuardedClient, read: number, nowMs: number): boolean {
    if (nowMs - connection.progressMs >= STALL_MS) client.close(CLOSE.slow);
    const isWithinBudget = this.#budgets.get(client)?.take(read, client.deliveredBytes, nowMs) ?? true;
    // There is no time to ask: what comes is gathered in memory as fast as it can be sent.
    if (!isWithinBudget) client.close(CLOSE.tooBig);
    return !isWithinBudget || (client.closedMs !== undefined && nowMs - client.closedMs >= CLOSE_MS);
  }

  /** Forgets the connections that this look did not see; their clients are gone, whether their sockets know it or not. */
  #forget(): void {
    for (const [cookie, connection] of this.#byCookie) {
      if (connection.seenAt === this.#look) continue;
      this.#byCookie.delete(cookie);
      if (this.#byPeer.get(connection.peer) !== connection) continue;
      this.#byPeer.delete(connection.peer);
      connection.client?.lost();
    }
    // What came and went between two looks.
    for (const [peer, connection] of this.#byPeer) {
      if (connection.cookie !== 0) continue;
      this.#byPeer.delete(peer);
      connection.client?.lost();
    }
  }

  #connectionOf(peer: string): Connection {
    let connection = this.#byPeer.get(peer);
    if (connection === undefined) {
      connection = new Connection(peer, performance.now());
      this.#byPeer.set(peer, connection);
    }
    return connection;
  }

  #peerOf(row: number): string {
    return peerName(this.#table.peerAddress(row), this.#table.peerPort(row));
  }
}

/** Whether a client's connection has had the time that it may stay once the client is gone. */
function hasLeft({ leftMs }: Connection, nowMs: number): boolean {
  return leftMs !== undefined && nowMs - leftMs >= CLOSE_MS;
}

/** Whether a connection that is no client's has had its time. */
function isOverdue(connection: Connection, read: number, nowMs: number): boolean {
  if (nowMs - connection.progressMs >= STALL_MS) return true;
  if (connection.leftMs !== undefined) return hasLeft(connection, nowMs);
  if (connection.requests > 0) return false;
  if (connection.hasAsked) connection.hasAsked = false;
  else if (read > 0) connection.owingMs ??= nowMs;
  if (connection.owingMs !== undefined) return nowMs - connection.owingMs >= REQUEST_MS;
  return nowMs - connection.answeredMs >= KEEP_ALIVE_MS;
}
