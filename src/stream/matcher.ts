// What one subscription takes from the log: every entry is looked at once per group and, if it is wanted, put on the
// group's delivery list, at once or when its block or transaction releases it. Driven by group.ts; hold.ts and
// correlate.ts keep what is held and matched.

import { Correlation, endsTxn } from "./correlate.ts";
import { Delivery } from "./delivery.ts";
import { Hold } from "./hold.ts";
import { endsBlock, entryText, GAP_TYPE, LIFECYCLE_TYPE, type Log, STAGE, TYPE } from "./log.ts";
import type { Subscription } from "./subscription.ts";

/** A way through the log. */
export class Matcher {
  /** What is delivered. */
  readonly delivery = new Delivery();
  /** The next entry to be looked at. */
  next: number;
  readonly #log: Log;
  readonly #subscription: Subscription;
  readonly #hold: Hold | undefined;
  readonly #correlation: Correlation | undefined;
  /** Entries before this one are looked at for what they hold and match, and not delivered (protocol 7.4). */
  readonly #from: number;

  /** Delivers what `subscription` takes from entry `from` on; looks at entries from `warmUpFrom` on. */
  constructor(log: Log, subscription: Subscription, from: number, warmUpFrom: number) {
    this.#log = log;
    this.#subscription = subscription;
    this.#from = from;
    this.#hold = subscription.minStage > STAGE.proposed ? new Hold(log, subscription.minStage) : undefined;
    this.#correlation = subscription.correlate === "none" ? undefined : new Correlation(log);
    const needsState = this.#hold !== undefined || this.#correlation !== undefined;
    this.next = needsState ? Math.min(warmUpFrom, from) : from;
  }

  /** Looks at entries before `to`, until `pending` or more wait to be delivered behind position `after`. */
  run(to: number, after: number, pending: number): void {
    this.#giveUpLost();
    const { delivery } = this;
    if (this.next < this.#log.oldest) this.next = this.#log.oldest;
    while (this.next < to && delivery.end - after < pending) {
      this.#look(this.next);
      this.next++;
    }
  }

  #look(entry: number): void {
    const log = this.#log;
    const type = log.type(entry);
    const hold = this.#hold;
    const correlation = this.#correlation;
    if (hold === undefined && correlation === undefined) {
      if (type === GAP_TYPE || this.#isWanted(entry, type)) this.delivery.push(entry);
      return;
    }
    if (type === GAP_TYPE) {
      correlation?.clear();
      hold?.look(entry, type);
      this.#push(entry);
      return;
    }
    const fate = hold?.look(entry, type) ?? "free";
    let isWanted = this.#isWanted(entry, type);
    if (correlation !== undefined) isWanted = this.#correlate(correlation, entry, type, isWanted);
    if (fate === "release") {
      const entries = hold!.take(entry);
      if (isWanted) entries.push(entry);
      if (entries.length > 0) this.#release(entries, entry, hold!.stageAt(entry));
    } else if (isWanted) {
      if (fate === "held") hold!.keep(entry);
      else this.#push(entry);
    }
  }

  #isWanted(entry: number, type: number): boolean {
    const { wanted, filters } = this.#subscription;
    return wanted[type] === 1 && filters.matches(this.#log, entry);
  }

  /** Whether the entry is delivered by itself; whole transactions are released when they end. */
  #correlate(correlation: Correlation, entry: number, type: number, isWanted: boolean): boolean {
    const log = this.#log;
    if (endsBlock(log, entry, type) || (type === LIFECYCLE_TYPE && log.stage(entry) === STAGE.rejected)) {
      this.#endTxns(correlation, [...correlation.open], entry);
      correlation.clear();
      return isWanted;
    }
    const txn = log.txn(entry);
    if (txn === 0) return isWanted;
    correlation.look(entry, type);
    const isWhole = this.#subscription.correlate === "transaction";
    const takes = isWanted || correlation.has(txn);
    if (isWanted && (isWhole || type === TYPE.txnHeaderStart)) correlation.match(txn);
    if (endsTxn(type)) this.#endTxns(correlation, [txn], entry);
    return !isWhole && takes;
  }

  /** Ends transactions with one entry. They come as one release: a cursor cannot stand between two of the same seq. */
  #endTxns(correlation: Correlation, txns: readonly number[], last: number): void {
    const ended = txns.filter((txn) => correlation.end(txn));
    if (this.#subscription.correlate !== "transaction") return;
    const entries = ended.flatMap((txn) => correlation.entries(txn, last)).sort((a, b) => a - b);
    if (entries.length === 0) return;
    if (this.#hold === undefined) this.#release(entries, last, 0);
    else for (const entry of entries) this.#keepOrPush(entry);
  }

  #keepOrPush(entry: number): void {
    const hold = this.#hold!;
    if (hold.isReleased(entry)) this.#push(entry);
    else hold.keep(entry);
  }

  #push(entry: number): void {
    if (entry >= this.#from) this.delivery.push(entry);
  }

  #release(entries: number[], by: number, stage: number): void {
    if (by >= this.#from) this.delivery.pushRelease(entries, this.#log.seq(by), stage, by);
  }

  /** Says what was held for so long that the window lost it (protocol 7.5). */
  #giveUpLost(): void {
    if (this.#hold === undefined) return;
    for (const lost of this.#hold.takeLost()) {
      const kept = lost.find((entry) => entry >= this.#log.oldest);
      const until = kept === undefined ? {} : { to_seqno: seqnoOf(entryText(this.#log, lost.at(-1)!)) };
      const warning = { type: "gap", dropped: lost.length, reason: "window", ...until };
      this.delivery.pushText(JSON.stringify({ seq: 0, Warning: warning }), this.next);
    }
  }
}

/** The ring's number in an event's text, which ends with it and the time. */
function seqnoOf(text: string): number {
  return Number(/"seqno":(\d+),"timestamp_ns":\d+\}$/.exec(text)?.[1]);
}
