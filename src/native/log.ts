// The log in shared memory: lends the sidecar its memory and reads what the sidecar wrote there.
// ffi.ts is the door; stream/log.ts and stream/source.ts say what is promised; commands/start.ts opens and closes it.

import { MAX_ADDED_BYTES, type Message, NATIVE_TRANSFER_TYPE } from "../stream/log.ts";
import type { GrowingLog } from "../stream/pump.ts";
import { type Source, SOURCE_KINDS, SOURCE_STATES, type SourceStatus } from "../stream/source.ts";
import { type Sidecar, SidecarError } from "./ffi.ts";
import { Composer } from "./message.ts";

/** Bytes of an index record and offsets of its fields; rust/sidecar/src/log/record.rs says the same. */
export const RECORD = {
  size: 48,
  seq: 0,
  textAt: 8,
  blockNumber: 16,
  recordedUs: 24,
  textLength: 32,
  txn: 36,
  proposal: 40,
  type: 44,
  stage: 45,
  stageAt: 46,
} as const;

/** Names of the status numbers, in the sidecar's order. */
export const STATUS_FIELDS = [
  "head",
  "oldest",
  "newest_seq",
  "block_number",
  "chain_id",
  "events",
  "gaps",
  "lost",
  "recorded_us",
  "call_frames",
  "source_state",
  "source_kind",
] as const;

/** How a log is filled; rust/sidecar/src/options.rs reads it. */
export interface LogOptions {
  /** Path or bare name of a ring, or path of a snapshot. */
  readonly ring: string;
  /** Where in a live ring the stream begins. */
  readonly from: "oldest" | "newest" | { readonly block: number };
  /** Ring codes that get no text. */
  readonly blocked: readonly number[];
  /** Of a snapshot; Infinity: at once. */
  readonly speed: number;
  /** Whether a snapshot begins again when it ends. */
  readonly loop: boolean;
  /** A snapshot begins with play(). */
  readonly waitForPlay: boolean;
  /** Memory to lend, index and text together. */
  readonly windowBytes: number;
  /** Entries that the index has room for at least, besides the writer's quarter. */
  readonly backfillEvents: number;
}

/** A log that the sidecar fills from a ring. Dispose of it before its sidecar. */
export class NativeLog implements GrowingLog, Source, Disposable {
  /** Index records that the memory holds, a power of two. */
  readonly indexCapacity: number;
  /** Bytes of text that the memory holds. */
  readonly textSize: number;
  /** Entry number after the newest complete entry, as of the last advance. */
  head = 0;
  /** Number of the oldest entry that is not released. */
  oldest = 0;
  /** Seq of the newest released entry; 0 before the first release. */
  releasedSeq = 0;
  /** performance.now() when `head` last moved; undefined before the first entry. */
  newestSeenMs: number | undefined;
  readonly #sidecar: Sidecar;
  readonly #handle: number;
  readonly keys: Uint32Array;
  readonly #textStart: number;
  readonly #f64: Float64Array;
  readonly #u32: Uint32Array;
  readonly #u8: Uint8Array;
  readonly #status = new Float64Array(STATUS_FIELDS.length);
  readonly #composer = new Composer();
  #pendingWait: Promise<number> | undefined;
  #isOpen = true;

