// What a subscription delivers, computed from the parsed events of a firehose alone (protocol 6.5, 6.6 and section 7), and
// random subscriptions whose values come from these events. No code of the gateway's is used.

import fc from "fast-check";
import type { AnyEvent } from "../harness/client.ts";

/** An event of the firehose and its seq. */
export interface Numbered {
  readonly seq: number;
  readonly event: AnyEvent;
}

/** What is delivered together, and the seq that its frame ends with. */
export interface Piece {
  readonly seq: number;
  readonly events: AnyEvent[];
}

const STAGES = ["Proposed", "Voted", "Finalized", "Verified"];
const CONSENSUS = ["BlockQC", "BlockFinalized", "BlockVerified"];
/** Events that filters are drawn for, and their fields. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  TxnHeaderStart: ["txn_index", "sender", "to", "function_selector", "value"],
  TxnLog: ["txn_index", "log_index", "address", "topics"],
  TxnCallFrame: ["txn_index", "caller", "call_target", "value"],
  NativeTransfer: ["caller", "call_target", "value"],
  TxnEvmOutput: ["txn_index", "status"],
  AccountAccess: ["address"],
  StorageAccess: ["txn_index", "address"],
};
const PLAIN = ["BlockStart", "BlockEnd", "TxnEnd", "TxnHeaderEnd", ...CONSENSUS];

/** The value that a field of a filter looks at. */
function valueOf(event: AnyEvent, field: string): AnyEvent {
  if (field === "txn_index") return event.txn_idx;
  if (field === "function_selector") {
    return event.payload.data.length >= 10 ? event.payload.data.slice(0, 10) : undefined;
  }
  if (field === "to" && event.payload.is_contract_creation) return undefined;
  return event.payload[field];
}

function passesField(event: AnyEvent, { field, filter }: AnyEvent): boolean {
  const value = valueOf(event, field);
  if (field === "topics") {
    const wanted: AnyEvent[] = filter.values;
    return wanted.every((topic, i) => i < value.length && (topic === null || [topic].flat().includes(value[i])));
  }
  if (value === undefined) return "values" in filter && filter.values.length === 0;
  if ("values" in filter) return filter.values.length === 0 || filter.values.includes(value);
  return BigInt(value) >= BigInt(filter.min ?? 0) && (filter.max === undefined || BigInt(value) <= BigInt(filter.max));
}

function passes(event: AnyEvent, { events, filters = [] }: AnyEvent): boolean {
  if (!events.includes(event.event_name)) return false;
  const own = filters.filter((spec: AnyEvent) => spec.event_name === event.event_name);
  return own.length === 0 || own.some((spec: AnyEvent) => {
    return spec.field_filters.every((one: AnyEvent) => passesField(event, one));
  });
}

/** What `asked` delivers of all events, from the first to the last. */
export function filterOffline(everything: readonly Numbered[], asked: AnyEvent): Piece[] {
  return holdBack(everything, correlate(everything, asked), asked);
}

/** What matches, before stages are looked at. */
function correlate(everything: readonly Numbered[], asked: AnyEvent): Piece[] {
  const pieces: Piece[] = [];
  const keyOf = (event: AnyEvent) => `${event.block_id} ${event.txn_idx}`;
  const transactions = Map.groupBy(
    everything.filter(({ event }) => event.txn_idx !== undefined),
    ({ event }) => keyOf(event),
  );
  const matched = new Set<string>();
  for (const { seq, event } of everything) {
    const isMatch = passes(event, asked);
    const isInTxn = event.txn_idx !== undefined;
    if (asked.correlate === undefined || !isInTxn) {
      if (isMatch) pieces.push({ seq, events: [event] });
      continue;
    }
    const key = keyOf(event);
    if (asked.correlate === true) {
      if (isMatch || matched.has(key)) pieces.push({ seq, events: [event] });
      if (isMatch && event.event_name === "TxnHeaderStart") matched.add(key);
    } else {
      if (isMatch) matched.add(key);
      if (event.event_name === "TxnEnd" && matched.has(key)) {
        const own = transactions.get(key)!.map((one) => one.event);
        // A transaction begins with its header, though some perf events are recorded before it.
        pieces.push({ seq, events: own.slice(own.findIndex((one) => one.event_name === "TxnHeaderStart")) });
      }
    }
  }
  return pieces;
}

