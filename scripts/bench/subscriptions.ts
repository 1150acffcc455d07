// What clients cost that do not all want everything: many filters, filters that never match, a client that replays
// the whole window, and a type that is blocked.

import { row } from "./fanout.ts";
import { type Load, Stand } from "./stand.ts";
import { type Row, type Section, table } from "./table.ts";

const SOURCE = { rate: 20_000, inBlocks: false };
/** Subscribe messages with `count` different filters, each of which lets about the same share of the events through. */
function filters(count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      subscribe: {
        events: ["TxnLog", "TxnEvmOutput", "BlockStart", "BlockEnd"],
        filters: [{ event_name: "TxnLog", field_filters: [{ field: "txn_index", filter: { min: index } }] }],
      },
    }));
}

/** Subscribe messages whose filter matches nothing. */
function idle(count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      subscribe: {
        events: ["TxnLog"],
        filters: [{
          event_name: "TxnLog",
          field_filters: [{
            field: "address",
            filter: { values: [`0x${(index + 1).toString(16).padStart(40, "0")}`] },
          }],
        }],
      },
    }));
}

/** The rows of this section. */
export async function measureSubscriptions(seconds: number): Promise<Section> {
  const rows: Row[] = [];
  const add = async (what: string, stand: Stand, load: Omit<Load, "seconds">) => {
    const measured = await stand.measure({ ...load, seconds });
    const { "delivered %": _, ...figures } = row(measured, SOURCE);
    rows.push({ what, ...figures, fewest: measured.fewest, most: measured.most, lost: measured.lost_clients });
    console.error(`bench: ${what}`);
  };
  {
    await using stand = await Stand.gateway(SOURCE);
    await add("nobody but one client", stand, { count: 1 });
    await add("500 clients, 50 filters", stand, { count: 500, subscriptions: filters(50) });
    await add("500 clients, one filter", stand, { count: 500, subscriptions: filters(1) });
    await add("1,000 clients, one idle filter", stand, { count: 1000, subscriptions: idle(1) });
    await add("1,000 clients, 50 idle filters", stand, { count: 1000, subscriptions: idle(50) });
    await add("20 clients", stand, { count: 20 });
    await add("20 clients while one replays the window", stand, { count: 20, isReplayed: true });
  }
  {
    await using stand = await Stand.gateway(SOURCE, []);
    await add("one client, defaults blocked", stand, {
      count: 1,
      subscriptions: [JSON.stringify({ subscribe: ["BlockStart", "TxnLog"] })],
    });
  }
  {
    await using stand = await Stand.idle();
    await add("100 clients, nothing happens", stand, { count: 100 });
  }
  return { name: "subscriptions", text: `Subscriptions at ${SOURCE.rate} events/s\n\n${table(rows)}`, rows };
}
