// One client in a group: where it stands, what it must still be told, and what it lost by being slow (protocol 11.2).
// Kept by groups.ts.

import type { Delivery } from "./delivery.ts";
import type { DirectSocket, Outcome } from "./fanout.ts";
import type { Group } from "./group.ts";
import type { Message } from "./log.ts";
import type { Subscription } from "./subscription.ts";

/** A client gets its next message only while no more than this waits in its socket. Source: deno §2.2b. */
export const MAX_UNSENT_BYTES = 1 << 16;
/** Drops between two warnings. Source: protocol 10.1. */
const DROPS_PER_WARNING = 1000;

/** The way to a client. */
export interface Outlet {
  /** Bytes handed to send() that the kernel has not taken yet; Infinity while it has no room for more. */
  readonly unsentBytes: number;
  /** Where what the log composed goes without send(); undefined while something else has to go first. */
  readonly direct: DirectSocket | undefined;
  /** Takes one message. What the log composed is read before it composes the next one. */
  send(message: Message | string): void;
  /** Takes what became of so many messages at `direct`; what was not taken is sent again, if refused with send(). */
  settle(outcome: Outcome, messages: number): void;
  /** More was dropped than a client may lose. */
  evict(): void;
}

/** A client as the groups see it. */
export interface Receiver extends Outlet {
  /** Everything that was to be replayed has been sent; it has left the groups. */
  replayed(): void;
}

/** A subscription that takes over when what came before it is delivered. */
export interface Successor {
  /** What is subscribed. */
  readonly subscription: Subscription;
  /** Entry that it begins with. */
  readonly from: number;
  /** Messages that precede what it delivers. */
  readonly tail: readonly string[];
}

/** A client in a group. */
export interface Member {
  /** The client. */
  readonly receiver: Receiver;
  /** Where it is now. */
  group: Group;
  /** Position in the group's delivery list. */
  cursor: number;
  /** Position at which the first successor takes over; Infinity without one. */
  until: number;
  /** What it gets next, the first first. */
  readonly successors: Successor[];
  /** Whether it leaves when everything is delivered. */
  isReplay: boolean;
  /** Messages that precede the next frame. */
  readonly pending: string[];
  /** Entries that it lost since it connected. */
  dropped: number;
  /** How many of them it was told of. */
  told: number;
}

/** What limits a slow client. Source: protocol 11.2. */
export interface SlowLimits {
  /** Batches of its group by which it may lag. */
  readonly bufferPerClient: number;
  /** Entries that it may lose in all. */
  readonly slowOffLimit: number;
}

/** A client that enters a group at the end of its delivery list. */
export function enteringMember(receiver: Receiver, group: Group): Member {
  return {
    ...{ receiver, group, cursor: group.matcher.delivery.end, until: Infinity, successors: [] },
    ...{ isReplay: false, pending: [], dropped: 0, told: 0 },
  };
}

/**
 * Moves a member past what it lost: what is beyond position `limit`, or has entries before `start`, where the window will
 * begin; returns how many entries that were.
 */
export function dropLost(member: Member, limit: number, start: number): number {
  const { delivery } = member.group.matcher;
  let dropped = 0;
  for (let end = 0; member.cursor < Math.min(delivery.end, member.until);) {
    const plain = Math.min(delivery.plainEnd(member.cursor), member.until);
    if (plain > member.cursor) {
      // However many they are: a whole overload is dropped here, for everybody.
      end = Math.max(member.cursor, Math.min(limit, plain), delivery.firstOf(start, member.cursor, plain));
      dropped += end - member.cursor;
      member.cursor = end;
      if (end < plain) break;
    } else {
      end = endOfUnit(delivery, member.cursor);
      if (end > limit && !isGone(delivery, member.cursor, start)) break;
      dropped += drop(member, end);
    }
  }
  return dropped;
}

/** Position behind the release that a position lies in, or behind the position itself. */
function endOfUnit(delivery: Delivery, position: number): number {
  const around = delivery.releaseAround(position);
  return around === undefined ? position + 1 : around.at + around.release.count + 1;
}

/** Whether an entry of the unit at a position is before entry `start`, where the window begins. */
export function isGone(delivery: Delivery, position: number, start: number): boolean {
  const around = delivery.releaseAround(position);
  if (around === undefined) return delivery.at(position) < start;
  return around.release.count > 0 && delivery.at(Math.max(position, around.at + 1)) < start;
}

/** Drops up to a position; gaps and other texts are told all the same. */
function drop(member: Member, end: number): number {
  const { delivery } = member.group.matcher;
  let dropped = 0;
  for (; member.cursor < end; member.cursor++) {
    const mark = delivery.mark(member.cursor);
    if (typeof mark === "string") member.pending.push(mark);
    else if (mark === undefined) dropped++;
  }
  return dropped;
}

/** Whether there is nothing to be seen to before what its group delivers next. */
export function isSettled({ group, cursor, successors, pending, dropped, told }: Member): boolean {
  const hasNothing = successors.length === 0 && pending.length === 0 && dropped === told;
  return hasNothing && group.followsHead && cursor === group.settledAt;
}

/** Whether the client's socket takes the next message. */
export function isReady(member: Member): boolean {
  return member.receiver.unsentBytes <= MAX_UNSENT_BYTES;
}

/** Whether another 1,000 drops are to be told (protocol 10.1). */
export function isWarningDue({ dropped, told }: Member): boolean {
  return Math.floor(dropped / DROPS_PER_WARNING) > Math.floor(told / DROPS_PER_WARNING);
}

/** Puts the message that tells a client of its losses before its next frame (protocol 10.1). */
export function warn(member: Member, slowOffLimit: number): void {
  member.told = member.dropped;
  const warning = { type: "backpressure", dropped: member.dropped, drop_limit: slowOffLimit };
  member.pending.push(JSON.stringify({ seq: 0, Warning: warning }));
}
