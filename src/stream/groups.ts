// Who gets which messages: clients with equal subscriptions share a group. A client that resumes, or lags when it changes
// its subscription, has a group of its own until it has caught up. Driven by pump.ts; no work is done per event and client.

import { type DirectSender, Fanout, type Sent } from "./fanout.ts";
import { Group } from "./group.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Log } from "./log.ts";
import { placeFrom, type RingPlace, windowWarning } from "./loss.ts";
import { dropLost, enteringMember, isReady, isSettled, isWarningDue, warn } from "./member.ts";
import type { Member, Receiver, SlowLimits, Successor } from "./member.ts";
import type { Subscription } from "./subscription.ts";

/** Entries by which the group of a client that catches up may be ahead of it. */
const MAX_PENDING = 4096;
/** A turn that takes longer gives everybody one message more, or some that go together. */
const LONGEST_TURN_MS = 10;

/** All subscribed clients. */
export class Groups {
  readonly #log: Log;
  readonly #lifecycle: Lifecycle;
  readonly #limits: SlowLimits;
  readonly #fanout: Fanout;
  /** Groups that follow the head, by the key of their subscription. */
  readonly #shared = new Map<string, Group>();
  readonly #catchingUp = new Set<Group>();
  readonly #members = new Map<Receiver, Member>();
  /** How often a client entered a group. */
  #entries = 0;
  /** When this turn has taken long enough: whoever is behind then goes on in the next one. */
  #untilMs = 0;

  /** Groups of clients of `log`; `lifecycle` knows which blocks are undecided, `sender` reaches many clients at once. */
  constructor(log: Log, lifecycle: Lifecycle, limits: SlowLimits, sender: DirectSender) {
    this.#log = log;
    this.#lifecycle = lifecycle;
    this.#limits = limits;
    this.#fanout = new Fanout(log, sender);
  }

  /** What was sent so far. */
  get sent(): Sent {
    return this.#fanout.sent;
  }

  /** Number of clients that are sent something. */
  get size(): number {
    return this.#members.size;
  }

  /** Number of ways through the log that are looked at and framed. */
  get groupCount(): number {
    return this.#shared.size + this.#catchingUp.size;
  }

  /** The subscription that a client has, or will have when what came before it is delivered. */
  subscriptionOf(receiver: Receiver): Subscription | undefined {
    const member = this.#members.get(receiver);
    return member?.successors.at(-1)?.subscription ?? (member?.isReplay ? undefined : member?.group.subscription);
  }

