// From who stands at one place of a group to what each is sent: a message is framed once and handed to all of them, where
// that is possible in one call past their sockets' own queues (protocol 11.2). groups.ts says who and when.

import { type Frame, Framer, MAX_FRAME_BYTES, MAX_HEAD_BYTES } from "./frame.ts";
import type { Group } from "./group.ts";
import { KeptFrames } from "./kept_frames.ts";
import type { Log } from "./log.ts";
import { isGone, isReady, type Member, warn } from "./member.ts";

/** A client's socket without what keeps its messages: for messages of which nothing is kept, being taken whole or not at all. */
export interface DirectSocket {
  /** Number of its descriptor, as long as that is of the socket `cookie`. */
  readonly descriptor: number;
  /** What names it among all sockets. */
  readonly cookie: number;
  /** Whether so many bytes would be taken now. */
  hasRoom(bytes: number): boolean;
}

/** What became of frames at a direct socket: "later": they will fit when the peer has taken more; "refused": they will not. */
export type Outcome = "taken" | "later" | "refused";

/** Sends to many at once; native/direct.ts does. */
export interface DirectSender {
  /** Sends frames to each socket, whole or not at all; the answer holds an outcome for each, until the next call. */
  send(frames: Uint8Array<ArrayBuffer>, sockets: readonly DirectSocket[]): ArrayLike<Outcome>;
}

/** Frames for one call, how many, and the position behind them. */
interface Parcel {
  readonly frames: Uint8Array<ArrayBuffer>;
  readonly count: number;
  readonly next: number;
}

/** What was sent in all. */
export interface Sent {
  /** Messages, or some that went together, each to one client. */
  readonly sends: number;
  /** Bytes of them. */
  readonly bytes: number;
}

/** A call with so many bytes gains nothing by more. */
const ENOUGH_BYTES = 1 << 15;

/** What a log composes byte by byte. */
const IS_ASCII = /^[\x20-\x7e]*$/;
const NO_SPANS = new Float64Array();

/** Sends what members lack. */
export class Fanout {
  /** What was sent so far. */
  sent: Sent = { sends: 0, bytes: 0 };
  readonly #log: Log;
  readonly #framer: Framer;
  readonly #sender: DirectSender;
  readonly #kept = new KeptFrames();
  /** Frames that are sent together: some that are not enough, and one more. */
  readonly #parcel = new Uint8Array(ENOUGH_BYTES + MAX_FRAME_BYTES + MAX_HEAD_BYTES);

  /** Frames from `log`; `sender` reaches the direct sockets that receivers name. */
  constructor(log: Log, sender: DirectSender) {
    this.#log = log;
    this.#framer = new Framer(log);
    this.#sender = sender;
  }

  /**
   * Sends messages to members of a group by their cursor, until they have everything or their sockets are full; no more than
   * one to each when performance.now() is `untilMs` or later.
   *
   * Those at `settledAt` keep up, come first, and wait for nobody. Of the others the last ones begin and go on together with
   * those whom they come up to: catching up is one way for all of them, not as many as there are places.
   */
  deliver(byCursor: ReadonlyMap<number, readonly Member[]>, group: Group, settledAt: number, untilMs: number): void {
    const keepingUp = byCursor.get(settledAt);
    if (keepingUp !== undefined) this.#deliverAt(keepingUp, group, Infinity, untilMs);
    const cursors = [...byCursor.keys()].filter((cursor) => cursor !== settledAt).sort((a, b) => a - b);
    let together: Member[] = [];
    for (const [index, cursor] of cursors.entries()) {
      const joining = together.filter((member) => member.cursor === cursor && cursor < member.until && isReady(member));
      together = [...joining, ...byCursor.get(cursor)!];
      this.#deliverAt(together, group, cursors[index + 1] ?? Infinity, untilMs);
    }
  }

  /**
   * Sends the texts that precede a member's next frame, the total of its drops included (protocol 11.2), as far as its socket
   * takes them; the others stay pending.
   */
  flush(member: Member, slowOffLimit: number): void {
    if (member.dropped > member.told) warn(member, slowOffLimit);
    const { receiver, pending } = member;
    while (pending.length > 0) {
      const text = pending[0]!;
      const socket = IS_ASCII.test(text) ? receiver.direct : undefined;
      const frame = socket && this.#log.message(text, NO_SPANS, 0, "").frame();
      const outcome = frame ? this.#sender.send(frame, [socket])[0]! : "refused";
      if (frame) receiver.settle(outcome, 0);
      if (outcome === "later") return;
      if (outcome === "refused") receiver.send(text);
      pending.shift();
    }
  }

