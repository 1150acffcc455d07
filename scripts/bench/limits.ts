// The highest rate at which every client gets everything within 250 ms, beside a bare broadcaster's in the same run.

import { EVENT_BYTES } from "./beside.ts";
import { type Measured, Stand } from "./stand.ts";
import { type Row, type Section, table } from "./table.ts";

const CLIENTS = [1, 10, 50, 100];
const LATEST_US = 250_000;
/** Rates of the search: each 15 % above the one before it. */
const STEP = 1.15;

/** Whether every client got everything in time. */
function holds(measured: Measured, rate: number): boolean {
  const expected = rate * measured.millis / 1000;
  return measured.max <= LATEST_US && measured.fewest >= expected * 0.99 && measured.lost_clients === 0;
}

/** The highest rate that holds, by halving the interval between one that does and one that does not. */
async function highest(
  measure: (rate: number) => Promise<Measured>,
  from: number,
  to: number,
): Promise<Measured & { rate: number }> {
  const steps = Math.ceil(Math.log(to / from) / Math.log(STEP));
  const rateOf = (step: number) => Math.round(from * STEP ** step / 1000) * 1000;
  let best: (Measured & { rate: number }) | undefined;
  let [low, high] = [0, steps];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const rate = rateOf(middle);
    let measured = await measure(rate);
    // Once more, for a machine that did something else meanwhile.
    if (!holds(measured, rate)) measured = await measure(rate);
    const isHeld = holds(measured, rate);
    console.error(`bench: ${measured.clients} clients at ${rate} events/s: ${isHeld ? "in time" : "late"}`);
    if (isHeld) [best, low] = [{ ...measured, rate }, middle + 1];
    else high = middle - 1;
  }
  if (!best) throw new Error(`Even ${from} events/s came late; is the machine busy with something else?`);
  return best;
}

/** Gateway and bare broadcaster, by number of clients. */
export async function measureLimits(seconds: number): Promise<Section> {
  const rows: Row[] = [];
  const measureWith = (count: number, start: (rate: number) => Promise<Stand>) => async (rate: number) => {
    await using stand = await start(rate);
    return await stand.measure({ count, seconds });
  };
  for (const count of CLIENTS) {
    const [from, to] = [Math.max(10_000, 1_000_000 / count / 2), Math.min(2_000_000, 20_000_000 / count)];
    const gateway = await highest(
      measureWith(count, (rate) => Stand.gateway({ rate, inBlocks: false })),
      from,
      to,
    );
    const bare = await highest(
      measureWith(count, (rate) => Stand.broadcaster({ rate, inBlocks: false }, EVENT_BYTES)),
      from,
      to,
    );
    rows.push({
      clients: count,
      "gateway events/s": gateway.rate,
      "gateway cores": gateway.cores.toFixed(2),
      "gateway GB/s": (gateway.bytes / gateway.millis / 1e6).toFixed(2),
      "bare events/s": bare.rate,
      "bare cores": bare.cores.toFixed(2),
      "bare GB/s": (bare.bytes / bare.millis / 1e6).toFixed(2),
      "share of bare %": (gateway.rate / bare.rate * 100).toFixed(0),
    });
  }
  const text = `Highest rate that every client gets within 250 ms\n\n${table(rows)}`;
  return { name: "limits", text, rows };
}
