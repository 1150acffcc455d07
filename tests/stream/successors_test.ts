// Subscriptions that take over from each other, on a real log: at one position, however far a client lags; after a
// replay; and back in the shared group (protocol 2.5, 9.3).

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { MAX_UNSENT_BYTES } from "../../src/stream/member.ts";
import { placeBefore, placeFrom, windowWarning } from "../../src/stream/loss.ts";
import { EVERYTHING } from "../../src/stream/resume.ts";
import { Playback, Socket, subscription } from "./delivered.ts";

const tailText = (name: string) => JSON.stringify({ seq: 0, Subscribed: name });

/** What lies in [from, to) of the entries of these names. */
function between(play: Playback, names: readonly string[], from: number, to: number): number[] {
  return play.seqsOf(play.entriesOf(...names).filter((entry) => entry >= from && entry < to));
}

Deno.test("2.5 a ready client's new subscription takes over at the head, behind its tail", async () => {
  using play = await Playback.of("emn-1b-15m");
  const socket = new Socket();
  play.groups.subscribe(socket, subscription(["TxnLog"]), [tailText("first")]);
  const at = play.length >> 1;
  play.turn(at);
  play.deliverAll([socket]);
  play.groups.subscribe(socket, subscription(["TxnLog", "TxnEnd"]), [tailText("second")]);
  assert.equal(socket.texts.at(-1), tailText("second"), "there is nothing to wait for");
  assert.equal(play.groups.groupCount, 1);
  play.turn();
  play.deliverAll([socket]);
  assert.deepEqual(socket.seqs, [
    ...between(play, ["TxnLog"], 0, at),
    ...between(play, ["TxnLog", "TxnEnd"], at, play.length),
  ]);
});

Deno.test("2.5 a lagging client gets everything of the old one first, then the tail, then the new one from that head on", async () => {
  using play = await Playback.of("emn-1b-15m");
  const socket = new Socket();
  play.groups.subscribe(socket, subscription(["TxnCallFrame", "TxnLog"]), []);
  const at = play.length >> 1;
  play.turn(at);
  assert.ok(socket.unsentBytes > MAX_UNSENT_BYTES, "it lags");
  play.groups.subscribe(socket, subscription(["TxnLog"]), [tailText("second")]);
  assert.equal(play.groups.subscriptionOf(socket)?.key, subscription(["TxnLog"]).key);
  play.turn();
  play.deliverAll([socket]);
  const first = between(play, ["TxnCallFrame", "TxnLog"], 0, at);
  assert.deepEqual(socket.seqs, [...first, ...between(play, ["TxnLog"], at, play.length)]);
  const tail = socket.texts.indexOf(tailText("second"));
  const before = socket.frames.slice(0, tail).flatMap((frame) => frame.Events);
  assert.equal(before.length, first.length, "the tail stands at the switch");
});

Deno.test("9.3 a replay is sent to its end, whatever the head does, and the subscription goes on behind it", async () => {
  using play = await Playback.of("emn-1b-15m");
  const socket = new Socket();
  const [from, to] = [1000, 5000];
  play.grow(to);
  play.groups.replay(socket, EVERYTHING, from, to);
  assert.equal(play.groups.subscriptionOf(socket), undefined);
  play.grow(6000);
  while (socket.replays === 0) {
    play.groups.deliver(true);
    socket.drain();
  }
  assert.deepEqual(socket.seqs, play.seqsOf(Array.from({ length: to - from }, (_, i) => from + i)));
  assert.deepEqual([play.groups.size, play.groups.groupCount], [0, 0]);
  const { length } = socket.seqs;
  play.groups.subscribe(socket, subscription(["TxnLog"]), [tailText("live")], to);
  play.turn();
  play.deliverAll([socket]);
  assert.deepEqual(socket.seqs.slice(length), between(play, ["TxnLog"], to, play.length));
  const tail = socket.texts.indexOf(tailText("live"));
  const seqs = socket.frames.slice(0, tail).map((frame) => frame.seq);
  assert.ok(seqs.at(-1) < play.log.seq(6000), "the tail stands at the head of its Subscribe");
});

Deno.test("a client that caught up joins the shared group, and gets what that gets", async () => {
  using play = await Playback.of("emn-1b-15m");
  const [live, late] = [new Socket(), new Socket()];
  play.groups.subscribe(live, subscription(["TxnLog"]), []);
  play.turn(3000);
  play.deliverAll([live]);
  play.groups.subscribe(late, subscription(["TxnLog"]), [], 100);
  play.deliverAll([live, late]);
  assert.equal(play.groups.groupCount, 1);
  const { length } = live.texts;
  const { length: lateLength } = late.texts;
  for (let head = 3000; head < play.length + 100; head += 100) {
    play.turn(head);
    live.drain();
    late.drain();
  }
  assert.deepEqual(live.texts.slice(length), late.texts.slice(lateLength));
  assert.deepEqual(late.seqs, between(play, ["TxnLog"], 100, play.length));
});

