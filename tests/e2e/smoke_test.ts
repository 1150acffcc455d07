// Two clients that are not Deno's: Python's websockets and Chromium do the same smoke run on a simulated node, and
// Chromium shows the dashboard page.

import assert from "node:assert/strict";
import type { AnyEvent, AnyFrame } from "../harness/client.ts";
import { Browser } from "../harness/browser.ts";
import { deadline } from "../harness/condition.ts";
import { Gateway } from "../harness/gateway.ts";
import { Node, RingPlace } from "../harness/node.ts";
import { runPython } from "../harness/python.ts";
import { type Said, smoke } from "./smoke_page.ts";

/** Starts a node with some forks and a gateway that serves it, and gives both to `body`. */
async function withGateway(body: (gateway: Gateway, node: Node) => Promise<void>): Promise<void> {
  using place = new RingPlace();
  const flags = ["run", "--block-ms", "50", "--txns-per-block", "5", "--fork-every", "5"];
  await using node = await Node.start(flags, place.ring);
  await using gateway = await Gateway.start(["--ring", place.ring]);
  await gateway.ready();
  await body(gateway, node);
}

/** Asserts that a client saw what the protocol says. */
function judge(said: Said): void {
  const names = (frames: readonly AnyFrame[]) => new Set(eventsOf(frames).map(({ event_name }) => event_name));
  const [hello, subscribed, ...rest] = said.first;
  assert.deepEqual([hello.seq, hello.Hello.protocol_version, hello.Hello.source], [0, 1, "simulated"]);
  assert.equal(subscribed.Subscribed.id, "größte €-Summe 𝄞𝄞𝄞");
  assert.ok(rest.every(({ Events }) => Events !== undefined));
  assert.deepEqual([...names(rest)].sort(), ["BlockEnd", "BlockStart", "TxnLog"]);
  assert.equal(said.switch.at(-1).Subscribed.id, 2);
  const filtered = [...said.filtered, ...said.refused.slice(0, -1), ...said.after];
  assert.ok(filtered.every(({ Events }) => Events !== undefined), "the refused message changed nothing");
  assert.deepEqual([...names(filtered)], ["TxnHeaderStart"]);
  assert.deepEqual([...new Set(eventsOf(filtered).map(({ txn_idx }) => txn_idx))], [1]);
  const { seq, Error } = said.refused.at(-1);
  assert.deepEqual([seq, Error.type], [0, "parse_error"]);
  const seqs = [...rest, ...said.switch.slice(0, -1), ...filtered].map((frame) => frame.seq);
  assert.ok(seqs.every((one, i) => i === 0 || one > seqs[i - 1]), `${seqs}`);
  assert.equal(said.closed, 1000);
}

const eventsOf = (frames: readonly AnyFrame[]): AnyEvent[] => frames.flatMap(({ Events }) => Events ?? []);

Deno.test("Python's websockets passes the smoke run, with characters split across fragments and a Ping", async () => {
  await withGateway(async (gateway) => {
    const said = JSON.parse(await runPython("smoke.py", [gateway.url()]));
    judge(said);
    assert.equal(said.ponged, true);
  });
});

Deno.test("Chromium passes the smoke run", async () => {
  await withGateway(async (gateway) => {
    await using browser = await Browser.start();
    // A page of the gateway's own origin, which is not the dashboard.
    await browser.open(`http://${gateway.host}/livez`);
    judge(await browser.evaluate(`(${smoke})(${JSON.stringify(gateway.url())})`));
  });
});

Deno.test("the page on / shows blocks and their stages as they come, on a phone too, and says when none come", async () => {
  await withGateway(async (gateway, node) => {
    await using browser = await Browser.start();
    await browser.open(`http://${gateway.host}/`);
    const texts = (selector: string) =>
      browser.evaluate(`[...document.querySelectorAll("${selector}")].map((one) => one.textContent)`);
    await deadline("a block on the page is verified, and one abandoned", async () => {
      const stages = await texts("#blocks .stage");
      return stages.includes("Verified") && stages.includes("Abandoned");
    });
    assert.match((await texts("#state"))[0], /^connected/);
    assert.deepEqual(await texts("#chain, #source"), ["20143", "simulated"]);
    const block = Number((await texts("#block"))[0]);
    await deadline("the newest block goes on", async () => Number((await texts("#block"))[0]) > block + 3);
    await node.tell("pause");
    const numbers = (await texts("#blocks .number")).map(Number);
    assert.ok(numbers.length > 3 && numbers.every((one: number, i: number) => i === 0 || one <= numbers[i - 1]));
    await browser.show(390, 844, "dark");
    assert.equal(
      await browser.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"),
      0,
    );
    await deadline("the page misses blocks", async () => /no block for/.test((await texts("#state"))[0]));
    assert.deepEqual(browser.complaints, []);
  });
});
