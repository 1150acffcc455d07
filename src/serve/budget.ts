// How much a client may send, and how many clients one address may be (protocol 1.3 and 11.3).
// session.ts counts messages, guard.ts counts bytes, server.ts counts clients.

/** Messages that a client may send per second, for ever. Source: protocol 11.3. */
const MESSAGES_PER_SEC = 100;
/** Messages that it may send at once. Source: protocol 11.3. */
const MESSAGE_BURST = 200;
/** Errors that a client may be answered with. Source: protocol section 15. */
const MAX_ERRORS = 100;

/** Bytes that may come from a client without being a message: the largest message, and room for one that is too big. */
const UNDELIVERED_BURST = 1 << 18;
/** What comes slower than this is forgotten, so that a client that only sends Pings stays: a 16-byte frame a second. */
const UNDELIVERED_BYTES_PER_SEC = 16;

/** One client's messages and errors. */
export class MessageBudget {
  #left = MESSAGE_BURST;
  #countedMs: number;
  #errors = 0;

  /** Full at `nowMs`. */
  constructor(nowMs: number = performance.now()) {
    this.#countedMs = nowMs;
  }

  /** Takes one message; false if it is one too many. */
  takeMessage(nowMs: number = performance.now()): boolean {
    this.#left = Math.min(MESSAGE_BURST, this.#left + (nowMs - this.#countedMs) / 1000 * MESSAGES_PER_SEC);
    this.#countedMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }

  /** Takes one error; false if it is one too many. */
  takeError(): boolean {
    return ++this.#errors <= MAX_ERRORS;
  }
}

/**
 * Bytes that were read and that no message delivered: parts of a message, Pings and Pongs. Deno gathers a message
 * of any length before anybody sees it, so this is what bounds it.
 */
export class UndeliveredBytes {
  #level = 0;
  #delivered = 0;
  #countedMs: number;

  /** Nothing came before `nowMs`. */
  constructor(nowMs: number = performance.now()) {
    this.#countedMs = nowMs;
  }

  /**
   * Counts what came since the last call; false if it is too much.
   *
   * @param read Bytes that were read from the connection since the last call.
   * @param delivered Bytes of all messages so far. A message that ended took all its parts with it.
   */
  take(read: number, delivered: number, nowMs: number): boolean {
    const forgotten = (nowMs - this.#countedMs) / 1000 * UNDELIVERED_BYTES_PER_SEC;
    const taken = delivered - this.#delivered;
    this.#level = taken > 0 ? Math.max(0, read - taken) : Math.max(0, this.#level + read - forgotten);
    this.#delivered = delivered;
    this.#countedMs = nowMs;
    return this.#level <= UNDELIVERED_BURST;
  }
}

/** How many clients each address is. */
export class AddressCounts {
  readonly #counts = new Map<string, number>();

  /** Clients of this address. */
  of(address: string): number {
    return this.#counts.get(address) ?? 0;
  }

  /** Counts a client that came. */
  add(address: string): void {
    this.#counts.set(address, this.of(address) + 1);
  }

  /** Counts a client that left. */
  remove(address: string): void {
    const count = this.of(address) - 1;
    if (count > 0) this.#counts.set(address, count);
    else this.#counts.delete(address);
  }
}
