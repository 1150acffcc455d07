// Who gets which frames, on a real log: sharing, slow receivers, replaced subscriptions, the window.

import assert from "node:assert/strict";
import { Groups, MAX_UNSENT_BYTES, type Receiver } from "../../src/stream/group.ts";
import type { Subscription } from "../../src/stream/subscription.ts";
import { readSubscribe } from "../../src/stream/subscription.ts";
import { windowStart } from "../../src/stream/window.ts";
import { FilledLog } from "../harness/filled_log.ts";

/** A receiver whose socket takes nothing until it is drained. */
class Socket implements Receiver {
  readonly texts: string[] = [];
  unsentBytes = 0;
  isOverrun = false;

  send(text: string): void {
    this.texts.push(text);
    this.unsentBytes += text.length;
  }

  overrun(): void {
    this.isOverrun = true;
  }

  seqnos(): number[] {
    return this.texts.flatMap((text) => JSON.parse(text).Events.map(({ seqno }: { seqno: number }) => seqno));
  }
}

function subscription(...names: string[]): Subscription {
  const message = readSubscribe(names, 0);
  if (message.kind !== "subscribe") throw new Error(JSON.stringify(message));
  return message.subscription;
}

/** Delivers until nobody is behind; every socket is drained after each turn. */
function deliverAll(groups: Groups, sockets: readonly Socket[]): void {
  while (groups.deliver()) for (const socket of sockets) socket.unsentBytes = 0;
}

Deno.test("receivers with equal subscriptions share every frame, and the order of names does not matter", async () => {
  using filled = new FilledLog("emn-1b-15m", 64 << 20);
  const groups = new Groups(filled.log);
  const sockets = [new Socket(), new Socket(), new Socket()];
  groups.subscribe(sockets[0]!, subscription("TxnLog", "BlockStart"));
  groups.subscribe(sockets[1]!, subscription("BlockStart", "TxnLog"));
  groups.subscribe(sockets[2]!, subscription("BlockStart"));
  await filled.ended();
  deliverAll(groups, sockets);
  assert.equal(sockets[0]!.seqnos().length, 484);
  assert.deepEqual(sockets[0]!.texts, sockets[1]!.texts);
  assert.equal(sockets[2]!.seqnos().length, 1);
});

Deno.test("a receiver whose socket is full gets nothing more, holds up nobody, and misses nothing", async () => {
  using filled = new FilledLog("emn-1b-15m", 64 << 20);
  const groups = new Groups(filled.log);
  const [slow, fast] = [new Socket(), new Socket()];
  const all = subscription("TxnHeaderStart", "TxnLog", "TxnCallFrame");
  groups.subscribe(slow, all);
  groups.subscribe(fast, all);
  await filled.ended();
  while (groups.deliver()) {
    fast.unsentBytes = 0;
    if (fast.seqnos().length === 229 + 483 + 1179) break;
  }
  assert.equal(fast.seqnos().length, 229 + 483 + 1179);
  assert.ok(slow.unsentBytes <= 2 * MAX_UNSENT_BYTES, `${slow.unsentBytes} bytes wait for the slow one`);
  deliverAll(groups, [slow]);
  assert.deepEqual(slow.seqnos(), fast.seqnos());
});

Deno.test("a replaced subscription goes on at the receiver's own cursor", async () => {
  using filled = new FilledLog("emn-1b-15m", 64 << 20);
  const groups = new Groups(filled.log);
  const [changing, constant] = [new Socket(), new Socket()];
  groups.subscribe(changing, subscription("TxnCallFrame"));
  groups.subscribe(constant, subscription("TxnCallFrame"));
  await filled.ended();
  groups.deliver();
  assert.ok(changing.unsentBytes > MAX_UNSENT_BYTES, "it lags behind the head");
  groups.subscribe(changing, subscription("TxnCallFrame", "BlockReject"));
  deliverAll(groups, [changing, constant]);
  assert.deepEqual(changing.seqnos(), constant.seqnos());
});

Deno.test("the window keeps the newest entries that fill three quarters, and who falls out of it is told", async () => {
  using filled = new FilledLog("emn-1b-15m", 2 << 20);
  const { log } = filled;
  const groups = new Groups(log);
  const [slow, absent] = [new Socket(), new Socket()];
  groups.subscribe(slow, subscription("TxnCallFrame"));
  groups.subscribe(absent, subscription("TxnCallFrame"));
  groups.leave(absent);
  let seq = 0;
  for (let hasEnded = false; !hasEnded;) {
    hasEnded = log.status().state === "ended"; // then the wait brings the last entries
    await log.wait(10);
    groups.deliver();
    const start = windowStart(log);
    log.release(start);
    groups.dropOverrun();
    if (log.head > log.oldest) {
      const used = log.textAt(log.head - 1) + log.textLength(log.head - 1) - log.textAt(log.oldest);
      assert.ok(used <= log.textSize * 0.75, `${used} of ${log.textSize} bytes`);
      assert.ok(log.seq(log.oldest) >= seq);
      seq = log.seq(log.oldest);
    }
  }
  assert.ok(log.oldest > 0);
  assert.ok(slow.isOverrun);
  assert.ok(!absent.isOverrun);
  assert.equal(groups.size, 0);
  assert.equal(log.seq(log.head - 1), 16 * 6597 + 5, "the Lifecycle message behind the last event");
});

Deno.test("text that was released cannot be read any more", async () => {
  using filled = new FilledLog("emn-1b-15m", 64 << 20);
  const log = await filled.ended();
  const span = new Float64Array([log.textAt(0), log.textLength(0)]);
  assert.match(log.text("", span, 1, ""), /^\{"event_name":"BlockStart"/);
  log.release(1);
  assert.throws(() => log.text("", span, 1, ""), /not held any more/);
});
