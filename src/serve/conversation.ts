// What is said between one client and the stream: replay, Hello, answers to Subscribe, snapshot (protocol sections 2, 6
// and 9). session.ts has the socket, stream/groups.ts delivers; limits and liveness are elsewhere.

import { getLogger } from "../logging.ts";
import type { DirectSocket, Outcome } from "../stream/fanout.ts";
import type { Message } from "../stream/log.ts";
import { placeBefore, type RingPlace } from "../stream/loss.ts";
import type { Outlet, Receiver } from "../stream/member.ts";
import { helloFrame, PROTOCOL_VERSION } from "../stream/hello.ts";
import { METRIC_ITEMS, type MetricItem } from "../stream/protocol.ts";
import { errorFrame } from "../stream/subscription_error.ts";
import { EVERYTHING, findResume, type Resume } from "../stream/resume.ts";
import type { ClientHello, Subscription } from "../stream/subscription.ts";
import { type Gateway, heldRange } from "./gateway.ts";

const logger = getLogger("session");

/** What the query of the upgrade asked for. */
export interface Asked {
  /** Seq to resume from. */
  readonly resumeFrom: number | undefined;
  /** Stream that the seq is of. */
  readonly streamId: string | undefined;
  /** Subscription that the connection begins with. */
  readonly subscription: Subscription | undefined;
}

/** Subscribe messages that a client may send during a replay; each has 64 KiB at most. */
const MAX_WAITING = 32;

/** One client's side of the stream. */
export class Conversation implements Receiver {
  readonly #outlet: Outlet;
  readonly #gateway: Gateway;
  readonly #peer: string;
  readonly #resume: Resume;
  /** Entry behind the replay; undefined without one. */
  #replayedTo: number | undefined;
  /** The last event of the replay. */
  #lastReplayed: RingPlace | undefined;
  #isReplaying = false;
  #isGreeted = false;
  /** Subscriptions that came before the replay was over. */
  readonly #waiting: Subscription[] = [];

  /** Begins with what the query asked for. */
  constructor(outlet: Outlet, gateway: Gateway, peer: string, asked: Asked) {
    this.#outlet = outlet;
    this.#gateway = gateway;
    this.#peer = peer;
    this.#resume = findResume(gateway.log, gateway.resumable(), asked.resumeFrom, asked.streamId);
    if (this.#resume.status === "replayed") {
      const { head } = gateway.log;
      this.#replayedTo = head;
      this.#lastReplayed = placeBefore(gateway.log, head);
      if (this.#resume.from < head) {
        this.#isReplaying = true;
        gateway.groups.replay(this, EVERYTHING, this.#resume.from, head);
      }
    }
    if (asked.subscription !== undefined) this.subscribe(asked.subscription);
  }

  get unsentBytes(): number {
    return this.#outlet.unsentBytes;
  }

  get direct(): DirectSocket | undefined {
    return this.#outlet.direct;
  }

  send(message: Message | string): void {
    this.#outlet.send(message);
  }

  settle(outcome: Outcome, messages: number): void {
    this.#outlet.settle(outcome, messages);
  }

  evict(): void {
    this.#outlet.evict();
  }

  replayed(): void {
    this.#isReplaying = false;
    // Each of them was accepted, and each is answered.
    for (const subscription of this.#waiting.splice(0)) this.subscribe(subscription);
  }

  /** Accepts a subscription; during a replay it begins behind it (protocol 9.3). */
  subscribe(subscription: Subscription): void {
    const { groups, source } = this.#gateway;
    if (this.#isReplaying) {
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push(subscription);
      else this.#refuse(subscription);
      return;
    }
    const before = groups.subscriptionOf(this);
    const seq = heldRange(this.#gateway.log).newest;
    const answer = subscription.id === undefined ? [] : [this.#answer(subscription, seq)];
    if (!this.#isGreeted) {
      this.#isGreeted = true;
      this.send(this.#hello());
      for (const text of answer) this.send(text);
      const snapshot = this.#snapshot(subscription, undefined, seq);
      groups.subscribe(this, subscription, snapshot, this.#replayedTo, this.#lastReplayed);
      source.play();
    } else if (before?.key === subscription.key) {
      for (const text of answer) this.send(text);
    } else {
      groups.subscribe(this, subscription, [...answer, ...this.#snapshot(subscription, before, seq)]);
    }
  }

  /** Takes a client's introduction, which is answered with nothing (protocol section 13). */
  greet({ protocolVersion, clientName, clientVersion }: ClientHello): void {
    const hello = { peer: this.#peer, protocolVersion, clientName, clientVersion };
    if (protocolVersion === PROTOCOL_VERSION) logger.info("Client hello", hello);
    else logger.warning("Client hello with another protocol version", hello);
  }

  /** Ends it; nothing is sent any more. */
  end(): void {
    this.#gateway.groups.leave(this);
  }

  /** A client may ask faster than its replay ends; what waits is bounded. */
  #refuse({ id }: Subscription): void {
    const message = `${MAX_WAITING} Subscribes wait for the end of the replay; send this one again when it is over.`;
    const error = { type: "subscribe_limit", message, limit: MAX_WAITING } as const;
    this.send(errorFrame(id === undefined ? error : { ...error, id }));
  }

  #hello(): string {
    const { config, identity, source, log } = this.#gateway;
    return helloFrame(identity, config, source.status(), heldRange(log), this.#resume);
  }

  #answer({ id, items }: Subscription, seq: number): string {
    const blocked = this.#gateway.config.blockedEvents.filter((name) => items.includes(name));
    return JSON.stringify({ seq: 0, Subscribed: { id, items, blocked, seq } });
  }

  /** The newest of every metric item that was not subscribed before. */
  #snapshot(subscription: Subscription, before: Subscription | undefined, seq: number): string[] {
    const isNew = (item: MetricItem) => subscription.items.includes(item) && !before?.items.includes(item);
    return this.#gateway.snapshot.frames(new Set(METRIC_ITEMS.filter(isNew)), seq);
  }
}
