// A message in the making: one buffer, in which the text stands right behind the frame's head, so that it can go to a
// socket as it is. Used by log.ts; stream/log.ts says what is promised.

import { Buffer } from "node:buffer";
import { MAX_HEAD_BYTES } from "../stream/frame.ts";
import type { Message } from "../stream/log.ts";

/** First byte of a whole text message. */
const FINAL_TEXT = 0x81;

/** Composes one message after the other. */
export class Composer {
  /** Messages are at most 64 KiB unless a single event is larger, which is rare enough for a buffer of its own. */
  readonly #usual = Buffer.alloc(MAX_HEAD_BYTES + (1 << 16));

  /**
   * What `copy` writes, between two ASCII texts; all three together are at most `most` bytes.
   *
   * @param copy Writes ASCII text to its argument and returns how many bytes.
   */
  compose(before: string, after: string, most: number, copy: (target: Uint8Array<ArrayBuffer>) => number): Message {
    const whole = MAX_HEAD_BYTES + most;
    const buffer = whole <= this.#usual.length ? this.#usual : Buffer.alloc(whole);
    const begin = MAX_HEAD_BYTES + buffer.write(before, MAX_HEAD_BYTES, "latin1");
    const end = begin + copy(buffer.subarray(begin));
    return new Composed(buffer, end + buffer.write(after, end, "latin1"));
  }
}

class Composed implements Message {
  readonly #buffer: Buffer<ArrayBuffer>;
  readonly #end: number;
  #text: string | undefined;
  #frame: Uint8Array<ArrayBuffer> | undefined;

  /** The message that ends at `end` of a buffer and begins behind the longest head. */
  constructor(buffer: Buffer<ArrayBuffer>, end: number) {
    this.#buffer = buffer;
    this.#end = end;
  }

  get bytes(): number {
    return this.#end - MAX_HEAD_BYTES;
  }

  text(): string {
    return this.#text ??= this.#buffer.toString("latin1", MAX_HEAD_BYTES, this.#end);
  }

  frame(): Uint8Array<ArrayBuffer> {
    return this.#frame ??= this.#buffer.subarray(MAX_HEAD_BYTES - this.#writeHead(), this.#end);
  }

  /** Writes the head right before the text; returns how many bytes it has. */
  #writeHead(): number {
    const { bytes } = this;
    if (bytes < 126) {
      this.#buffer.writeUInt16BE((FINAL_TEXT << 8) | bytes, MAX_HEAD_BYTES - 2);
      return 2;
    }
    if (bytes < 1 << 16) {
      this.#buffer.writeUInt16BE((FINAL_TEXT << 8) | 126, MAX_HEAD_BYTES - 4);
      this.#buffer.writeUInt16BE(bytes, MAX_HEAD_BYTES - 2);
      return 4;
    }
    this.#buffer.writeUInt16BE((FINAL_TEXT << 8) | 127, 0);
    this.#buffer.writeUIntBE(0, 2, 2);
    this.#buffer.writeUIntBE(bytes, 4, 6);
    return MAX_HEAD_BYTES;
  }
}
