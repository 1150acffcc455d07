// `demo`: a stream for who has no node: starts a simulated node and a gateway as two processes and says what to open.
// main.ts calls it; the gateway is the same `start` that serves a real ring.

import { type Listen, parseConfig, type ParseResult } from "../config.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const NODE_FLAGS = ["block-ms", "txns-per-block", "seed", "chaos"];
/** Blocks to each competing proposal of a node without chaos. */
const FORK_EVERY = 20;
const HELP = `
demo starts a simulated node too, which takes:
  --block-ms N         milliseconds between blocks (400)
  --txns-per-block N   transactions in each block (200)
  --seed N             another seed gives other accounts and transactions (1)
  --chaos N            everything that can go wrong at a node does, by chance; N is the seed of it
`;

/**
 * Runs both processes until `stop` aborts or one of them ends.
 *
 * @returns the exit code: 0 after a stop, 2 for usage errors, else the code of the process that ended by itself.
 */
export async function demo(args: readonly string[], sidecarPath: string, stop: AbortSignal): Promise<number> {
  const { forNode, forGateway } = divide(args);
  const asked = parseConfig(forGateway, (name) => Deno.env.get(name), Deno.readTextFileSync, true);
  const problem = usageProblem(args, asked);
  if (problem !== undefined || asked.kind === "usage") {
    console.error(problem);
    return 2;
  }
  if (asked.kind !== "config") {
    console.log(asked.kind === "version" ? "See: deno task start --version" : asked.text + HELP);
    return 0;
  }
  const ring = `${Deno.env.get("TMPDIR") ?? "/tmp"}/ringcast-demo-${Deno.pid}/monad-exec-events`;
  const node = new Deno.Command(`${ROOT}rust/target/release/node-sim`, {
    args: ["run", "--ring", ring, "--fork-every", `${FORK_EVERY}`, ...forNode],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  if (!await says(node.stdout, "ring ")) return (await node.status).code;
  const gateway = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--allow-net", "--allow-read", "--allow-env=RINGCAST_*", `--allow-ffi=${sidecarPath}`],
      ...[`${ROOT}src/main.ts`, "start", "--ring", ring, "--log-format", asked.config.logFormat, ...forGateway],
    ],
    stdin: "null",
  }).spawn();
  const children = [gateway, node];
  const stopped = new Promise<undefined>((resolve) => stop.addEventListener("abort", () => resolve(undefined)));
  const ended = Promise.race([stopped, gateway.status, node.status]);
  if (await isReady(asked.config.listen, ended)) console.log(banner(asked.config.listen));
  const first = await ended;
  for (const child of children) terminate(child);
  await Promise.all(children.map((child) => child.status));
  return first?.code ?? 0;
}

/** What is wrong with the flags, as a sentence. */
function usageProblem(args: readonly string[], asked: ParseResult): string | undefined {
  if (asked.kind === "usage") return asked.message;
  if (args.some((arg) => arg === "--ring" || arg.startsWith("--ring="))) {
    return "demo makes a ring of its own; serve yours with start --ring.";
  }
  if (asked.kind === "config" && asked.config.listen.port === 0) {
    return "demo says where to connect before anyone knows a free port; name one with --listen.";
  }
  return undefined;
}

/** The flags of the simulated node, and those of the gateway. */
function divide(args: readonly string[]): { forNode: string[]; forGateway: string[] } {
  const forNode: string[] = [];
  const forGateway: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const name = NODE_FLAGS.find((flag) => arg === `--${flag}` || arg.startsWith(`--${flag}=`));
    if (name === undefined) forGateway.push(arg);
    else if (arg.includes("=")) forNode.push(arg);
    else forNode.push(arg, ...args.slice(++i, i + 1));
  }
  return { forNode, forGateway };
}

/** Whether a process says a line that begins with `word` before it closes its output. */
async function says(output: ReadableStream<Uint8Array<ArrayBuffer>>, word: string): Promise<boolean> {
  let text = "";
  for await (const chunk of output.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  return text.startsWith(word);
}

/** Whether the gateway becomes ready before `ended` resolves. */
async function isReady(listen: Listen, ended: Promise<unknown>): Promise<boolean> {
  let hasEnded = false;
  ended.then(() => hasEnded = true);
  while (!hasEnded) {
    try {
      const response = await fetch(`http://${host(listen)}/readyz`);
      await response.body?.cancel();
      if (response.ok) return true;
    } catch {
      // It does not listen yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

function banner(listen: Listen): string {
  const address = host(listen);
  return `
  The simulated node is running; the gateway streams what it executes.

    open    http://${address}/
    try     websocat 'ws://${address}/v1/ws?subscribe=BlockStart,TxnLog'
    or      npx -y deno@2.9.6 run --allow-net=${address} examples/token_transfers.ts ws://${address}/v1/ws
    stop    Ctrl-C
`;
}

function host({ hostname, port }: Listen): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

function terminate(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch (error) {
    // It has ended already: that is what was wanted.
    if (!(error instanceof TypeError)) throw error;
  }
}
