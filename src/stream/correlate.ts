// Whole transactions: which ones matched, and where each began (protocol 6.6). Used by matcher.ts.
// Blocks do not interleave, so the state is that of one block, in arrays by transaction.

import { type Log, TPS_TYPE, TYPE } from "./log.ts";

/** Transactions that a block may have; the sidecar believes no larger index. */
const MAX_TXNS = (1 << 16) + 2;

/** The transactions of the open block. */
export class Correlation {
  readonly #log: Log;
  #proposal = 0;
  readonly #isMatched = new Uint8Array(MAX_TXNS);
  /** Entry of each transaction's TxnHeaderStart + 1; 0 before it. */
  readonly #begins = new Float64Array(MAX_TXNS);
  /** Matched transactions that have not ended. */
  readonly #open = new Set<number>();
  #highest = 0;

  /** Follows the transactions of `log`. */
  constructor(log: Log) {
    this.#log = log;
  }

  /** Looks at every entry of a transaction, before it is asked about. */
  look(entry: number, type: number): void {
    const proposal = this.#log.proposal(entry);
    if (proposal !== this.#proposal) this.clear(proposal);
    const txn = this.#log.txn(entry);
    this.#highest = Math.max(this.#highest, txn);
    if (type === TYPE.txnHeaderStart && this.#begins[txn] === 0) this.#begins[txn] = entry + 1;
  }

  /** Whether the transaction matched and has not ended. */
  has(txn: number): boolean {
    return this.#open.has(txn);
  }

  /** Notes that the transaction matched. */
  match(txn: number): void {
    if (this.#isMatched[txn] === 1) return;
    this.#isMatched[txn] = 1;
    this.#open.add(txn);
  }

  /** Notes that the transaction ended; true if it had matched. */
  end(txn: number): boolean {
    return this.#open.delete(txn);
  }

  /** Matched transactions that have not ended. */
  get open(): Iterable<number> {
    return this.#open;
  }

  /** Whether the window has lost the beginning of the transaction. */
  isCut(txn: number): boolean {
    const begin = this.#begins[txn]!;
    return begin > 0 && begin - 1 < this.#log.oldest;
  }

  /** The entries of a transaction from its header up to and with `last`, in ring order. */
  entries(txn: number, last: number): number[] {
    const entries: number[] = [];
    const begin = this.#begins[txn]!;
    if (begin === 0) return entries;
    for (let entry = begin - 1; entry <= last; entry++) {
      const isOwn = this.#log.txn(entry) === txn && this.#log.proposal(entry) === this.#proposal;
      if (isOwn && this.#log.type(entry) < TPS_TYPE) entries.push(entry);
    }
    return entries;
  }

  /** Forgets everything; `proposal` is the block that begins. */
  clear(proposal = 0): void {
    this.#proposal = proposal;
    this.#isMatched.fill(0, 0, this.#highest + 1);
    this.#begins.fill(0, 0, this.#highest + 1);
    this.#open.clear();
    this.#highest = 0;
  }
}

/** Whether an event of a transaction is its last (protocol 6.6). */
export function endsTxn(type: number): boolean {
  return type === TYPE.txnEnd || type === TYPE.txnReject || type === TYPE.evmError;
}
