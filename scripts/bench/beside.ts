// The gateway beside a bare broadcaster of messages of the same size, in turns; medians, since machines have moods.

import { type Measured, type Source, Stand } from "./stand.ts";
import { millis, type Row, type Section, table } from "./table.ts";

const LOADS = [[1, 500], [1, 10_000], [10, 10_000], [100, 10_000], [100, 20_000]] as const;
const ROUNDS = 3;
/** Between these two loads only the number of clients differs. */
const [FEW, MANY] = [2, 3] as const;

/** Events that a client gets for each that is recorded: NativeTransfers come on top. */
const DELIVERED_PER_RECORDED = 1.033;
/** Bytes of an event of the recording, on average. */
export const EVENT_BYTES = 610;

/** The same load on both. */
export interface Pair {
  readonly gateway: Measured;
  readonly bare: Measured;
}

/** Measures the gateway, then the broadcaster with as many events of the average size. */
export async function measurePair(count: number, source: Source, seconds: number): Promise<Pair> {
  const serve = async (stand: Stand) => {
    await using measured = stand;
    return await measured.measure({ count, seconds });
  };
  const gateway = await serve(await Stand.gateway(source));
  const rate = Math.round(source.rate * DELIVERED_PER_RECORDED);
  const bare = await serve(await Stand.broadcaster({ ...source, rate }, EVENT_BYTES));
  console.error(`bench: ${count} clients at ${source.rate} events/s${source.inBlocks ? " in blocks" : ""}, both`);
  return { gateway, bare };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Processor seconds per million deliveries. */
export function cost({ cores, events, millis }: Measured): number {
  return cores / (events / millis * 1000) * 1e6;
}

/** Processor time of the gateway per delivery, in that of the broadcaster. */
export function processorRatio({ gateway, bare }: Pair): number {
  return cost(gateway) / cost(bare);
}

/** Gateway and bare broadcaster under the same loads. */
export async function measureBeside(seconds: number): Promise<Section> {
  const pairs: Pair[][] = LOADS.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, [count, rate]] of LOADS.entries()) {
      pairs[index]!.push(await measurePair(count, { rate, inBlocks: false }, seconds));
    }
  }
  const rows: Row[] = LOADS.map(([clients, rate], index) => {
    const of = (value: (pair: Pair) => number) => median(pairs[index]!.map(value));
    return {
      clients,
      "events/s": rate,
      "gateway cores": of(({ gateway }) => gateway.cores).toFixed(2),
      "gateway CPU s per M": of(({ gateway }) => cost(gateway)).toFixed(3),
      "bare CPU s per M": of(({ bare }) => cost(bare)).toFixed(3),
      ratio: of(processorRatio).toFixed(2),
      "gateway p50/p99 ms": `${millis(of(({ gateway }) => gateway.p50))} / ${millis(of(({ gateway }) => gateway.p99))}`,
      "bare p50/p99 ms": `${millis(of(({ bare }) => bare.p50))} / ${millis(of(({ bare }) => bare.p99))}`,
    };
  });
  const more = (pick: (pair: Pair) => Measured) => {
    return median(pairs[MANY]!.map((pair, round) => pick(pair).cores - pick(pairs[FEW]![round]!).cores));
  };
  const [gateway, bare] = [more((pair) => pair.gateway), more((pair) => pair.bare)];
  const text = `The same load on both, in turns, medians of ${ROUNDS}\n\n${table(rows)}\n\n` +
    `Ten times the clients cost ${gateway.toFixed(2)} cores more, the bare broadcaster ${bare.toFixed(2)}: ` +
    `${(gateway / bare).toFixed(2)} times.`;
  return { name: "beside", text, rows };
}
