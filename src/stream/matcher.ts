// What one subscription takes from the log: every entry is looked at once per group and, if it is wanted, put on the
// group's delivery list, at once or when its block or transaction releases it. Driven by group.ts; hold.ts and
// correlate.ts keep what is held and matched.

import { Correlation, endsTxn } from "./correlate.ts";
import { Delivery } from "./delivery.ts";
import { Hold } from "./hold.ts";
import { endsBlock, entryText, GAP_TYPE, gapReason, LIFECYCLE_TYPE, type Log, STAGE, TYPE } from "./log.ts";
import { cutWarning, type Loss, lossWarning } from "./loss.ts";
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
    const { delivery } = this;
    while (this.next < to && delivery.end - after < pending) {
      this.#look(this.next);
      this.next++;
    }
  }

  /** Gives up what is held of entries before `start`, which are about to leave the window and were all looked at. */
  lose(start: number): void {
    if (this.#hold === undefined) return;
    this.#hold.lose(start);
    this.#tell(this.#hold.takeLosses(), this.next);
  }

  #look(entry: number): void {
    const log = this.#log;
    const type = log.type(entry);
    const hold = this.#hold;
    const correlation = this.#correlation;
    if (hold === undefined && correlation === undefined) {
      if (type === GAP_TYPE) this.#pushGap(entry);
      else if (this.#isWanted(entry, type)) this.delivery.push(entry);
      return;
    }
    if (type === GAP_TYPE) return this.#cut(entry);
    const fate = hold?.look(entry, type) ?? "free";
    if (hold !== undefined) this.#tellFrom(entry, hold.takeLosses());
    let isWanted = this.#isWanted(entry, type);
    if (correlation !== undefined) isWanted = this.#correlate(correlation, entry, type, isWanted);
    if (fate === "release") {
      const stage = hold!.stageAt(entry);
      const entries = hold!.take(entry);
      if (isWanted) entries.push(entry);
      if (entries.length > 0) this.#release(entries, entry, stage);
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
    const entries: number[] = [];
    for (const txn of ended) {
      if (correlation.isCut(txn)) this.#tellCut(last);
      else entries.push(...correlation.entries(txn, last));
    }
    entries.sort((a, b) => a - b);
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

  /** Says what a gap makes lost besides its own events: half blocks, half transactions, everything of a ring that ended. */
  #cut(gap: number): void {
    const losses: Loss[] = [];
    const correlation = this.#correlation;
    if (correlation !== undefined) {
      const entries: number[] = [];
      if (this.#subscription.correlate === "transaction") {
        for (const txn of correlation.open) {
          if (correlation.isCut(txn)) this.#tellCut(gap);
          else entries.push(...correlation.entries(txn, gap - 1));
        }
      }
      if (entries.length > 0) losses.push({ entries, reason: gapReason(this.#log, gap) });
      correlation.clear();
    }
    this.#hold?.look(gap, GAP_TYPE);
    losses.push(...this.#hold?.takeLosses() ?? []);
    this.#tellFrom(gap, losses);
    this.#pushGap(gap);
  }

  /** A gap's text is kept: whoever is overtaken by the window is told all the same (protocol 10.2). */
  #pushGap(gap: number): void {
    if (gap >= this.#from) this.delivery.pushText(entryText(this.#log, gap), gap);
  }

  #tellCut(last: number): void {
    if (last >= this.#from) this.delivery.pushText(cutWarning(this.#log, last), last);
  }

  /** Tells losses that entry `by` caused, unless that is before the client's time. */
  #tellFrom(by: number, losses: readonly Loss[]): void {
    if (by >= this.#from) this.#tell(losses, by);
  }

  #tell(losses: readonly Loss[], by: number): void {
    for (const loss of losses) this.delivery.pushText(lossWarning(this.#log, loss), by);
  }
}
