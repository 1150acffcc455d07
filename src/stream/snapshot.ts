// The newest metrics, as a new subscription gets them before its first live message (protocol 2.4), and as REST shows
// them. pump.ts moves it on; session.ts asks for frames.

import { afterSeq, CONTENTION_DATA_TYPE, entryText, type Log, TOP_ACCESSES_TYPE, TPS_TYPE } from "./log.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { MetricItem } from "./protocol.ts";

/** The newest of each metric. */
export class Snapshot {
  readonly #log: Log;
  readonly #lifecycle: Lifecycle;
  /** Transactions per second; 0 before the first. */
  tps = 0;
  #contention: string | undefined;
  #topAccesses: string | undefined;

  /** Metrics of `log`, whose blocks `lifecycle` follows. */
  constructor(log: Log, lifecycle: Lifecycle) {
    this.#log = log;
    this.#lifecycle = lifecycle;
  }

  /** Takes everything new. */
  advance(): void {
    this.#lifecycle.advance((entry, type) => {
      if (type === TPS_TYPE) this.tps = this.#log.keys[this.#log.keysAt(entry)]!;
      else if (type === CONTENTION_DATA_TYPE) this.#contention = afterSeq(entryText(this.#log, entry));
      else if (type === TOP_ACCESSES_TYPE) this.#topAccesses = afterSeq(entryText(this.#log, entry));
    });
  }

  /** The newest contention as JSON text; undefined before the first. */
  get contention(): string | undefined {
    return this.#contention?.slice(this.#contention.indexOf(":") + 1, -1);
  }

  /** The frames for some items, each with `seq`; in the order of the protocol. */
  frames(items: ReadonlySet<MetricItem>, seq: number): string[] {
    const bodies: string[] = [];
    if (items.has("TPS") && this.tps > 0) bodies.push(`"TPS":${this.tps}}`);
    if (items.has("ContentionData") && this.#contention !== undefined) bodies.push(this.#contention);
    if (items.has("TopAccesses") && this.#topAccesses !== undefined) bodies.push(this.#topAccesses);
    if (items.has("Lifecycle")) bodies.push(...this.#lifecycle.active().map((block) => block.message));
    return bodies.map((body) => `{"seq":${seq},${body}`);
  }
}
