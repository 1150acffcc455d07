// Messages that go to sockets past Deno, all of one message in one call. stream/fanout.ts says what is promised;
// rust/sidecar/src/door/send.rs is the other side.

import type { DirectSender, DirectSocket, Outcome } from "../stream/fanout.ts";
import type { Sidecar } from "./ffi.ts";

/** Bytes of a target and offsets of its fields; rust/sidecar/src/door/send.rs says the same. */
const TARGET = { size: 16, cookie: 0, descriptor: 8, outcome: 12 } as const;

/** What an outcome's number means. */
const OUTCOMES: readonly Outcome[] = ["taken", "refused", "refused", "later"];
/** The number of a target that was not come to. */
const REFUSED = OUTCOMES.indexOf("refused");

/** Sends through the sidecar. */
export class NativeSender implements DirectSender {
  readonly #sidecar: Sidecar;
  #bytes = new Uint8Array(64 * TARGET.size);
  #f64 = new Float64Array(this.#bytes.buffer);
  #u32 = new Uint32Array(this.#bytes.buffer);
  readonly #outcomes: Outcome[] = [];

  /** Sends through `sidecar`, which must be loaded as long as this is used. */
  constructor(sidecar: Sidecar) {
    this.#sidecar = sidecar;
  }

  send(frame: Uint8Array<ArrayBuffer>, sockets: readonly DirectSocket[]): ArrayLike<Outcome> {
    const { length } = sockets;
    if (length * TARGET.size > this.#bytes.length) this.#grow(length);
    for (let i = 0; i < length; i++) {
      const at = i * TARGET.size;
      this.#f64[(at + TARGET.cookie) / 8] = sockets[i]!.cookie;
      this.#u32[(at + TARGET.descriptor) / 4] = sockets[i]!.descriptor;
      this.#u32[(at + TARGET.outcome) / 4] = REFUSED;
    }
    this.#sidecar.symbols.ringcast_send(frame, frame.length, this.#bytes, length);
    for (let i = 0; i < length; i++) {
      this.#outcomes[i] = OUTCOMES[this.#u32[(i * TARGET.size + TARGET.outcome) / 4]!] ?? "refused";
    }
    return this.#outcomes;
  }

  #grow(count: number): void {
    this.#bytes = new Uint8Array(2 * count * TARGET.size);
    this.#f64 = new Float64Array(this.#bytes.buffer);
    this.#u32 = new Uint32Array(this.#bytes.buffer);
  }
}