/** Blocks come when they have the stage; in the recording no block loses. */
function holdBack(everything: readonly Numbered[], pieces: readonly Piece[], asked: AnyEvent): Piece[] {
  const least = STAGES.indexOf(asked.min_stage ?? "Proposed");
  const strip = (event: AnyEvent, stage?: string): AnyEvent => {
    const { block_id, ...rest } = event;
    const staged = stage === undefined ? rest : { ...rest, commit_stage: stage };
    return asked.block_ids === true && block_id !== undefined ? { ...staged, block_id } : staged;
  };
  if (least === 0) return pieces.map(({ seq, events }) => ({ seq, events: events.map((event) => strip(event)) }));
  const bySeq = new Map(pieces.map((piece) => [piece.seq, piece]));
  const held = new Map<string, AnyEvent[]>();
  const released = new Set<string>();
  const begun = new Set<string>();
  const result: Piece[] = [];
  for (const { seq, event } of everything) {
    const id = event.block_id;
    if (event.event_name === "BlockStart") begun.add(id);
    const own = bySeq.get(seq)?.events ?? [];
    if (released.has(id)) {
      if (own.length > 0) result.push({ seq, events: own.map((one) => strip(one)) });
      continue;
    }
    if (!CONSENSUS.includes(event.event_name)) {
      if (begun.has(id)) held.set(id, [...held.get(id) ?? [], ...own]);
      continue;
    }
    if (STAGES.indexOf(event.commit_stage) < least) {
      held.set(id, [...held.get(id) ?? [], ...own]);
      continue;
    }
    released.add(id);
    const events = [...held.get(id) ?? [], ...own].sort((a, b) => order(a) - order(b));
    if (events.length > 0) result.push({ seq, events: events.map((one) => strip(one, event.commit_stage)) });
  }
  return result;
}

const order = (event: AnyEvent) => 2 * event.seqno + (event.event_name === "NativeTransfer" ? 1 : 0);

/** Subscriptions with filters whose values occur among `everything`. */
export function randomSubscription(everything: readonly Numbered[]): fc.Arbitrary<AnyEvent> {
  const byName = Map.groupBy(everything.map(({ event }) => event), (event) => event.event_name);
  const some = (name: string) => fc.array(fc.constantFrom(...byName.get(name)!), { minLength: 1, maxLength: 4 });
  const fieldFilter = (name: string, field: string): fc.Arbitrary<AnyEvent> => {
    return some(name).map((events) => {
      const values = events.map((event) => valueOf(event, field)).filter((value) => value !== undefined);
      if (field === "topics") {
        const prefix = (values[0] as string[]).map((topic, i) => i % 2 === 1 ? null : [topic, "0x" + "11".repeat(32)]);
        return { field, filter: { values: prefix } };
      }
      if (["txn_index", "log_index", "value"].includes(field)) {
        const sorted = values.map(BigInt).sort((a, b) => a < b ? -1 : 1);
        const bound = (n: bigint) => field === "value" ? `0x${n.toString(16)}` : Number(n);
        return { field, filter: { min: bound(sorted[0]!), max: bound(sorted.at(-1)!) } };
      }
      return { field, filter: { values } };
    });
  };
  const spec = (name: string) =>
    fc.subarray([...FIELDS[name]!], { minLength: 1, maxLength: Math.min(2, FIELDS[name]!.length) })
      .chain((fields) => fc.tuple(...fields.map((field) => fieldFilter(name, field))))
      .map((field_filters) => ({ event_name: name, field_filters }));
  return fc.record({
    events: fc.subarray([...Object.keys(FIELDS), ...PLAIN], { minLength: 1, maxLength: 6 }),
    form: fc.constantFrom("none", "none", "header", "transaction"),
    min_stage: fc.constantFrom(undefined, ...STAGES),
    block_ids: fc.boolean(),
  }).chain(({ events, form, min_stage, block_ids }) => {
    const names = form === "none" ? events : [...new Set([...events, "TxnHeaderStart"])];
    const filtered = names.filter((name) => name in FIELDS);
    const specs = fc.tuple(...filtered.map((name) => fc.array(spec(name), { minLength: 1, maxLength: 2 })));
    return specs.map((lists) => ({
      ...{ events: names, filters: lists.flat(), block_ids },
      ...(min_stage === undefined ? {} : { min_stage }),
      ...(form === "none" ? {} : { correlate: form === "header" ? true : "transaction" }),
    }));
  });
}
