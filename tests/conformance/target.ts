// What the suite runs against: a gateway process of its own on a simulated node, one for all tests of a file; or, with
// RINGCAST_URL=ws://HOST:PORT, any gateway, for the tests that need no control over node and flags.

import type { AnyFrame } from "../harness/client.ts";
import { deadline } from "../harness/condition.ts";
import { ROOT, SIDECAR } from "../harness/gateway.ts";
import { RawFrames } from "../harness/raw_frames.ts";

const EXTERNAL = Deno.env.get("RINGCAST_URL")?.replace(/\/$/, "");
const NODE_SIM = `${ROOT}/rust/target/release/node-sim`;
const PERMISSIONS = ["--no-prompt", "--allow-net=127.0.0.1", "--allow-read", "--allow-env=RINGCAST_*"];

/** How the processes of a file are started. */
export interface Setup {
  /** Arguments of node-sim without --ring; none for no node. */
  readonly node?: readonly string[];
  /** Flags of the gateway besides --listen and --ring. */
  readonly flags?: readonly string[];
  /** A recording to serve instead of the node's ring. */
  readonly recording?: string;
}

/** A line of the gateway's log. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The gateway under test. Processes write to files, so that nothing of them is pending while a test runs. */
export class Target {
  readonly #setup: Setup;
  #directory = "";
  #origin = EXTERNAL ?? "";
  #gateway: Deno.ChildProcess | undefined;
  #node: Deno.ChildProcess | undefined;
  #commands: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> | undefined;
  #answers = 0;

  /** Starts the processes before the first test of the file and ends them behind the last. */
  constructor(setup: Setup) {
    this.#setup = setup;
    if (EXTERNAL !== undefined) return;
    Deno.test.beforeAll(() => this.#start());
    Deno.test.afterAll(() => this.#stop());
  }

  /** A test that any gateway can be put to. */
  rule(name: string, body: () => Promise<void>): void {
    Deno.test(name, body);
  }

  /** A test that gives commands to the node, or depends on the gateway's flags or on the blocks that come. */
  controlled(name: string, body: () => Promise<void>): void {
    if (EXTERNAL === undefined) Deno.test(name, body);
  }

  /** A WebSocket address of the gateway. */
  url(path = "/v1/ws"): string {
    return `${this.#origin}${path}`;
  }

  /** Connects a client. */
  async connect(path = "/v1/ws", headers: readonly string[] = []): Promise<RawFrames> {
    return await RawFrames.connect(this.url(path), headers);
  }

  /** Connects a client and waits for the Hello of its subscription. */
  async subscribed(subscribe: unknown, path = "/v1/ws"): Promise<RawFrames> {
    const client = await this.connect(path);
    await client.send({ subscribe });
    await client.frame("Hello");
    return client;
  }

  /** The answer to a GET, its body parsed. */
  // deno-lint-ignore no-explicit-any -- tests look into whatever came
  async get(path: string, headers: HeadersInit = {}): Promise<{ status: number; headers: Headers; body: any }> {
    const response = await fetch(this.url(path).replace(/^ws/, "http"), { headers });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** The base of the stream that an Events frame is of. Source: protocol 3.3. */
  base({ seq, Events }: AnyFrame): number {
    const { seqno, event_name } = Events.at(-1);
    return seq - 16 * seqno - (event_name === "NativeTransfer" ? 1 : 0);
  }

  /** Gives the node a command of its console and waits until it is done; returns the newest seqno. */
  async tell(command: string): Promise<{ ring: number; seqno: number }> {
    await this.#commands!.write(new TextEncoder().encode(`${command}\n`));
    const answer = await this.#answer();
    const [, ring, seqno] = /^ok .* ring (\d+) seqno (\d+)$/.exec(answer) ?? [];
    if (ring === undefined) throw new Error(`node-sim answered ${JSON.stringify(answer)} to ${command}.`);
    return { ring: Number(ring), seqno: Number(seqno) };
  }

  /** Has the node pause and waits until the gateway has read what came before; gives the status then. */
  async pause(): Promise<Record<string, number>> {
    await this.tell("pause");
    const status = async () => (await this.get("/v1/status")).body;
    let body = await status();
    await deadline("nothing is on its way", async () => {
      const before = body.newest_seqno;
      await new Promise((resolve) => setTimeout(resolve, 100));
      body = await status();
      return body.newest_seqno === before;
    });
    return body;
  }

  /** What the gateway has logged. */
  lines(): LogLine[] {
    const text = Deno.readTextFileSync(`${this.#directory}/gateway`);
    return text.split("\n").slice(0, -1).filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  }

  /** The truth that the node wrote, lines of JSON; the node must have been started with --truth. */
  get truthPath(): string {
    return `${this.#directory}/truth`;
  }

  async #answer(): Promise<string> {
    const lines = () => Deno.readTextFileSync(`${this.#directory}/node`).split("\n").slice(0, -1);
    await deadline("node-sim answers", () => lines().length > this.#answers);
    return lines()[this.#answers++]!;
  }

  async #start(): Promise<void> {
    const { node, flags = [], recording } = this.#setup;
    this.#directory = Deno.makeTempDirSync({ prefix: "ringcast-test-" });
    const ring = recording ?? `${this.#directory}/monad-exec-events`;
    if (node !== undefined) {
      const args = node.map((word) => word === "TRUTH" ? this.truthPath : word);
      this.#node = this.#spawn("node", 1, NODE_SIM, [...args, "--ring", ring]);
      this.#commands = this.#node.stdin.getWriter();
      const said = await this.#answer();
      if (!said.startsWith("ring ")) throw new Error(`node-sim said ${JSON.stringify(said)}.`);
    }
    this.#gateway = this.#spawn("gateway", 2, Deno.execPath(), [
      ...["run", ...PERMISSIONS, `--allow-ffi=${SIDECAR}`, `${ROOT}/src/main.ts`, "start"],
      ...["--log-format", "json", "--listen", "127.0.0.1:0", "--ring", ring, ...flags],
    ]);
    const listening = () => this.lines().find(({ message }) => message === "Listening");
    await deadline("the gateway listens", () => listening() !== undefined);
    this.#origin = `ws://${new URL(String(listening()!.properties["url"])).host}`;
    if (node === undefined && recording === undefined) return;
    await deadline("/readyz is 200", async () => (await this.get("/readyz")).status === 200);
  }

  /** Starts a program whose output of descriptor `out` goes to a file of this name. */
  #spawn(name: string, out: number, program: string, args: readonly string[]): Deno.ChildProcess {
    const file = `${this.#directory}/${name}`;
    Deno.writeTextFileSync(file, "");
    return new Deno.Command("sh", {
      args: ["-c", `exec "$@" ${out}>"$0"`, file, program, ...args],
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  async #stop(): Promise<void> {
    for (const child of [this.#gateway, this.#node]) {
      child?.kill("SIGTERM");
      await child?.status;
      await (child === this.#node ? this.#commands : child?.stdin)?.close().catch(isBrokenPipe);
    }
    Deno.removeSync(this.#directory, { recursive: true });
  }
}

function isBrokenPipe(error: unknown): void {
  if (!(error instanceof Deno.errors.BrokenPipe || error instanceof TypeError)) throw error;
}
