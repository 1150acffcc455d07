// Values of filters as words, as they stand behind an entry's text: sets of hashes and addresses, bounds of 256 bits.
// Used by filter.ts; nothing here allocates once it is made.

/** Sets up to this size are searched one by one. */
const MAX_LINEAR_SIZE = 8;

/** Makes it unknown which values fall on the same place of a table. */
const SEED = crypto.getRandomValues(new Uint32Array(1))[0]!;

/** A set of values of equally many words each. */
export class WordSet {
  readonly #words: Uint32Array; // the values, one behind the other, in the byte order of the machine as the log is
  readonly #wordsEach: number;
  /** Open addressing: by hash, the number of a value plus one; undefined for a small set. */
  readonly #table: Uint32Array | undefined;

  /** A set of different values, at least one, each the same number of bytes as hex text with 0x. */
  constructor(values: readonly string[]) {
    this.#words = new Uint32Array(Uint8Array.fromHex(values.map((value) => value.slice(2)).join("")).buffer);
    const wordsEach = this.#words.length / values.length;
    this.#wordsEach = wordsEach;
    if (values.length <= MAX_LINEAR_SIZE) return;
    const table = new Uint32Array(2 ** Math.ceil(Math.log2(values.length * 2)));
    for (let index = 0; index < values.length; index++) {
      let place = this.#hash(this.#words, index * wordsEach) & (table.length - 1);
      while (table[place] !== 0) place = (place + 1) & (table.length - 1);
      table[place] = index + 1;
    }
    this.#table = table;
  }

  /** Whether the words of `keys` from index `at` on are a value of the set. */
  has(keys: Uint32Array, at: number): boolean {
    const table = this.#table;
    if (table === undefined) {
      const { length } = this.#words;
      for (let value = 0; value < length; value += this.#wordsEach) if (this.#isEqual(value, keys, at)) return true;
      return false;
    }
    const mask = table.length - 1;
    let place = this.#hash(keys, at) & mask;
    for (let number = table[place]!; number !== 0; number = table[place]!) {
      if (this.#isEqual((number - 1) * this.#wordsEach, keys, at)) return true;
      place = (place + 1) & mask;
    }
    return false;
  }

  #isEqual(value: number, keys: Uint32Array, at: number): boolean {
    for (let i = 0; i < this.#wordsEach; i++) if (this.#words[value + i] !== keys[at + i]) return false;
    return true;
  }

  #hash(words: Uint32Array, at: number): number {
    let hash = SEED;
    for (let i = 0; i < this.#wordsEach; i++) {
      hash = Math.imul(hash ^ words[at + i]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash >>> 0;
  }
}

/** A number of at most 256 bits as 8 words, the most significant first. */
export function numberWords(value: bigint): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(32 * (7 - i))) & 0xffffffffn));
}

/** Below 0, 0 or above 0, as the number of 8 words from `at` on is below, equal to or above `bound`. */
export function compareNumber(keys: Uint32Array, at: number, bound: Uint32Array): number {
  for (let i = 0; i < 8; i++) {
    const difference = keys[at + i]! - bound[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
