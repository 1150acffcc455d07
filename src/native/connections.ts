// The kernel's table of this process's connections, read through the sidecar into memory that is used again and again.
// serve/guard.ts makes policy of it; commands/start.ts puts the two together; rust/sidecar/src/connections.rs fills it.

import type { DirectSocket } from "../stream/fanout.ts";
import type { Sidecar } from "./ffi.ts";

/** Bytes of a record and offsets of its fields; rust/sidecar/src/connections.rs says the same. */
export const CONNECTION = {
  size: 64,
  cookie: 0,
  receivedBytes: 8,
  ackedBytes: 16,
  waitingBytes: 24,
  dataReceivedMsAgo: 28,
  descriptor: 32,
  peerPort: 36,
  peerAddress: 40,
  state: 56,
  unreadBytes: 60,
} as const;

/** The state of a connection whose peer has sent a FIN, as the kernel counts them. */
const CLOSE_WAIT = 8;

const WORDS = CONNECTION.size / 4;

/** The connections accepted on one port, as of the last refresh(); rows are numbered from 0. */
export class NativeConnections {
  /** Descriptors that this process may have. */
  readonly descriptorLimit: number;
  readonly #sidecar: Sidecar;
  #bytes = new Uint8Array(64 * CONNECTION.size);
  #words = new Uint32Array(this.#bytes.buffer);

  /**
   * Raises the process's limit of descriptors as far as it may.
   *
   * @throws {SidecarError} if the system refuses.
   */
  constructor(sidecar: Sidecar) {
    this.#sidecar = sidecar;
    this.descriptorLimit = sidecar.symbols.ringcast_raise_descriptor_limit();
    if (this.descriptorLimit === 0) throw sidecar.lastError();
  }

  /**
   * Reads the table again; returns the number of rows.
   *
   * @throws {SidecarError} if the process's descriptors cannot be listed.
   */
  refresh(port: number): number {
    for (;;) {
      const count = this.#sidecar.symbols.ringcast_connections(port, this.#bytes, this.#bytes.length);
      if (count < 0) throw this.#sidecar.lastError();
      if (count * CONNECTION.size <= this.#bytes.length) return count;
      this.#bytes = new Uint8Array(2 * count * CONNECTION.size);
      this.#words = new Uint32Array(this.#bytes.buffer);
    }
  }

  /** What names the connection among all others, also when its descriptor and its peer's port are used again. */
  cookie(row: number): number {
    return this.#wide(row, CONNECTION.cookie);
  }

  /** The way past Deno to the connection's socket, as long as the connection is there. */
  direct(row: number): DirectSocket {
    const { symbols } = this.#sidecar;
    const [descriptor, cookie] = [this.#word(row, CONNECTION.descriptor), this.cookie(row)];
    return { descriptor, cookie, hasRoom: (bytes) => symbols.ringcast_has_room(descriptor, cookie, bytes) === 1 };
  }

  /** Bytes that came from the peer. */
  receivedBytes(row: number): number {
    return this.#wide(row, CONNECTION.receivedBytes);
  }

  /** Bytes that came from the peer and that this process has read. */
  readBytes(row: number): number {
    return this.receivedBytes(row) - this.#word(row, CONNECTION.unreadBytes);
  }

  /** Bytes that the peer acknowledged. */
  ackedBytes(row: number): number {
    return this.#wide(row, CONNECTION.ackedBytes);
  }

  /** Above 0 while bytes wait to be sent or acknowledged. */
  waitingBytes(row: number): number {
    return this.#word(row, CONNECTION.waitingBytes);
  }

  /** Milliseconds since data came from the peer. */
  dataReceivedMsAgo(row: number): number {
    return this.#word(row, CONNECTION.dataReceivedMsAgo);
  }

  /** Whether the peer has ended its side, so that nothing more can come from it. */
  hasEnded(row: number): boolean {
    return this.#word(row, CONNECTION.state) === CLOSE_WAIT;
  }

  /** The peer's port. */
  peerPort(row: number): number {
    return this.#word(row, CONNECTION.peerPort);
  }

  /** The peer's address as eight groups of an IPv6 address; IPv4 as `0:0:0:0:0:ffff:7f00:1`. */
  peerAddress(row: number): string {
    const at = row * CONNECTION.size + CONNECTION.peerAddress;
    const groups: string[] = [];
    for (let i = at; i < at + 16; i += 2) groups.push(((this.#bytes[i]! << 8) | this.#bytes[i + 1]!).toString(16));
    return groups.join(":");
  }

  /**
   * Resets connections of the last refresh(), unless they have ended since; returns how many it reset.
   *
   * @throws {SidecarError} if the process's descriptors cannot be listed.
   */
  cut(port: number, rows: readonly number[]): number {
    const targets = new Uint8Array(rows.length * CONNECTION.size);
    rows.forEach((row, index) => {
      const at = row * CONNECTION.size;
      targets.set(this.#bytes.subarray(at, at + CONNECTION.size), index * CONNECTION.size);
    });
    const count = this.#sidecar.symbols.ringcast_cut(port, targets, rows.length);
    if (count < 0) throw this.#sidecar.lastError();
    return count;
  }

  /** Milliseconds of processor time that this thread has used. */
  busyMs(): number {
    return this.#sidecar.symbols.ringcast_busy_ms();
  }

  /** Gives freed memory back to the system. */
  trimMemory(): void {
    this.#sidecar.check(this.#sidecar.symbols.ringcast_trim_memory());
  }

  #word(row: number, offset: number): number {
    return this.#words[row * WORDS + offset / 4]!;
  }

  /** A u64 as a number: exact below 2^53, which none of these reaches. */
  #wide(row: number, offset: number): number {
    const at = row * WORDS + offset / 4;
    return this.#words[at + 1]! * 2 ** 32 + this.#words[at]!;
  }
}
