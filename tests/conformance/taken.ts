// What one client got that subscribed to everything, for the files that read the rules of the text off it:
// seqs_test.ts and serialization_test.ts, each with a target of its own.

import { EVENT_NAMES, METRIC_ITEMS } from "../../src/stream/protocol.ts";
import type { AnyEvent, AnyFrame } from "../harness/client.ts";
import { Target } from "./target.ts";

export const target = new Target({
  node: ["run", "--block-ms", "40", "--txns-per-block", "20", "--fork-every", "4"],
  flags: ["--unrestricted"],
});
/** Before the target began, microseconds of Unix time. */
export const startedUs = Date.now() * 1000;

const taken: { texts: string[]; frames: AnyFrame[]; events: AnyEvent[] } = { texts: [], frames: [], events: [] };

/** Takes part in the stream until blocks of it are verified. */
export async function take(): Promise<typeof taken> {
  if (taken.frames.length > 0) return taken;
  await using client = await target.subscribed([...EVENT_NAMES, ...METRIC_ITEMS]);
  await client.until("blocks that began in it are verified", ({ events }) => {
    return events.filter((event) => event.event_name === "BlockVerified").length > 9;
  });
  taken.texts.push(...client.texts);
  taken.frames.push(...client.frames.slice(0, taken.texts.length));
  // The first block may have begun before.
  const { events } = client;
  taken.events.push(...events.slice(events.findIndex(({ event_name }) => event_name === "BlockStart")));
  return taken;
}

/** The events of one name. */
export const of = (events: readonly AnyEvent[], name: string) => events.filter(({ event_name }) => event_name === name);
