// Who gets which frames: clients with equal subscriptions and the same cursor share every frame (protocol 11.2).
// Driven by pump.ts; a session of serve/ is a Receiver. No work is done per event and client.

import { Framer } from "./frame.ts";
import type { Log } from "./log.ts";
import type { Subscription } from "./subscription.ts";

/** A client as the groups see it. */
export interface Receiver {
  /** Bytes handed to send() that the kernel has not taken yet. */
  readonly unsentBytes: number;
  /** Takes one message. */
  send(text: string): void;
  /** The log released entries that this client had not received; it has left the groups. */
  overrun(): void;
}

/** A client gets its next frame only while no more than this waits in its socket. Source: deno §2.2b. */
export const MAX_UNSENT_BYTES = 1 << 16;

interface Member {
  readonly receiver: Receiver;
  group: Group;
  cursor: number; // entry number
}

interface Group {
  readonly subscription: Subscription;
  readonly members: Set<Member>;
}

/** All subscribed clients. */
export class Groups {
  readonly #log: Log;
  readonly #framer: Framer;
  readonly #groups = new Map<string, Group>();
  readonly #members = new Map<Receiver, Member>();

  /** Groups of clients of `log`. */
  constructor(log: Log) {
    this.#log = log;
    this.#framer = new Framer(log);
  }

  /** Number of subscribed clients. */
  get size(): number {
    return this.#members.size;
  }

  /**
   * Gives a client its subscription: a first one begins at the head of the log, a later one replaces the former at the
   * client's own cursor, so that nothing is delivered twice and nothing falls between (protocol 2.5).
   */
  subscribe(receiver: Receiver, subscription: Subscription): void {
    const member = this.#members.get(receiver);
    const group = this.#group(subscription);
    if (member === undefined) {
      const added = { receiver, group, cursor: this.#log.head };
      group.members.add(added);
      this.#members.set(receiver, added);
    } else if (member.group !== group) {
      this.#removeFromGroup(member);
      member.group = group;
      group.members.add(member);
    }
  }

  /** Forgets a client; nothing happens if it is unknown. */
  leave(receiver: Receiver): void {
    const member = this.#members.get(receiver);
    if (member === undefined) return;
    this.#members.delete(receiver);
    this.#removeFromGroup(member);
  }

  /** Smallest cursor of all clients; the head if there are none. */
  oldestCursor(): number {
    let oldest = this.#log.head;
    for (const member of this.#members.values()) oldest = Math.min(oldest, member.cursor);
    return oldest;
  }

  /** Sends every client what is there for it and what its socket takes; returns whether some are behind the head. */
  deliver(): boolean {
    const { head } = this.#log;
    let isBehind = false;
    for (const group of this.#groups.values()) {
      const byCursor = new Map<number, Member[]>();
      for (const member of group.members) {
        if (member.cursor === head) continue;
        if (!this.#isReady(member)) {
          isBehind = true;
          continue;
        }
        const together = byCursor.get(member.cursor);
        if (together === undefined) byCursor.set(member.cursor, [member]);
        else together.push(member);
      }
      for (const [cursor, members] of byCursor) {
        if (this.#deliverFrom(cursor, members, group.subscription.wanted)) isBehind = true;
      }
    }
    return isBehind;
  }

  /** Tells every client whose next entry was released, and forgets it. Called after entries were released. */
  dropOverrun(): void {
    const { oldest } = this.#log;
    for (const member of this.#members.values()) {
      if (member.cursor >= oldest) continue;
      this.leave(member.receiver);
      member.receiver.overrun();
    }
  }

  /** Sends frames to members that share a cursor until they are at the head or their sockets are full. */
  #deliverFrom(cursor: number, members: Member[], wanted: Uint8Array): boolean {
    let open = members;
    let isBehind = false;
    while (open.length > 0 && cursor < this.#log.head) {
      const { text, next } = this.#framer.next(wanted, cursor);
      cursor = next;
      for (const member of open) {
        if (text !== undefined) member.receiver.send(text);
        member.cursor = cursor;
      }
      if (text === undefined || cursor === this.#log.head) continue;
      const stillOpen = open.filter((member) => this.#isReady(member));
      if (stillOpen.length < open.length) isBehind = true;
      open = stillOpen;
    }
    return isBehind;
  }

  #isReady(member: Member): boolean {
    return member.receiver.unsentBytes <= MAX_UNSENT_BYTES;
  }

  #group(subscription: Subscription): Group {
    let group = this.#groups.get(subscription.key);
    if (group === undefined) {
      group = { subscription, members: new Set() };
      this.#groups.set(subscription.key, group);
    }
    return group;
  }

  #removeFromGroup(member: Member): void {
    member.group.members.delete(member);
    if (member.group.members.size === 0) this.#groups.delete(member.group.subscription.key);
  }
}