  /**
   * Gives a client its subscription from the head of the log on, or from entry `from` on; `before` is the place of the
   * event before that, for the client to be told of what left the window meanwhile.
   *
   * `tail` is sent where the stream of the client has come to the head as it is now: behind everything from `from` on,
   * and behind what a former subscription still delivers (protocol 2.5, 9.3).
   */
  subscribe(
    receiver: Receiver,
    subscription: Subscription,
    tail: readonly string[],
    from?: number,
    before?: RingPlace,
  ): void {
    const { head, oldest } = this.#log;
    const member = this.#members.get(receiver);
    if (member === undefined) {
      if (from !== undefined && from < oldest) {
        receiver.send(windowWarning(before, placeFrom(this.#log, oldest)));
        from = oldest;
      }
      this.#enter(receiver, undefined, { subscription, from: from ?? head, tail });
    } else {
      // What the client has is delivered up to the head, then the new subscription takes over.
      if (member.successors.length === 0) member.until = member.group.matcher.delivery.end;
      member.successors.push({ subscription, from: head, tail });
      member.group.lagging.add(member);
      this.#advance(member);
    }
  }

  /** Sends a client everything from entry `from` up to `to` (exclusive) through `subscription`; then it leaves. */
  replay(receiver: Receiver, subscription: Subscription, from: number, to: number): void {
    const member = this.#catchUp(receiver, undefined, subscription, from, to);
    member.isReplay = true;
    this.#advance(member);
  }

  /** Forgets a client; nothing happens if it is unknown. */
  leave(receiver: Receiver): void {
    const member = this.#members.get(receiver);
    if (member === undefined) return;
    this.#members.delete(receiver);
    this.#leaveGroup(member);
  }

  /** The oldest entry that a client has not been sent; the head if there is none. */
  oldestCursor(): number {
    let oldest = this.#log.head;
    for (const { group: { matcher: { delivery, next } }, cursor } of this.#members.values()) {
      oldest = Math.min(oldest, next);
      if (cursor < delivery.end) oldest = Math.min(oldest, delivery.oldestFrom(cursor));
    }
    return oldest;
  }

  /** Sends every client what its socket takes, what is new only if that `isDue`; returns whether some are behind. */
  deliver(mayDrop: boolean, isDue = true): boolean {
    let isBehind = false;
    this.#untilMs = performance.now() + LONGEST_TURN_MS;
    for (const group of [...this.#shared.values(), ...this.#catchingUp]) {
      group.match(this.#log.head, MAX_PENDING, isDue);
      const lagLimit = group.lagLimit(this.#limits.bufferPerClient);
      this.#dropLost(group, mayDrop && group.followsHead ? lagLimit : 0, this.#log.oldest);
      if (this.#deliver(group)) isBehind = true;
    }
    for (const group of this.#catchingUp) this.#merge(group);
    return isBehind;
  }

  /**
   * Takes from every client what lies before entry `start`, where the window is about to begin. Everything there is looked
   * at first, so that what each client loses is counted as its subscription has it (protocol 11.2).
   */
  lose(start: number): void {
    for (let before = -1; before !== this.#entries;) {
      before = this.#entries;
      for (const group of [...this.#shared.values(), ...this.#catchingUp]) {
        group.lose(start);
        this.#dropLost(group, 0, start);
        // Who has lost all of one subscription may have entries of the next one to lose.
        for (const member of [...group.lagging]) this.#advance(member);
      }
    }
  }

  #enter(receiver: Receiver, known: Member | undefined, { subscription, from, tail }: Successor): void {
    const { head } = this.#log;
    if (from < head) {
      const limit = known?.successors[0]?.from ?? head;
      const member = this.#catchUp(receiver, known, subscription, from, limit);
      // What a client had before ends here, so that the tail does not wait for the head.
      if (known !== undefined) member.pending.push(...tail);
      member.successors.unshift({ subscription, from: limit, tail: known === undefined ? tail : [] });
      this.#advance(member);
      return;
    }
    let group = this.#shared.get(subscription.key);
    if (group === undefined) {
      group = this.#makeGroup(subscription, head, Infinity);
      this.#shared.set(subscription.key, group);
      group.match(head, Infinity);
    }
    const member = this.#put(receiver, known, group);
    member.pending.push(...tail);
    this.#fanout.flush(member, this.#limits.slowOffLimit);
    if (member.successors.length > 0) member.until = member.cursor;
  }

  #catchUp(
    receiver: Receiver,
    known: Member | undefined,
    subscription: Subscription,
    from: number,
    limit: number,
  ): Member {
    const group = this.#makeGroup(subscription, from, limit);
    this.#catchingUp.add(group);
    return this.#put(receiver, known, group);
  }

  #makeGroup(subscription: Subscription, from: number, limit: number): Group {
    const { minStage, correlate } = subscription;
    const begun = correlate === "none" ? from : this.#lifecycle.newestBegun(from);
    const warmUpFrom = Math.min(this.#lifecycle.oldestUndecided(from, minStage), begun);
    return new Group(this.#log, subscription, from, warmUpFrom, limit);
  }

  #put(receiver: Receiver, known: Member | undefined, group: Group): Member {
    const member = known ?? enteringMember(receiver, group);
    [member.group, member.cursor, member.until] = [group, group.matcher.delivery.end, Infinity];
    this.#entries++;
    group.members.add(member);
    group.lagging.add(member);
    this.#members.set(receiver, member);
    return member;
  }

  #leaveGroup(member: Member): void {
    const { group } = member;
    group.members.delete(member);
    group.lagging.delete(member);
    if (group.members.size > 0) return;
    this.#catchingUp.delete(group);
    if (this.#shared.get(group.subscription.key) === group) this.#shared.delete(group.subscription.key);
  }

  /** Lets successors take over from what is done. */
  #advance(member: Member): void {
    while (member.group.isDone(member)) {
      const successor = member.successors.shift();
      if (successor !== undefined && this.#goesOnWith(member, successor)) continue;
      this.#leaveGroup(member);
      if (successor !== undefined) this.#enter(member.receiver, member, successor);
      else if (member.isReplay) {
        this.#members.delete(member.receiver);
        this.#fanout.flush(member, this.#limits.slowOffLimit);
        for (const text of member.pending.splice(0)) member.receiver.send(text);
        member.receiver.replayed();
        return;
      } else return;
    }
  }

  /** Keeps the group of a client that has caught up for a successor of the same subscription, which follows the head. */
  #goesOnWith(member: Member, { subscription, tail }: Successor): boolean {
    const { group } = member;
    if (group.followsHead || subscription.key !== group.subscription.key) return false;
    member.pending.push(...tail);
    group.limit = member.successors[0]?.from ?? Infinity;
    group.match(this.#log.head, Infinity);
    return true;
  }

  /** Ends a group of its own that has come to the head: it is the shared one now, or its member joins that. */
  #merge(group: Group): void {
    if (!group.followsHead) return;
    const shared = this.#shared.get(group.subscription.key);
    if (shared === undefined) {
      this.#catchingUp.delete(group);
      this.#shared.set(group.subscription.key, group);
      return;
    }
    for (const member of [...group.members]) {
      const hasAll = member.cursor === group.matcher.delivery.end && member.successors.length === 0;
      if (!hasAll || group.matcher.next !== shared.matcher.next) continue;
      this.#leaveGroup(member);
      this.#put(member.receiver, member, shared);
    }
  }

  /** Drops what members lost; evicts who lost too much. */
  #dropLost(group: Group, lagLimit: number, start: number): void {
    for (const member of [...group.lagging]) {
      const dropped = dropLost(member, lagLimit, start);
      if (dropped === 0) continue;
      member.dropped += dropped;
      if (member.dropped > this.#limits.slowOffLimit) {
        this.leave(member.receiver);
        member.receiver.evict();
      } else if (isWarningDue(member)) warn(member, this.#limits.slowOffLimit);
    }
  }

  /** Sends the members of a group what they lack; returns whether some did not take all of it. */
  #deliver(group: Group): boolean {
    const { due, lagging, settledAt } = group;
    const members = settledAt < due ? [...group.members] : [...lagging];
    group.settledAt = due;
    const byCursor = new Map<number, Member[]>();
    for (const member of members) {
      if (!isReady(member)) continue;
      this.#advance(member);
      this.#fanout.flush(member, this.#limits.slowOffLimit);
      if (member.group !== group || member.cursor >= Math.min(due, member.until) || member.pending.length > 0) continue;
      const here = byCursor.get(member.cursor);
      if (here === undefined) byCursor.set(member.cursor, [member]);
      else here.push(member);
    }
    this.#fanout.deliver(byCursor, group, settledAt, this.#untilMs);
    let isBehind = !group.followsHead;
    for (const member of members) {
      this.#advance(member);
      if (member.group !== group) isBehind = true;
      else if (isSettled(member)) lagging.delete(member);
      else {
        lagging.add(member);
        isBehind ||= member.cursor < due || member.pending.length > 0 || !isReady(member);
      }
    }
    return isBehind;
  }
}