  /**
   * Lends memory and starts reading. A ring that is not there is waited for.
   *
   * @throws {SidecarError} if the options make no sense to the sidecar.
   */
  constructor(sidecar: Sidecar, options: LogOptions) {
    // Texts of the events that clients see average 450 bytes; both halves of the memory then fill at the same pace.
    // A small window stays mostly text, whatever is asked of its index.
    const asked = Math.min(options.backfillEvents * 4 / 3, options.windowBytes / 256);
    const entries = Math.max(options.windowBytes / 512, asked);
    this.indexCapacity = 2 ** Math.ceil(Math.log2(entries));
    const indexBytes = this.indexCapacity * RECORD.size;
    this.textSize = Math.max(options.windowBytes - indexBytes, 1 << 20);
    const memory = new SharedArrayBuffer(indexBytes + this.textSize);
    this.keys = new Uint32Array(memory, 0, Math.floor(memory.byteLength / 4));
    this.#textStart = indexBytes;
    this.#f64 = new Float64Array(memory, 0, indexBytes / 8);
    this.#u32 = new Uint32Array(memory, 0, indexBytes / 4);
    this.#u8 = new Uint8Array(memory);
    this.#sidecar = sidecar;
    const text = new TextEncoder().encode(JSON.stringify({
      ring: options.ring,
      from: options.from,
      blocked: options.blocked,
      index_capacity: this.indexCapacity,
      speed: Number.isFinite(options.speed) ? options.speed : null,
      loop: options.loop,
      wait_for_play: options.waitForPlay,
    }));
    this.#handle = sidecar.symbols.ringcast_open(text, text.length, this.#u8, memory.byteLength);
    if (this.#handle === 0) throw sidecar.lastError();
  }

  type(entry: number): number {
    return this.#u8[(entry & (this.indexCapacity - 1)) * RECORD.size + RECORD.type]!;
  }

  seq(entry: number): number {
    return this.#f64[((entry & (this.indexCapacity - 1)) * RECORD.size + RECORD.seq) / 8]!;
  }

  textAt(entry: number): number {
    return this.#f64[((entry & (this.indexCapacity - 1)) * RECORD.size + RECORD.textAt) / 8]!;
  }

  textLength(entry: number): number {
    return this.#u32[((entry & (this.indexCapacity - 1)) * RECORD.size + RECORD.textLength) / 4]!;
  }

  txn(entry: number): number {
    return this.#u32[((entry & (this.indexCapacity - 1)) * RECORD.size + RECORD.txn) / 4]!;
  }

  proposal(entry: number): number {
    return this.#u32[((entry & (this.indexCapacity - 1)) * RECORD.size + RECORD.proposal) / 4]!;
  }

  stage(entry: number): number {
    return this.#u8[(entry & (this.indexCapacity - 1)) * RECORD.size + RECORD.stage]!;
  }

  blockNumber(entry: number): number {
    return this.#f64[((entry & (this.indexCapacity - 1)) * RECORD.size + RECORD.blockNumber) / 8]!;
  }

  recordedUs(entry: number): number {
    return this.#f64[((entry & (this.indexCapacity - 1)) * RECORD.size + RECORD.recordedUs) / 8]!;
  }

  keysAt(entry: number): number {
    const comma = this.type(entry) <= NATIVE_TRANSFER_TYPE ? 1 : 0;
    const end = this.textAt(entry) % this.textSize + this.textLength(entry) + comma;
    return (this.#textStart + end + 3) >>> 2;
  }

  message(before: string, spans: Float64Array<ArrayBuffer>, count: number, after: string): Message {
    let length = before.length + after.length;
    for (let i = 1; i < 2 * count; i += 2) length += spans[i]!;
    const { symbols } = this.#sidecar;
    return this.#composed(
      before,
      after,
      length,
      (target) => symbols.ringcast_gather(this.#handle, spans, count, target, target.length),
    );
  }

  entriesMessage(
    before: string,
    entries: Float64Array<ArrayBuffer>,
    count: number,
    stage: number,
    withBlockIds: boolean,
    after: string,
  ): Message {
    let length = before.length + after.length + count * MAX_ADDED_BYTES;
    for (let i = 0; i < count; i++) length += this.textLength(entries[i]!);
    const flags = withBlockIds ? 1 : 0;
    const { symbols } = this.#sidecar;
    return this.#composed(
      before,
      after,
      length,
      (target) => symbols.ringcast_gather_entries(this.#handle, entries, count, stage, flags, target, target.length),
    );
  }

  #composed(
    before: string,
    after: string,
    most: number,
    copy: (target: Uint8Array<ArrayBuffer>) => number,
  ): Message {
    return this.#composer.compose(before, after, most, (target) => {
      const copied = copy(target);
      if (copied < 0) throw this.#sidecar.lastError();
      return copied;
    });
  }

  release(entry: number): void {
    if (entry <= this.oldest) return;
    const releasedSeq = this.seq(entry - 1);
    this.#sidecar.check(this.#sidecar.symbols.ringcast_release(this.#handle, entry));
    this.oldest = entry;
    this.releasedSeq = releasedSeq;
  }

  async wait(timeoutMs: number, pauseMs = 0, restMs = 0): Promise<number> {
    if (this.#pendingWait !== undefined) throw new SidecarError("The log is already being waited for.");
    this.#pendingWait = this.#sidecar.symbols.ringcast_wait(
      this.#handle,
      this.head,
      Math.ceil(timeoutMs),
      Math.ceil(pauseMs * 1000),
      Math.ceil(restMs * 1000),
    );
    try {
      return await this.#pendingWait;
    } finally {
      this.#pendingWait = undefined;
    }
  }

  /** Makes entries before `head`, which wait() gave, visible here. */
  advance(head: number): void {
    if (head <= this.head) return;
    this.head = head;
    this.newestSeenMs = performance.now();
  }

  /** Lets a snapshot begin that waits for it. */
  play(): void {
    this.#sidecar.check(this.#sidecar.symbols.ringcast_play(this.#handle));
  }

  /** What the reader reports now. */
  status(): SourceStatus {
    const { symbols } = this.#sidecar;
    const numbers = this.#status;
    this.#sidecar.check(
      symbols.ringcast_status(this.#handle, new Uint8Array(numbers.buffer), numbers.byteLength),
    );
    const number = (field: (typeof STATUS_FIELDS)[number]) => numbers[STATUS_FIELDS.indexOf(field)]!;
    const frames = number("call_frames");
    return {
      newestSeq: number("newest_seq"),
      blockNumber: number("block_number"),
      chainId: number("chain_id"),
      events: number("events"),
      gaps: number("gaps"),
      lost: number("lost"),
      recordedUs: number("recorded_us"),
      hasCallFrames: frames === 0 ? undefined : frames === 2,
      state: SOURCE_STATES[number("source_state")]!,
      kind: SOURCE_KINDS[number("source_kind")]!,
      message: this.#sidecar.text((out, length) => symbols.ringcast_source_message(this.#handle, out, length)),
    };
  }

  /** Stops the reader and ends a wait in flight. The memory stays readable. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#sidecar.check(this.#sidecar.symbols.ringcast_close(this.#handle));
  }
}
