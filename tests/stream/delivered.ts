// A log whose head moves when a test says so, and receivers that take, stall and resume: for tests of what is delivered.

import type { DirectSocket, Outcome } from "../../src/stream/fanout.ts";
import { Groups } from "../../src/stream/groups.ts";
import { Lifecycle } from "../../src/stream/lifecycle.ts";
import { entryText, type Message, TPS_TYPE } from "../../src/stream/log.ts";
import type { Receiver, SlowLimits } from "../../src/stream/member.ts";
import { Snapshot } from "../../src/stream/snapshot.ts";
import { readSubscribe, type Subscription } from "../../src/stream/subscription.ts";
import type { NativeLog } from "../../src/native/log.ts";
import type { AnyFrame } from "../harness/client.ts";
import { FilledLog } from "../harness/filled_log.ts";

/** A receiver whose socket takes nothing until it is drained. */
export class Socket implements Receiver {
  readonly texts: string[] = [];
  unsentBytes = 0;
  evictions = 0;
  replays = 0;

  send(message: Message | string): void {
    const text = typeof message === "string" ? message : message.text();
    this.texts.push(text);
    this.unsentBytes += text.length;
  }

  /** Nothing goes past send(). */
  get direct(): DirectSocket | undefined {
    return undefined;
  }

  settle(_outcome: Outcome, _messages: number): void {
    throw new Error("Nothing goes past send().");
  }

  evict(): void {
    this.evictions++;
  }

  replayed(): void {
    this.replays++;
  }

  drain(): void {
    this.unsentBytes = 0;
  }

  /** Every event that came, as text. */
  get eventTexts(): string[] {
    return this.frames.flatMap((frame) => frame.Events ?? []).map((event) => JSON.stringify(event));
  }

  /** What came, parsed. */
  get frames(): AnyFrame[] {
    return this.texts.map((text) => JSON.parse(text));
  }

  /** The seq of every event and metric message that came, in order. */
  get seqs(): number[] {
    return this.frames.flatMap((frame) => frame.Events?.map(seqOf) ?? (frame.seq === 0 ? [] : [frame.seq]));
  }

  /** Every Warning that came. */
  // deno-lint-ignore no-explicit-any -- tests look into whatever came
  get warnings(): any[] {
    return this.frames.filter((frame) => frame.Warning !== undefined).map((frame) => frame.Warning);
  }
}

/** The seq of an event of a recording, whose base is 0. Source: protocol 3.3. */
export function seqOf(event: { readonly event_name: string; readonly seqno: number }): number {
  return 16 * event.seqno + (event.event_name === "NativeTransfer" ? 1 : 0);
}

/** A compiled subscription, from what a client sends as `subscribe`. */
export function subscription(value: unknown): Subscription {
  const message = readSubscribe(value, 0);
  if (message.kind !== "subscribe") throw new Error(JSON.stringify(message));
  return message.subscription;
}

/** Groups on a recording that is in the log as a whole, of which they see what `grow` shows them. */
export class Playback implements Disposable {
  readonly #filled: FilledLog;
  readonly log: NativeLog;
  lifecycle!: Lifecycle;
  snapshot!: Snapshot;
  groups!: Groups;
  /** Entries of the recording. */
  readonly length: number;

  constructor(filled: FilledLog, readonly limits: SlowLimits = { bufferPerClient: 4096, slowOffLimit: 10_000 }) {
    this.#filled = filled;
    this.log = filled.log;
    this.length = this.log.head;
    this.begin();
  }

  /** Begins again without any client; the groups see nothing of the recording yet. */
  begin(): void {
    this.log.head = 0;
    this.lifecycle = new Lifecycle(this.log);
    this.snapshot = new Snapshot(this.log, this.lifecycle);
    this.groups = new Groups(this.log, this.lifecycle, this.limits, { send: () => [] });
  }

  /** Reads a recording; the groups see nothing of it yet. */
  static async of(recording: string, { bufferPerClient = 4096, slowOffLimit = 10_000 } = {}): Promise<Playback> {
    const filled = new FilledLog(recording, recording.includes("30b") ? 160 << 20 : 16 << 20);
    await filled.ended();
    return new Playback(filled, { bufferPerClient, slowOffLimit });
  }

  /** Shows entries up to `head`, as the pump does after each wait. */
  grow(head = this.length): void {
    this.log.head = Math.min(head, this.length);
    this.snapshot.advance();
  }

  /** Grows and delivers once. */
  turn(head = this.length): boolean {
    this.grow(head);
    return this.groups.deliver(true);
  }

  /** Delivers until nobody is behind; every socket is drained after each turn. */
  deliverAll(sockets: readonly Socket[]): void {
    for (let turn = 0; this.groups.deliver(true); turn++) {
      if (turn > 10_000) throw new Error("Somebody stays behind for ever.");
      for (const socket of sockets) socket.drain();
    }
  }

  /** Releases entries before `entry`, as the pump does behind the window. */
  release(entry: number): void {
    this.groups.lose(entry);
    this.log.release(entry);
  }

  /** Entries whose event or message has this name, by the text alone. */
  entriesOf(...names: readonly string[]): number[] {
    const found: number[] = [];
    for (let entry = this.log.oldest; entry < this.length; entry++) {
      if (names.includes(this.nameOf(entry))) found.push(entry);
    }
    return found;
  }

  /** What an entry is, by its text. */
  nameOf(entry: number): string {
    const text = entryText(this.log, entry);
    const pattern = this.log.type(entry) < TPS_TYPE ? /^\{"event_name":"(\w+)"/ : /^\{"seq":\d+,"(\w+)"/;
    const name = pattern.exec(text)?.[1];
    if (name === undefined) throw new Error(`Entry ${entry} has no name: ${text.slice(0, 80)}`);
    return name;
  }

  /** The seqs of entries. */
  seqsOf(entries: readonly number[]): number[] {
    return entries.map((entry) => this.log.seq(entry));
  }

  [Symbol.dispose](): void {
    this.#filled[Symbol.dispose]();
  }
}