  /** Sends to members that share a position, up to position `end` at most, where others stand. */
  #deliverAt(members: readonly Member[], group: Group, end: number, untilMs: number): void {
    const direct = members.filter(({ receiver }) => receiver.direct !== undefined);
    if (direct.length < members.length) {
      this.#deliverApart(members.filter(({ receiver }) => receiver.direct === undefined), group);
    }
    if (direct.length > 0) this.#deliverTogether(direct, group, end, untilMs);
  }

  /** Message by message through their own queues. */
  #deliverApart(members: readonly Member[], group: Group): void {
    let open = members;
    for (let position = members[0]!.cursor; open.length > 0;) {
      const end = endFor(group, open);
      if (!this.#isDue(group, position, end)) return;
      const { message, next } = this.#next(group, position, end);
      position = next;
      for (const member of open) {
        member.receiver.send(message);
        member.cursor = position;
      }
      this.#count(open.length, message.bytes);
      open = open.filter((member) => position < member.until && isReady(member));
    }
  }

  /** Past their queues, in one call for all of them as often as there is enough for one. */
  #deliverTogether(members: readonly Member[], group: Group, upTo: number, untilMs: number): void {
    let open = members;
    for (let position = members[0]!.cursor; open.length > 0;) {
      const end = Math.min(upTo, endFor(group, open));
      if (!this.#isDue(group, position, end)) return;
      const { frames, count, next } = this.#pack(group, position, end, open.length < group.members.size);
      position = next;
      const outcomes = this.#sender.send(frames, open.map(({ receiver }) => receiver.direct!));
      this.#count(open.length, frames.length);
      open.forEach(({ receiver }, index) => receiver.settle(outcomes[index]!, count));
      const refused = open.filter((_, index) => outcomes[index] === "refused");
      open = open.filter((_, index) => outcomes[index] === "taken");
      for (const member of open) member.cursor = position;
      open = open.filter(({ until }) => position < until);
      if (refused.length > 0) this.#deliverApart(refused, group);
      if (performance.now() >= untilMs) return;
    }
  }

  /** Frames up to position `end` to be sent together: the first one, and more while that is not enough. */
  #pack(group: Group, from: number, end: number, hasOthers: boolean): Parcel {
    const kept = this.#kept.at(group, from);
    if (kept !== undefined && kept.next <= end) return { frames: kept.frame, count: 1, next: kept.next };
    let [bytes, count, position] = [0, 0, from];
    while (bytes < ENOUGH_BYTES && this.#isDue(group, position, end)) {
      const { message, next } = this.#next(group, position, end);
      const frame = message.frame();
      if (count === 0 && frame.length >= ENOUGH_BYTES) {
        if (hasOthers) this.#kept.keep(group, from, { frame, next });
        return { frames: frame, count: 1, next };
      }
      // A single event that is larger than a message goes alone.
      if (bytes + frame.length > this.#parcel.length) break;
      this.#parcel.set(frame, bytes);
      [bytes, count, position] = [bytes + frame.length, count + 1, next];
    }
    return { frames: this.#parcel.subarray(0, bytes), count, next: position };
  }

  #count(clients: number, bytes: number): void {
    const { sent } = this;
    this.sent = { sends: sent.sends + clients, bytes: sent.bytes + clients * bytes };
  }

  #next(group: Group, position: number, end: number): Frame {
    return this.#framer.next(group.matcher.delivery, position, end, group.subscription.blockIds);
  }

  /** Whether there is something to be sent that is held: the next turn drops what a release may have lost. */
  #isDue(group: Group, position: number, end: number): boolean {
    return position < end && !isGone(group.matcher.delivery, position, this.#log.oldest);
  }
}

/** Position up to which all of them are delivered to. */
function endFor(group: Group, members: readonly Member[]): number {
  return members.reduce((least, { until }) => Math.min(least, until), group.matcher.delivery.end);
}
