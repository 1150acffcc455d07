// Many clients that all get everything: how much of it arrives, how late, and what it costs, over clients and rates.

import { cost, measurePair } from "./beside.ts";
import type { Measured, Source } from "./stand.ts";
import { millis, type Row, type Section, table } from "./table.ts";

const CLIENTS = [1, 10, 50, 100, 500];
const RATES = [5_000, 20_000, 50_000, 100_000];
/** More than any server of one core can send; such cells are left out. */
const MOST_DELIVERIES_PER_SECOND = 7_000_000;

/** The figures of one measurement as a row. */
export function row(measured: Measured, source: Source): Row {
  // Every event of the source is delivered to every client; what a client lost is missing from its count. Of blocks there
  // may be one more or less in the time than the rate says.
  const expected = source.inBlocks ? measured.most : source.rate * measured.millis / 1000;
  return {
    clients: measured.clients,
    "events/s": source.rate,
    source: source.inBlocks ? "blocks" : "even",
    "delivered %": (Math.min(1, measured.fewest / expected) * 100).toFixed(1),
    "p50 ms": millis(measured.p50),
    "p99 ms": millis(measured.p99),
    "max ms": millis(measured.max),
    cores: measured.cores.toFixed(2),
    "CPU s per M": measured.events === 0 ? "" : cost(measured).toFixed(3),
    "MB/s": (measured.bytes / measured.millis / 1000).toFixed(0),
    "RSS MiB": (measured.resident / 1024 / 1024).toFixed(0),
    "stolen %": (measured.stolen * 100).toFixed(0),
  };
}

/** The matrix of clients, rates and sources, each cell beside the bare broadcaster's. */
export async function measureFanout(seconds: number): Promise<Section> {
  const rows: Row[] = [];
  for (const inBlocks of [false, true]) {
    for (const rate of RATES) {
      const source = { rate, inBlocks };
      for (const count of CLIENTS.filter((count) => count * rate <= MOST_DELIVERIES_PER_SECOND)) {
        const { gateway, bare } = await measurePair(count, source, seconds);
        rows.push({
          ...row(gateway, source),
          "bare p50/p99 ms": `${millis(bare.p50)} / ${millis(bare.p99)}`,
          "bare CPU s per M": cost(bare).toFixed(3),
          "bare MB/s": (bare.bytes / bare.millis / 1000).toFixed(0),
        });
      }
    }
  }
  return { name: "fanout", text: `Everything to everybody, gateway alone on one core\n\n${table(rows)}`, rows };
}
