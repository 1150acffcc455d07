// Picks the command, turns signals into a stop and results into exit codes; the only Deno.exit of src/.
// commands/ does the work, config.ts reads what the user says.

import { demo } from "./commands/demo.ts";
import { start } from "./commands/start.ts";
import { parseConfig } from "./config.ts";
import { setUpLogging } from "./logging.ts";
import { VERSION } from "./version.ts";

const USAGE = `Usage: deno task start [FLAGS]   serve a node's event ring or a snapshot
       deno task demo [FLAGS]    serve a simulated node
       deno task start --help    say what FLAGS there are
`;
const USAGE_ERROR = 2;

/** Where the sidecar lies: beside the sources when packaged, else where cargo puts it. */
function sidecarPath(): string {
  const given = Deno.env.get("RINGCAST_SIDECAR");
  if (given !== undefined) return given;
  const packaged = "/usr/lib/ringcast";
  const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
  if (Deno.build.standalone || root === packaged) return `${packaged}/libringcast_sidecar.so`;
  return `${root}/rust/target/release/libringcast_sidecar.so`;
}

/** Aborts at the first SIGINT or SIGTERM; the second one ends the process at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) Deno.exit(130);
    controller.abort();
  };
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
  return controller.signal;
}

async function main(command: string | undefined, args: readonly string[]): Promise<number> {
  if (Deno.build.os !== "linux") {
    console.error("ringcast runs on Linux only: event rings exist nowhere else.");
    return 1;
  }
  if (command === "demo") return await demo(args, sidecarPath(), stopSignal());
  if (command === "--version" || command === "-V") return await main("start", ["--version"]);
  if (command !== "start") {
    (command === undefined ? console.error : console.log)(USAGE.trimEnd());
    return command === "--help" || command === "-h" ? 0 : USAGE_ERROR;
  }
  const result = parseConfig(args, (name) => Deno.env.get(name), Deno.readTextFileSync, Deno.stderr.isTerminal());
  switch (result.kind) {
    case "help":
    case "print":
      console.log(result.text.trimEnd());
      return 0;
    case "version":
      console.log(`ringcast ${VERSION}`);
      return 0;
    case "usage":
      console.error(result.message);
      return USAGE_ERROR;
    case "config":
      setUpLogging(result.config);
      return await start(result.config, sidecarPath(), stopSignal());
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args[0], Deno.args.slice(1)));
