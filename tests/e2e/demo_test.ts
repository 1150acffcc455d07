// The newcomer's command as a process: it says what to open, serves live events, and leaves nothing behind.

import assert from "node:assert/strict";
import { Client } from "../harness/client.ts";
import { deadline } from "../harness/condition.ts";
import { ROOT } from "../harness/gateway.ts";

function spawnDemo(...flags: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--allow-net", "--allow-read", "--allow-env=RINGCAST_*,TMPDIR", "--allow-run"],
      ...[`${ROOT}/src/main.ts`, "demo", ...flags],
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("demo says what to open, streams what it says, and ends cleanly", async () => {
  const address = `127.0.0.1:${freePort()}`;
  const child = spawnDemo("--listen", address, "--block-ms", "50", "--txns-per-block", "20", "--seed", "7");
  let said = "";
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) said += text;
  })();
  const ignored = child.stderr.pipeTo(new WritableStream());
  await deadline("demo says what to try", () => said.includes("Ctrl-C"));
  assert.ok(said.includes(`http://${address}/`));
  const [, url] = /websocat '([^']+)'/.exec(said) ?? [];
  {
    await using client = await Client.connect(url!);
    await client.until("events of both kinds come", ({ events }) => {
      return ["BlockStart", "TxnLog"].every((name) => events.some((event) => event.event_name === name));
    });
    assert.equal(client.frames[0].Hello.source, "simulated");
  }
  child.kill("SIGINT");
  assert.equal((await child.status).code, 0);
  await Promise.all([reading, ignored]);
  await assert.rejects(Deno.stat(`/tmp/ringcast-demo-${child.pid}`), Deno.errors.NotFound);
});

Deno.test("demo refuses flags that make no sense for it with code 2 and a sentence", async () => {
  const wrong: readonly [flags: string[], says: RegExp][] = [
    [["--ring", "/x"], /makes a ring of its own/],
    [["--listen", "127.0.0.1:0"], /name one with --listen/],
    [["--blocks-ms", "5"], /--block/],
  ];
  for (const [flags, says] of wrong) {
    const { code, stderr } = await spawnDemo(...flags).output();
    assert.equal(code, 2, flags.join(" "));
    assert.match(new TextDecoder().decode(stderr), says);
  }
});
