// `/metrics`: what operators watch, in Prometheus' text format (protocol section 16). server.ts answers with it.
// Everything is read when it is asked for; nothing is counted twice and nothing in the way of an event.

import { SOURCE_STATES } from "../stream/source.ts";
import { VERSION } from "../version.ts";
import { type Gateway, heldRange } from "./gateway.ts";
import type { Edge } from "./rest.ts";

/** Content type of the text. Source: Prometheus' exposition format 0.0.4. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** One series or a few that differ in one label: type, name without the prefix, meaning, values. */
type Family = readonly [
  type: "counter" | "gauge",
  name: string,
  help: string,
  values: number | ReadonlyMap<string, number>,
];

/** The series of a gateway as text; `edge` is what the server knows. */
export function metricsText(gateway: Gateway, edge: Edge): string {
  const { source, log, groups, snapshot, sent } = gateway;
  const status = source.status();
  const { oldest, newest } = heldRange(log);
  const states = SOURCE_STATES.map((state): [string, number] => [`state="${state}"`, Number(state === status.state)]);
  const ways = Object.entries(sent).map(([way, count]): [string, number] => [`way="${way}"`, count]);
  const families: Family[] = [
    ["gauge", "build_info", "The running version.", new Map([[`version="${VERSION}"`, 1]])],
    ["counter", "ring_events_total", "Events read from rings.", status.events],
    ["counter", "ring_gaps_total", "Gaps in what was read.", status.gaps],
    ["counter", "ring_lost_events_total", "Events inside gaps, as far as known.", status.lost],
    [
      "gauge",
      "ring_newest_event_age_seconds",
      "Age of the newest event by its recorded time.",
      ageSecs(status.recordedUs),
    ],
    ["gauge", "source_state", "1 for what the source is doing.", new Map(states)],
    ["gauge", "block_number", "Newest block number seen.", status.blockNumber],
    ["gauge", "tps", "Transactions per second.", snapshot.tps],
    ["gauge", "window_entries", "Entries that the window holds.", log.head - log.oldest],
    ["gauge", "window_newest_seq", "Seq of the newest entry.", newest],
    ["gauge", "window_oldest_seq", "Seq of the oldest held entry.", oldest],
    ["gauge", "clients", "Connected clients.", edge.clients],
    ["gauge", "subscribed_clients", "Clients that are sent something.", groups.size],
    ["counter", "messages_total", "Messages of events and metrics, taken by the kernel or kept for it.", new Map(ways)],
    ["gauge", "groups", "Different subscriptions that are looked at and framed.", groups.groupCount],
  ];
  return families.map(familyText).join("");
}

function familyText([type, name, help, values]: Family): string {
  const full = `ringcast_${name}`;
  const lines = typeof values === "number"
    ? [`${full} ${values}`]
    : [...values].map(([label, value]) => `${full}{${label}} ${value}`);
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join("\n")}\n`;
}

/** Seconds since a time in µs since 1970; never negative, whatever the clocks say; 0 before the first event. */
function ageSecs(recordedUs: number): number {
  return recordedUs === 0 ? 0 : Math.max(0, Date.now() / 1000 - recordedUs / 1e6);
}
