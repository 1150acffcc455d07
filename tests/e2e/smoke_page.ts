// The smoke run as a browser does it: this function is sent to the page as text. tests/independent/smoke.py is the same
// in Python; smoke_test.ts judges both.

import type { AnyEvent, AnyFrame } from "../harness/client.ts";

/** What a client got, step by step. */
export interface Said {
  readonly first: readonly AnyFrame[];
  readonly switch: readonly AnyFrame[];
  readonly filtered: readonly AnyFrame[];
  readonly refused: readonly AnyFrame[];
  readonly after: readonly AnyFrame[];
  readonly ponged?: boolean;
  readonly closed: number;
}

/** Connects and goes through the steps; uses nothing from outside, as it runs elsewhere. */
export async function smoke(url: string): Promise<Said> {
  const filter = { event_name: "TxnHeaderStart", field_filters: [{ field: "txn_index", filter: { min: 1, max: 1 } }] };
  const client = new WebSocket(url);
  const waiting: AnyFrame[] = [];
  let wake = () => {};
  client.onmessage = ({ data }) => {
    waiting.push(JSON.parse(data));
    wake();
  };
  const closed = new Promise<number>((resolve) => client.onclose = ({ code }) => resolve(code));
  const take = async (isEnough: (frames: AnyFrame[]) => boolean) => {
    const frames: AnyFrame[] = [];
    while (!isEnough(frames)) {
      if (waiting.length === 0) await new Promise<void>((resolve) => wake = resolve);
      else frames.push(waiting.shift());
    }
    return frames;
  };
  const ofBlocks = (count: number) => (frames: AnyFrame[]) =>
    new Set(frames.flatMap(({ Events }) => Events ?? []).map((event: AnyEvent) => event.block_number)).size >= count;
  const endsWith = (key: string) => (frames: AnyFrame[]) => frames.at(-1)?.[key] !== undefined;
  await new Promise((resolve, reject) => [client.onopen, client.onerror] = [resolve, reject]);
  const id = "größte €-Summe 𝄞𝄞𝄞";
  client.send(JSON.stringify({ subscribe: { events: ["BlockStart", "TxnLog", "BlockEnd"], id } }));
  const first = await take(ofBlocks(3));
  client.send(JSON.stringify({ subscribe: { events: ["TxnHeaderStart"], filters: [filter], id: 2 } }));
  const switched = await take(endsWith("Subscribed"));
  const filtered = await take(ofBlocks(3));
  client.send('{"subscribe":');
  const refused = await take(endsWith("Error"));
  const after = await take(ofBlocks(3));
  client.close(1000);
  return { first, switch: switched, filtered, refused, after, closed: await closed };
}