Deno.test("a client that caught up where nobody else is has the group that others join", async () => {
  using play = await Playback.of("emn-1b-15m");
  const [first, second] = [new Socket(), new Socket()];
  play.turn(3000);
  play.groups.subscribe(first, subscription(["TxnLog"]), [], 100);
  play.deliverAll([first]);
  play.groups.subscribe(second, subscription(["TxnLog"]), []);
  assert.equal(play.groups.groupCount, 1);
  play.turn();
  play.deliverAll([first, second]);
  assert.deepEqual(first.seqs, between(play, ["TxnLog"], 100, play.length));
  assert.deepEqual(second.seqs, between(play, ["TxnLog"], 3000, play.length));
});

Deno.test("10.2 who begins behind the window is told of a gap before anything else", async () => {
  using play = await Playback.of("emn-1b-15m");
  const socket = new Socket();
  play.grow(4000);
  const [before, after] = [placeBefore(play.log, 400), placeFrom(play.log, 1000)];
  assert.ok(before !== undefined && after !== undefined);
  play.release(1000);
  play.groups.subscribe(socket, subscription(["TxnLog"]), [], 400, before);
  play.turn();
  play.deliverAll([socket]);
  // Events of the ring, as in every gap that is not of one subscription; the log has more entries, or fewer if blocked.
  const range = { from_seqno: before.seqno + 1, to_seqno: after.seqno - 1 };
  const dropped = after.seqno - before.seqno - 1;
  assert.deepEqual(socket.frames[0], { seq: 0, Warning: { type: "gap", dropped, reason: "window", ...range } });
  assert.notEqual(dropped, 600);
  assert.deepEqual(socket.seqs, between(play, ["TxnLog"], 1000, play.length));
  // Without the place, or in another ring, the size is not known and not said.
  const rest = { seq: 0, Warning: { type: "gap", reason: "window" } };
  assert.deepEqual(JSON.parse(windowWarning(undefined, after)), rest);
  const other = windowWarning({ base: before.base - 16, seqno: before.seqno }, after);
  assert.deepEqual(JSON.parse(other).Warning, { ...rest.Warning, from_seqno: before.seqno + 1 });
});

Deno.test("2.5 through any sequence of subscriptions, stalls and growth every client gets each part exactly", async () => {
  const seed = Number(Deno.env.get("SUCCESSORS_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  using play = await Playback.of("emn-1b-15m", { bufferPerClient: 1_000_000 });
  const choices = [
    ["TxnLog"],
    ["TxnLog", "TxnEnd", "Lifecycle"],
    ["TxnCallFrame", "StorageAccess", "AccountAccess"],
    ["BlockStart", "BlockEnd", "TPS", "NativeTransfer"],
  ];
  const entries = new Map(choices.flat().map((name) => [name, play.entriesOf(name)]));
  const action = fc.oneof(
    { weight: 3, arbitrary: fc.record({ grow: fc.integer({ min: 1, max: 1500 }) }) },
    { weight: 2, arbitrary: fc.record({ drain: fc.nat(2), turns: fc.integer({ min: 1, max: 3 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ client: fc.nat(2), choice: fc.nat(choices.length - 1), back: fc.nat(2000) }),
    },
  );
  fc.assert(
    fc.property(fc.array(action, { minLength: 5, maxLength: 40 }), (actions) => {
      play.begin();
      const sockets = [new Socket(), new Socket(), new Socket()];
      const parts = sockets.map((): { names: readonly string[]; from: number }[] => []);
      let head = 0;
      for (const step of actions) {
        if ("grow" in step) play.turn(head = Math.min(head + step.grow, play.length));
        else if ("drain" in step) {
          for (let turn = 0; turn < step.turns; turn++) {
            sockets[step.drain]!.drain();
            play.groups.deliver(true);
          }
        } else {
          const own = parts[step.client]!;
          const names = choices[step.choice]!;
          if (own.at(-1)?.names === names) continue; // the conversation leaves an equal one as it is
          const from = own.length === 0 ? Math.max(0, head - step.back) : head;
          const tail = tailText(`${own.length}`);
          play.groups.subscribe(
            sockets[step.client]!,
            subscription(names),
            [tail],
            own.length === 0 ? from : undefined,
          );
          own.push({ names, from });
        }
      }
      play.turn();
      play.deliverAll(sockets);
      for (const [client, socket] of sockets.entries()) {
        const own = parts[client]!;
        const expected = own.flatMap(({ names, from }, index) => {
          const to = own[index + 1]?.from ?? play.length;
          return names.flatMap((name) => entries.get(name)!.filter((entry) => entry >= from && entry < to))
            .sort((a, b) => a - b);
        });
        assert.ok(isDeepStrictEqual(socket.seqs, play.seqsOf(expected)), `client ${client}: ${JSON.stringify(own)}`);
        const tails = socket.frames.filter((frame) => frame.Subscribed !== undefined).map((frame) => frame.Subscribed);
        assert.deepEqual(tails, own.map((_, index) => `${index}`), "every tail once, in order");
        play.groups.leave(socket);
      }
      assert.equal(play.groups.groupCount, 0);
    }),
    { seed, numRuns: 40 },
  );
});
