// Where every block of the window begins, and by which entry it was decided for each stage: from where a held subscription
// must look at the log again (protocol 7.4). Kept by lifecycle.ts; five numbers per block that is held, no objects.

import { STAGE } from "./log.ts";

/** Numbers of a row: the first entry, the one that ended the block, and those that brought it to Voted … Verified. */
const FIELDS = 5;
/** Place of the entry that ended the block, and of what stands before the one that brought it to Voted. */
const ENDED = 1;

/** The blocks whose first entry is held, by that entry. A row's number never repeats. */
export class Begun {
  #values = new Float64Array(FIELDS * 64);
  #start = 0;
  #end = 0;

  /** Number of blocks that are known. */
  get size(): number {
    return this.#end - this.#start;
  }

  /** Adds a block that begins with entry `first`, behind all others; returns its row. */
  add(first: number): number {
    if (this.size * FIELDS === this.#values.length) this.#grow();
    const row = this.#end++;
    const at = this.#at(row);
    this.#values[at] = first;
    this.#values.fill(Infinity, at + 1, at + FIELDS);
    return row;
  }

  /** Notes that entry `by` brought the block to `stage`, as in STAGE; Rejected, Abandoned and more end and decide it. */
  decide(row: number, stage: number, by: number): void {
    if (row < this.#start) return;
    const at = this.#at(row) + ENDED;
    for (let i = STAGE.voted; i <= Math.min(stage, STAGE.verified); i++) this.#note(at + i - STAGE.proposed, by);
    if (stage > STAGE.verified) this.#note(at, by);
  }

  /** Notes that the block ended with entry `by`; before that nothing is delivered of it (protocol 7.1). */
  end(row: number, by: number): void {
    if (row >= this.#start) this.#note(this.#at(row) + ENDED, by);
  }

  #note(field: number, by: number): void {
    this.#values[field] = Math.min(this.#values[field]!, by);
  }

  /** Forgets the blocks whose first entry is before `oldest`. */
  forget(oldest: number): void {
    while (this.#start < this.#end && this.#values[this.#at(this.#start)]! < oldest) this.#start++;
  }

  /** The first entry of the oldest block that begins before entry `at` and is not decided there; `at` if none. */
  oldestUndecided(at: number, minStage: number): number {
    if (minStage <= STAGE.proposed) return at;
    for (let row = this.#start; row < this.#end; row++) {
      const values = this.#at(row);
      const first = this.#values[values]!;
      if (first >= at) return at;
      const ended = values + ENDED;
      if (Math.max(this.#values[ended]!, this.#values[ended + minStage - STAGE.proposed]!) >= at) return first;
    }
    return at;
  }

  /** The first entry of the newest block that begins before entry `at`; `at` if none. */
  newestBefore(at: number): number {
    let low = this.#start;
    let high = this.#end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#values[this.#at(middle)]! < at) low = middle + 1;
      else high = middle;
    }
    return low === this.#start ? at : this.#values[this.#at(low - 1)]!;
  }

  #at(row: number): number {
    return row * FIELDS % this.#values.length;
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#values.length);
    for (let row = this.#start; row < this.#end; row++) {
      const at = this.#at(row);
      larger.set(this.#values.subarray(at, at + FIELDS), row * FIELDS % larger.length);
    }
    this.#values = larger;
  }
}
