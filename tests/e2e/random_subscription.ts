// Random subscriptions: any events, filters whose values occur among those of a firehose, correlation, stages, block ids.

import fc from "fast-check";
import type { AnyEvent } from "../harness/client.ts";
import { FIELDS, valueOf } from "./field_value.ts";

const PLAIN = [
  ...["BlockStart", "BlockEnd", "BlockReject", "BlockQC", "BlockFinalized", "BlockVerified", "RecordError", "EvmError"],
  ...["TxnEnd", "TxnHeaderEnd", "TxnReject", "TxnAuthListEntry", "TxnPerfEvmEnter"],
];

/** Subscriptions with filters whose values occur in these events. */
export function randomSubscription(known: readonly AnyEvent[]): fc.Arbitrary<AnyEvent> {
  const byName = Map.groupBy(known, (event) => event.event_name);
  const names = Object.keys(FIELDS).filter((name) => byName.has(name));
  const spec = (name: string) =>
    fc.subarray([...FIELDS[name]!], { minLength: 1, maxLength: Math.min(2, FIELDS[name]!.length) })
      .chain((fields) => fc.tuple(...fields.map((field) => fieldFilter(byName.get(name)!, field))))
      .map((field_filters) => ({ event_name: name, field_filters }));
  return fc.record({
    events: fc.subarray([...names, ...PLAIN], { minLength: 1, maxLength: 6 }),
    form: fc.constantFrom("none", "none", "header", "transaction"),
    min_stage: fc.constantFrom(undefined, "Proposed", "Voted", "Finalized", "Verified"),
    block_ids: fc.boolean(),
  }).chain(({ events, form, min_stage, block_ids }) => {
    const asked = form === "none" ? events : [...new Set([...events, "TxnHeaderStart"])];
    const filtered = asked.filter((name) => names.includes(name));
    const specs = fc.tuple(...filtered.map((name) => fc.array(spec(name), { minLength: 1, maxLength: 2 })));
    return specs.map((lists) => ({
      ...{ events: asked, filters: lists.flat(), block_ids },
      ...(min_stage === undefined ? {} : { min_stage }),
      ...(form === "none" ? {} : { correlate: form === "header" ? true : "transaction" }),
    }));
  });
}

function fieldFilter(events: readonly AnyEvent[], field: string): fc.Arbitrary<AnyEvent> {
  return fc.array(fc.constantFrom(...events), { minLength: 1, maxLength: 4 }).map((some) => {
    const values = some.map((event) => valueOf(event, field)).filter((value) => value !== undefined);
    if (field === "topics") {
      const prefix = (values[0] as string[]).map((topic, i) => i % 2 === 1 ? null : [topic, "0x" + "11".repeat(32)]);
      return { field, filter: { values: prefix } };
    }
    if (["txn_index", "log_index", "value"].includes(field)) {
      const sorted = values.map(BigInt).sort((a, b) => a < b ? -1 : 1);
      const bound = (n = 0n) => field === "value" ? `0x${n.toString(16)}` : Number(n);
      return { field, filter: { min: bound(sorted[0]), max: bound(sorted.at(-1)) } };
    }
    return { field, filter: { values } };
  });
}
