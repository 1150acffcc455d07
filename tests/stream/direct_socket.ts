// Receivers that are reached past their own queues, and what reaches them: each says by itself what becomes of frames.

import assert from "node:assert/strict";
import type { DirectSender, DirectSocket, Outcome } from "../../src/stream/fanout.ts";
import { Socket } from "./delivered.ts";

/** A receiver with a direct socket, which is used when nothing of its own queue waits. */
export class ReachableSocket extends Socket {
  isDirect = true;
  /** What becomes of the next frames. */
  outcome: () => Outcome = () => "taken";
  /** Messages that came past the queue. */
  passed = 0;
  /** Calls that they came with. */
  calls = 0;

  /** A socket with a number of its own. */
  constructor(readonly descriptor: number) {
    super();
  }

  override get direct(): DirectSocket | undefined {
    if (!this.isDirect || this.unsentBytes > 0) return undefined;
    return { descriptor: this.descriptor, cookie: this.descriptor, hasRoom: () => true };
  }

  override settle(outcome: Outcome, messages: number): void {
    if (outcome === "taken") this.passed += messages;
    if (outcome === "later") this.unsentBytes = Infinity;
    if (outcome === "refused") this.isDirect = false;
  }

  /** Takes frames as a kernel does: all of them or none. */
  take(frames: Uint8Array): Outcome {
    const outcome = this.outcome();
    if (outcome === "taken") {
      this.calls++;
      this.texts.push(...textsOf(frames));
    }
    return outcome;
  }
}

/** Reaches the sockets that are given. */
export class Wire implements DirectSender {
  calls = 0;
  readonly #sockets: ReadonlyMap<number, ReachableSocket>;

  /** A wire to `sockets`. */
  constructor(sockets: readonly ReachableSocket[]) {
    this.#sockets = new Map(sockets.map((socket) => [socket.descriptor, socket]));
  }

  send(frames: Uint8Array<ArrayBuffer>, sockets: readonly DirectSocket[]): ArrayLike<Outcome> {
    this.calls++;
    return sockets.map(({ descriptor }) => this.#sockets.get(descriptor)!.take(frames));
  }
}

/** The texts of a server's frames, of which there is nothing but whole ones. Source: RFC 6455 §5.2. */
function textsOf(frames: Uint8Array): string[] {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.byteLength);
  const texts: string[] = [];
  for (let at = 0; at < frames.length;) {
    assert.equal(frames[at], 0x81, "a final text frame");
    const short = frames[at + 1]!;
    const [head, length] = short < 126
      ? [2, short]
      : short === 126
      ? [4, view.getUint16(at + 2)]
      : [10, Number(view.getBigUint64(at + 2))];
    assert.ok(short < 126 || length > 125, "the shortest head");
    assert.ok(at + head + length <= frames.length, "a whole frame");
    texts.push(new TextDecoder().decode(frames.subarray(at + head, at + head + length)));
    at += head + length;
  }
  return texts;
}
