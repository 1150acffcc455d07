// From who stands at one place of a group to what each is sent: a message is framed once and handed to all of them, where
// that is possible in one call past their sockets' own queues (protocol 11.2). groups.ts says who and when.

import { Framer } from "./frame.ts";
import type { Group } from "./group.ts";
import type { Log, Message } from "./log.ts";
import { isGone, isReady, type Member } from "./member.ts";

/** A client's socket without what keeps its messages: for messages of which nothing is kept, being taken whole or not at all. */
export interface DirectSocket {
  /** Number of its descriptor, as long as that is of the socket `cookie`. */
  readonly descriptor: number;
  /** What names it among all sockets. */
  readonly cookie: number;
}

/** What became of a message at a direct socket: "later": it will fit when the peer has taken more; "refused": it will not. */
export type Outcome = "taken" | "later" | "refused";

/** Sends to many at once; native/direct.ts does. */
export interface DirectSender {
  /** Sends a frame to each socket, whole or not at all; the answer holds an outcome for each, until the next call. */
  send(frame: Uint8Array<ArrayBuffer>, sockets: readonly DirectSocket[]): ArrayLike<Outcome>;
}

/** Sends what members lack. */
export class Fanout {
  /** Messages of events that were sent so far. */
  sent = 0;
  readonly #log: Log;
  readonly #framer: Framer;
  readonly #sender: DirectSender;

  /** Frames from `log`; `sender` reaches the direct sockets that receivers name. */
  constructor(log: Log, sender: DirectSender) {
    this.#log = log;
    this.#framer = new Framer(log);
    this.#sender = sender;
  }

  /** Sends messages to members that share a position, until they have everything or their sockets are full. */
  deliver(members: readonly Member[], group: Group): void {
    const { delivery } = group.matcher;
    let open = members;
    let position = members[0]!.cursor;
    // A release behind what is held may have lost entries: the next turn drops it.
    while (open.length > 0 && position < delivery.end && !isGone(delivery, position, this.#log.oldest)) {
      const end = open.reduce((least, { until }) => Math.min(least, until), delivery.end);
      const { message, next } = this.#framer.next(delivery, position, end, group.subscription.blockIds);
      position = next;
      const taken = this.#send(message, open);
      this.sent += taken.length;
      for (const member of taken) member.cursor = position;
      open = taken.filter((member) => position < member.until && isReady(member));
    }
  }

  /** Sends one message to each; returns who has taken it. */
  #send(message: Message | string, members: readonly Member[]): readonly Member[] {
    const passed: Member[] = [];
    const sockets: DirectSocket[] = [];
    for (const member of members) {
      const socket = typeof message === "string" ? undefined : member.receiver.direct;
      if (socket === undefined) {
        member.receiver.send(message);
        continue;
      }
      passed.push(member);
      sockets.push(socket);
    }
    if (typeof message === "string" || passed.length === 0) return members;
    const outcomes = this.#sender.send(message.frame(), sockets);
    let next = 0;
    return members.filter((member) => {
      return member !== passed[next] || member.receiver.settle(message, outcomes[next++]!);
    });
  }
}
