// A recording whose events are put into another order, for what no node records but the protocol speaks of.
// Offsets are those of the ring's format. Source: ring-and-events §1.1 to 1.4.

import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { FIXTURES } from "./gateway.ts";

const HEADER = { capacity: 40, lastSeqno: 64, sectionBytes: 1 << 21 } as const;
const DESCRIPTOR = { bytes: 64, seqno: 0, type: 8, time: 16, block: 32 } as const;

/** The events of a recording, by seqno. */
export class Recording {
  readonly #image: Buffer;

  /** Reads a recording of this name and keeps its first `events` events. */
  constructor(name: string, events: number) {
    this.#image = zstdDecompressSync(Deno.readFileSync(`${FIXTURES}/${name}.snapshot.zst`));
    const end = Number(this.#image.readBigUInt64LE(HEADER.capacity));
    this.#image.fill(0, this.#at(events + 1), this.#at(end) + DESCRIPTOR.bytes);
    this.#image.writeBigUInt64LE(BigInt(events), HEADER.lastSeqno);
  }

  /** Seqnos of the events of one type, in order. */
  seqnosOf(type: number): number[] {
    const last = Number(this.#image.readBigUInt64LE(HEADER.lastSeqno));
    return Array.from({ length: last }, (_, i) => i + 1)
      .filter((seqno) => this.#image.readUInt16LE(this.#at(seqno) + DESCRIPTOR.type) === type);
  }

  /** Puts an event where an earlier one is; that and what follows it go one on. Times stay, so that they ascend. */
  moveBack(from: number, to: number): void {
    const image = this.#image;
    const [begin, end] = [this.#at(to), this.#at(from) + DESCRIPTOR.bytes];
    const before = Buffer.from(image.subarray(begin, end));
    image.set(before.subarray(-DESCRIPTOR.bytes), begin);
    image.set(before.subarray(0, -DESCRIPTOR.bytes), begin + DESCRIPTOR.bytes);
    for (let at = 0; at < before.length; at += DESCRIPTOR.bytes) {
      for (const field of [DESCRIPTOR.seqno, DESCRIPTOR.time]) {
        image.writeBigUInt64LE(before.readBigUInt64LE(at + field), begin + at + field);
      }
      // Events name the seqno of their block's start.
      const block = begin + at + DESCRIPTOR.block;
      if (image.readBigUInt64LE(block) >= BigInt(to)) image.writeBigUInt64LE(image.readBigUInt64LE(block) + 1n, block);
    }
  }

  /** Writes the recording. */
  write(path: string): void {
    Deno.writeFileSync(path, zstdCompressSync(this.#image));
  }

  #at(seqno: number): number {
    return HEADER.sectionBytes + (seqno - 1) * DESCRIPTOR.bytes;
  }
}
