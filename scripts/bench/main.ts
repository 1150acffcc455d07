// `deno task bench`: measures what this project must be fast at, each figure beside another of the same run.
// `encode` decodes and encodes, `beside`, `fanout` and `limits` serve many clients, `subscriptions` serves many filters,
// `overload` more clients than can be served.

import { measureBeside } from "./beside.ts";
import { measureEncode } from "./encode.ts";
import { measureFanout } from "./fanout.ts";
import { measureLimits } from "./limits.ts";
import { describeMachine } from "./machine.ts";
import { measureOverload } from "./overload.ts";
import { measureSubscriptions } from "./subscriptions.ts";
import type { Section } from "./table.ts";

const SECTIONS: Readonly<Record<string, (seconds: number) => Promise<Section>>> = {
  encode: measureEncode,
  beside: measureBeside,
  fanout: measureFanout,
  limits: measureLimits,
  subscriptions: measureSubscriptions,
  overload: measureOverload,
};
/** Takes ten minutes, and says nothing about speed. */
const ONLY_WHEN_NAMED = "overload";

const USAGE = `Usage: deno task bench [--json] [SECTION…]
Sections: ${
  Object.keys(SECTIONS).join(", ")
}; without any, all but ${ONLY_WHEN_NAMED}. --json prints one line of JSON, not tables.`;

/** How long each cell is measured. */
const SECONDS = 5;

if (import.meta.main) {
  const isJson = Deno.args.includes("--json");
  const words = Deno.args.filter((word) => word !== "--json");
  const unknown = words.filter((word) => !Object.hasOwn(SECTIONS, word));
  if (unknown.length > 0) {
    console.error(`bench does not know ${unknown.join(", ")}.\n${USAGE}`);
    Deno.exit(2);
  }
  const machine = await describeMachine();
  if (!isJson) console.log(machine);
  const sections: Section[] = [];
  for (const name of words.length > 0 ? words : Object.keys(SECTIONS).filter((name) => name !== ONLY_WHEN_NAMED)) {
    console.error(`bench: ${name} …`);
    const section = await SECTIONS[name]!(SECONDS);
    sections.push(section);
    if (!isJson) console.log(`\n${section.text}`);
  }
  if (isJson) console.log(JSON.stringify({ machine, sections: sections.map(({ name, rows }) => ({ name, rows })) }));
}
