// `/metrics`: what operators watch, in Prometheus' text format (protocol section 16). rest.ts answers with it.
// Everything is read when it is asked for; nothing is counted twice and nothing in the way of an event.

import { Counter, Gauge, Registry } from "prom-client";
import { SOURCE_STATES } from "../stream/source.ts";
import { VERSION } from "../version.ts";
import { type Gateway, heldRange } from "./gateway.ts";
import type { Edge } from "./rest.ts";

/** Milliseconds since 1970 to seconds since a time in µs; never negative, whatever the clocks say. */
function ageSecs(recordedUs: number): number {
  return recordedUs === 0 ? 0 : Math.max(0, Date.now() / 1000 - recordedUs / 1e6);
}

/** The series of one gateway. */
export class Metrics {
  readonly #registry = new Registry();

  /** Series of `gateway`; `edge` says what the server knows. */
  constructor(gateway: Gateway, edge: () => Edge) {
    const { source, log, groups, snapshot } = gateway;
    this.#gauge("build_info", "The running version.", () => 1, { version: VERSION });
    this.#counter("ring_events_total", "Events read from rings.", () => source.status().events);
    this.#counter("ring_gaps_total", "Gaps in what was read.", () => source.status().gaps);
    this.#counter("ring_lost_events_total", "Events inside gaps, as far as known.", () => source.status().lost);
    this.#gauge("ring_newest_event_age_seconds", "Age of the newest event by its recorded time.", () => {
      return ageSecs(source.status().recordedUs);
    });
    this.#gauge("block_number", "Newest block number seen.", () => source.status().blockNumber);
    this.#gauge("tps", "Transactions per second.", () => snapshot.tps);
    this.#gauge("window_entries", "Entries that the window holds.", () => log.head - log.oldest);
    this.#gauge("window_newest_seq", "Seq of the newest entry.", () => heldRange(log).newest);
    this.#gauge("window_oldest_seq", "Seq of the oldest held entry.", () => heldRange(log).oldest);
    this.#gauge("clients", "Connected clients.", () => edge().clients);
    this.#gauge("subscribed_clients", "Clients that are sent something.", () => groups.size);
    this.#gauge("groups", "Different subscriptions that are matched and framed.", () => groups.groupCount);
    const state = new Gauge({
      name: "ringcast_source_state",
      help: "1 for what the source is doing.",
      labelNames: ["state"],
      registers: [this.#registry],
      collect() {
        const now = source.status().state;
        for (const name of SOURCE_STATES) this.set({ state: name }, name === now ? 1 : 0);
      },
    });
    state.set({ state: "opening" }, 0);
  }

  /** All series as text. */
  async text(): Promise<string> {
    return await this.#registry.metrics();
  }

  /** The content type of the text. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  #gauge(name: string, help: string, read: () => number, labels: Record<string, string> = {}): void {
    new Gauge({
      ...{ name: `ringcast_${name}`, help, labelNames: Object.keys(labels), registers: [this.#registry] },
      collect() {
        this.set(labels, read());
      },
    });
  }

  #counter(name: string, help: string, read: () => number): void {
    new Counter({
      ...{ name: `ringcast_${name}`, help, registers: [this.#registry] },
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
}
