// Held subscriptions that begin far back in a window of several hundred small blocks (protocol 7.4): what was open where
// they begin is looked at again, however many blocks have finished since.

import assert from "node:assert/strict";
import { Begun } from "../../src/stream/begun.ts";
import { STAGE, TYPE } from "../../src/stream/log.ts";
import { Socket, subscription } from "./delivered.ts";
import { Simulation } from "./simulated.ts";

const EVENTS = ["BlockStart", "TxnHeaderStart", "TxnLog", "BlockEnd", "BlockQC", "BlockFinalized", "BlockVerified"];

for (const [correlate, filters] of [[undefined, []], ["transaction", ["TxnLog"]]] as const) {
  Deno.test(`7.4 what is ${correlate ?? "held"} at a cursor hundreds of blocks back is delivered as to who was there`, async () => {
    await using node = await Simulation.start();
    await node.burst(35_000);
    const play = node.playback();
    const starts = play.entriesOf("BlockStart");
    assert.ok(starts.length > 400, `${starts.length} blocks`);
    const events = filters.length > 0 ? [...filters] : EVENTS;
    for (const min_stage of ["Proposed", "Voted", "Finalized", "Verified"]) {
      const asked = subscription({ events, min_stage, ...(correlate === undefined ? {} : { correlate }) });
      // Where a block begins, inside it, and between its end and its finality.
      for (const at of [starts[20]!, starts[20]! + 7, starts[100]! + 15, starts[200]! - 2, starts.at(-1)! + 3]) {
        play.begin();
        const [early, late] = [new Socket(), new Socket()];
        play.groups.subscribe(early, asked, []);
        play.turn(at);
        play.deliverAll([early]);
        const { length } = early.eventTexts;
        play.turn();
        play.deliverAll([early]);
        // The resumed client's replay took as long as all these blocks.
        play.groups.leave(early);
        play.groups.subscribe(late, asked, [], at);
        play.deliverAll([late]);
        const expected = early.eventTexts.slice(length);
        assert.deepEqual(late.eventTexts, expected, `${min_stage} from entry ${at} on`);
        assert.ok(expected.length > 0 || at > starts[400]!);
        assert.deepEqual(late.warnings, []);
      }
    }
  });
}

Deno.test("7.4 blocks are known as long as their start is in the window, and no longer", async () => {
  await using node = await Simulation.start();
  await node.burst(25_000);
  const play = node.playback();
  play.grow();
  const starts = play.entriesOf("BlockStart");
  assert.ok(starts.length > 250, `${starts.length} blocks`);
  assert.equal(play.lifecycle.begunCount, starts.length);
  for (const kept of [starts.length - 10, 200, 1]) {
    const oldest = starts[starts.length - kept]!;
    assert.equal(play.log.type(oldest), TYPE.blockStart);
    play.release(oldest);
    play.grow();
    assert.equal(play.lifecycle.begunCount, kept);
    assert.equal(play.lifecycle.oldestUndecided(play.length, STAGE.proposed), play.length);
    assert.ok(play.lifecycle.oldestUndecided(play.length, STAGE.verified) >= oldest);
  }
});

Deno.test("7.4 a block is undecided up to the entry that decides it, and what decides it for one stage does for those before", () => {
  const begun = new Begun();
  for (let block = 0; block < 1000; block++) assert.equal(begun.add(10 * block), block);
  const stages = [STAGE.voted, STAGE.finalized, STAGE.verified];
  for (let block = 0; block < 1000; block++) {
    begun.decide(block, block % 2 === 0 ? STAGE.finalized : STAGE.rejected, 10 * block + 25);
  }
  assert.equal(begun.oldestUndecided(9990, STAGE.voted), 0, "a block that has not ended is not delivered");
  for (let block = 0; block < 1000; block += 2) begun.end(block, 10 * block + 9);
  for (let block = 1; block < 1000; block += 2) begun.end(block, 10 * block + 30); // ended when it was rejected
  const oldest = (at: number) => stages.map((stage) => begun.oldestUndecided(at, stage));
  assert.deepEqual(oldest(25), [0, 0, 0]);
  assert.deepEqual(oldest(26), [10, 10, 0]);
  assert.deepEqual(oldest(9990), [9970, 9970, 0]);
  assert.equal(begun.newestBefore(9990), 9980);
  assert.equal(begun.newestBefore(0), 0);
  begun.decide(0, STAGE.verified, 500);
  assert.deepEqual(oldest(500)[2], 0);
  assert.deepEqual(oldest(501)[2], 20);
  begun.forget(5001);
  assert.equal(begun.size, 499);
  begun.decide(3, STAGE.verified, 600); // is not known any more
  assert.deepEqual(oldest(9990)[2], 5020);
  assert.equal(begun.newestBefore(5010), 5010);
});
