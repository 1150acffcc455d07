// A way through the log that clients share: looked at once per entry, framed once per message (protocol 11.2).
// matcher.ts looks, groups.ts delivers to the members.

import type { Log } from "./log.ts";
import { Matcher } from "./matcher.ts";
import type { Member } from "./member.ts";
import type { Subscription } from "./subscription.ts";

/** Clients with equal subscriptions at the head of the log, or one that catches up with it. */
export class Group {
  /** What it delivers. */
  readonly subscription: Subscription;
  /** Its way through the log. */
  readonly matcher: Matcher;
  /** Who is delivered to. */
  readonly members = new Set<Member>();
  /** Those of them that do not stand at `settledAt`, or have something else to be seen to. */
  readonly lagging = new Set<Member>();
  /** Position of all other members. */
  settledAt = 0;
  /** First entry that is not looked at; Infinity for a group that follows the head. */
  limit: number;
  /** Position up to which members are sent to: the end of the delivery list at the last round that was due. */
  due = 0;
  /** Ends of the delivery list after the newest batches, the oldest first. */
  readonly #batches: number[] = [];

  /** A group that delivers from entry `from` on, and looks at entries from `warmUpFrom` on for what it holds. */
  constructor(log: Log, subscription: Subscription, from: number, warmUpFrom: number, limit: number) {
    this.subscription = subscription;
    this.matcher = new Matcher(log, subscription, from, warmUpFrom);
    this.limit = limit;
  }

  /** Whether it follows the head and may have any number of members. */
  get followsHead(): boolean {
    return this.limit === Infinity;
  }

  /** Looks at new entries; a group that catches up stays at most `pending` entries ahead of its members. */
  match(head: number, pending: number, isDue = true): void {
    const { delivery } = this.matcher;
    const passed = this.#passed();
    this.matcher.run(Math.min(head, this.limit), passed, this.followsHead ? Infinity : pending);
    delivery.trim(passed);
    if (!isDue && this.followsHead) return;
    if (delivery.end > this.due) this.#batches.push(delivery.end);
    this.due = delivery.end;
  }

  /** Looks at all of its entries before `start`, so that those which are about to leave the window are counted. */
  lose(start: number): void {
    this.matcher.run(Math.min(start, this.limit), 0, Infinity);
    this.matcher.lose(start);
    const { delivery } = this.matcher;
    const isComplete = this.settledAt === delivery.end || delivery.oldestFrom(this.settledAt) >= start;
    // What waits for the next round is lost before it.
    if (!isComplete) { for (const member of this.members) this.lagging.add(member); }
  }

  /** Position that nobody may be behind when the newest `count` batches are kept. */
  lagLimit(count: number): number {
    while (this.#batches.length > count + 1) this.#batches.shift();
    return this.#batches.length > count ? this.#batches[0]! : 0;
  }

  /** Whether a member has everything that this group has for it. */
  isDone(member: Member): boolean {
    const { delivery, next } = this.matcher;
    if (member.cursor >= member.until) return true;
    return member.cursor === delivery.end && next >= this.limit;
  }

  /** Position that every member has passed. */
  #passed(): number {
    const { lagging, members } = this;
    let passed = lagging.size === members.size ? this.matcher.delivery.end : this.settledAt;
    for (const member of lagging) passed = Math.min(passed, member.cursor);
    return passed;
  }
}
