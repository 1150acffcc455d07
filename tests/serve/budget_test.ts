// Budgets by the clock that they are given, so that no test waits.

import assert from "node:assert/strict";
import { MessageBudget, UndeliveredBytes } from "../../src/serve/budget.ts";

Deno.test("200 messages at once and then 100 a second are taken, and not one more", () => {
  const startMs = 5000;
  const budget = new MessageBudget(startMs);
  const take = (count: number, nowMs: number) => {
    for (let i = 0; i < count; i++) if (!budget.takeMessage(nowMs)) return i;
    return count;
  };
  assert.equal(take(300, startMs), 200);
  assert.equal(take(300, startMs + 1000), 100);
  for (let secs = 2; secs < 100; secs++) assert.equal(take(100, startMs + secs * 1000), 100);
  assert.equal(take(300, startMs + 1_000_000), 200);
});

Deno.test("bytes that no message delivers are too many at 256 KiB, unless they come as slowly as Pings", () => {
  const startMs = 5000;
  const fragments = new UndeliveredBytes(startMs);
  assert.ok(fragments.take(1 << 18, 0, startMs));
  assert.ok(!fragments.take(1 << 10, 0, startMs + 250));
  const pings = new UndeliveredBytes(startMs);
  for (let secs = 0; secs < 1_000_000; secs++) assert.ok(pings.take(10, 0, startMs + secs * 1000));
  // A message takes the parts that came before it with it.
  const messages = new UndeliveredBytes(startMs);
  for (let i = 1; i < 100; i++) {
    assert.ok(messages.take(100_000, (i - 1) * 250_000, startMs + 2 * i));
    assert.ok(messages.take(150_000, i * 250_000, startMs + 2 * i + 1));
  }
});
