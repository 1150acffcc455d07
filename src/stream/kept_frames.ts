// Full messages that were framed lately, for members of the same group who come to the same place later: catching up is
// then no dearer than keeping up. fanout.ts keeps and asks; frame.ts cuts full messages at the same places for everybody.

import { MAX_FRAME_BYTES, MAX_HEAD_BYTES } from "./frame.ts";
import type { Group } from "./group.ts";

/** Messages that are kept, 8 MiB at most: those who lag by more at different places are framed for again. */
const SLOTS = 128;

/** A message as it goes to sockets. */
export interface KeptFrame {
  /** The whole frame. */
  readonly frame: Uint8Array<ArrayBuffer>;
  /** Position behind what it says. */
  readonly next: number;
}

interface Slot {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where it is kept now, and as what; not the group itself, which may have ended. */
  kept: Map<number, KeptFrame>;
  from: number;
}

/** The newest full messages of all groups. */
export class KeptFrames {
  readonly #slots: Slot[] = [];
  readonly #byGroup = new WeakMap<Group, Map<number, KeptFrame>>();
  #oldest = 0;

  /** The message of a group at a position, if it is kept. */
  at(group: Group, position: number): KeptFrame | undefined {
    return this.#byGroup.get(group)?.get(position);
  }

  /** Keeps a copy of a message of at most the usual size; the oldest one makes room. */
  keep(group: Group, from: number, { frame, next }: KeptFrame): void {
    if (frame.length > MAX_FRAME_BYTES + MAX_HEAD_BYTES) return;
    let kept = this.#byGroup.get(group);
    if (kept === undefined) this.#byGroup.set(group, kept = new Map());
    const slot = this.#slots[this.#oldest] ??= { bytes: new Uint8Array(MAX_FRAME_BYTES + MAX_HEAD_BYTES), kept, from };
    this.#oldest = (this.#oldest + 1) % SLOTS;
    slot.kept.delete(slot.from);
    slot.bytes.set(frame);
    [slot.kept, slot.from] = [kept, from];
    kept.set(from, { frame: slot.bytes.subarray(0, frame.length), next });
  }
}
