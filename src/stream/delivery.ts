// What a group delivers, in order: entry numbers, and marks for what is more than an entry. Filled by matcher.ts, framed
// by frame.ts. A position is an index that never repeats; what every member has passed is forgotten.

/** A run of entries that is delivered as one message, at the place of the entry that released it (protocol 6.6, 7.1). */
export interface Release {
  /** Entries that follow the mark. */
  readonly count: number;
  /** Seq of the entry that released them; the seq of the last frame. */
  readonly seq: number;
  /** Stage that is written into each event; 0 leaves the one it was recorded with. */
  readonly stage: number;
}

/** Something of a delivery list that is no entry of its own: a release, or the text of a whole frame. */
export type Mark = Release | string;

/** An append-only list of which a window is kept. */
export class Delivery {
  #values = new Float64Array(64);
  readonly #marks = new Map<number, Mark>();
  /** Positions of the releases that are kept, and of all marks, ascending. */
  readonly #releases: number[] = [];
  readonly #marked: number[] = [];
  /** First position that is kept. */
  start = 0;
  /** Position behind the newest. */
  end = 0;

  /** Appends an entry. */
  push(entry: number): void {
    if (this.end - this.start === this.#values.length) this.#grow();
    this.#values[this.end++ & (this.#values.length - 1)] = entry;
  }

  /** Appends the text of a whole frame; `entry` is where in the log it belongs. */
  pushText(text: string, entry: number): void {
    this.#marks.set(this.end, text);
    this.#marked.push(this.end);
    this.push(entry);
  }

  /** Appends a mark and the entries it is about, ascending; `by` is the entry that released them. */
  pushRelease(entries: ArrayLike<number>, seq: number, stage: number, by: number): void {
    this.#marks.set(this.end, { count: entries.length, seq, stage });
    this.#releases.push(this.end);
    this.#marked.push(this.end);
    this.push(by);
    for (let i = 0; i < entries.length; i++) this.push(entries[i]!);
  }

  /** The entry at a kept position. */
  at(position: number): number {
    return this.#values[position & (this.#values.length - 1)]!;
  }

  /** The mark at a position, if there is one. */
  mark(position: number): Mark | undefined {
    return this.#marks.get(position);
  }

  /** The release that a position lies in or is the mark of, and where it begins. */
  releaseAround(position: number): { readonly at: number; readonly release: Release } | undefined {
    const at = this.#releases[firstAbove(position, 0, this.#releases.length, (index) => this.#releases[index]!) - 1];
    if (at === undefined) return undefined;
    const release = this.#marks.get(at) as Release;
    return position <= at + release.count ? { at, release } : undefined;
  }

  /** Where the entries without any mark end that begin at a kept position: at itself if it has a mark or is in a release. */
  plainEnd(position: number): number {
    if (this.releaseAround(position) !== undefined) return position;
    const next = firstAbove(position - 1, 0, this.#marked.length, (index) => this.#marked[index]!);
    return this.#marked[next] ?? this.end;
  }

  /** The first of the plain positions from `from` to `to` (exclusive) whose entry is `entry` or later; `to` if there is none. */
  firstOf(entry: number, from: number, to: number): number {
    return firstAbove(entry - 1, from, to, (position) => this.at(position));
  }

  /** The smallest entry from a kept position on: entries ascend, but releases go back. */
  oldestFrom(position: number): number {
    let oldest = this.at(position);
    for (const at of this.#releases) {
      const { count } = this.#marks.get(at) as Release;
      if (at + count >= position) oldest = Math.min(oldest, this.at(Math.max(position, at + 1)));
    }
    return oldest;
  }

  /** Forgets everything before a position. */
  trim(position: number): void {
    const end = Math.min(position, this.end);
    if (end <= this.start) return;
    if (this.#marks.size > 0) {
      for (const at of this.#marks.keys()) {
        // A release stays known until its last entry is passed.
        const mark = this.#marks.get(at)!;
        const last = typeof mark === "string" ? at : at + mark.count;
        if (last < end) this.#marks.delete(at);
        else if (at >= end) break;
      }
      for (const positions of [this.#releases, this.#marked]) {
        while (positions.length > 0 && !this.#marks.has(positions[0]!)) positions.shift();
      }
    }
    this.start = end;
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#values.length);
    for (let position = this.start; position < this.end; position++) {
      larger[position & (larger.length - 1)] = this.at(position);
    }
    this.#values = larger;
  }
}

/** The first index from `low` to `high` (exclusive) whose ascending value is above `bound`; `high` if there is none. */
function firstAbove(bound: number, low: number, high: number, valueAt: (index: number) => number): number {
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (valueAt(middle) <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
