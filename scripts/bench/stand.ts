// The test stand: a recording replayed into a ring and the load on one core, the gateway alone on the other.
// Used by every section that serves clients; `machine` says what the gateway used.

import { EVENT_NAMES } from "../../src/stream/protocol.ts";
import { cpuSeconds, residentBytes, ticks } from "./machine.ts";

/** The repository. */
export const ROOT = `${import.meta.dirname}/../..`;
/** What is replayed. */
export const FIXTURE = `${Deno.env.get("RINGCAST_FIXTURES") ?? `${ROOT}/../shared/fixtures`}/emn-30b-15m.snapshot.zst`;

const BUILT = `${ROOT}/rust/target/release`;
const SIDECAR = `${BUILT}/libringcast_sidecar.so`;
const PORT = 8499;
/** A gateway that has just started takes its memory page by page, compiles, and has to catch up with what came meanwhile. */
const WARMUP_MS = 4000;
/** How often the bare broadcaster sends: about as often as the gateway does to a hundred clients. */
const BARE_TICK_MS = 5;
/** Events of a block of the recording, on average. */
const BLOCK_EVENTS = 4563;

/** How the source records: events per second, evenly or in whole blocks. */
export interface Source {
  readonly rate: number;
  readonly inBlocks: boolean;
}

/** Who listens. */
export interface Load {
  readonly count: number;
  /** One Subscribe message per line, taken in turns; everything if absent. */
  readonly subscriptions?: readonly string[];
  /** Whether one more client replays the whole window meanwhile, which is not measured. */
  readonly isReplayed?: boolean;
  readonly seconds: number;
}

/** What `load clients` prints; times are microseconds from an event's record time to its arrival. */
export interface Report {
  readonly clients: number;
  readonly millis: number;
  readonly events: number;
  readonly fewest: number;
  readonly most: number;
  readonly bytes: number;
  readonly frames: number;
  readonly gaps: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly worst_client_p99: number;
  readonly first_loss: string | null;
  readonly lost_clients: number;
}

/** A report, and what the server used meanwhile. */
export interface Measured extends Report {
  /** Cores' worth of processor time. */
  readonly cores: number;
  /** Resident bytes, the ring's mapping excluded. */
  readonly resident: number;
  /** Share of the processors that the host gave to others. */
  readonly stolen: number;
}

/** What is recorded, and how. */
type NodeCommand = readonly [command: readonly string[], input?: string];

function onCore(core: 0 | 1, program: string, args: readonly string[], stdin: "piped" | "null" = "null") {
  const pinned = ["-c", `${core}`, program, ...args];
  return new Deno.Command("taskset", { args: pinned, stdin, stdout: "piped", stderr: "inherit" }).spawn();
}

async function* linesOf(child: Deno.ChildProcess): AsyncGenerator<string> {
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

async function write(child: Deno.ChildProcess, text: string): Promise<void> {
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  writer.releaseLock();
}

/** A server of clients that runs until it is disposed of. */
export class Stand implements AsyncDisposable {
  readonly #processes: Deno.ChildProcess[];
  readonly #server: Deno.ChildProcess;
  readonly #ring: string;

  private constructor(server: Deno.ChildProcess, ring: string, processes: Deno.ChildProcess[]) {
    this.#server = server;
    this.#ring = ring;
    this.#processes = [server, ...processes];
  }

  /** A gateway on a ring that `source` fills; `flags` are further flags of the gateway. */
  static async gateway(source: Source, flags: readonly string[] = ["--unrestricted"]): Promise<Stand> {
    const rate = source.inBlocks ? "--burst-rate" : "--rate";
    return await Stand.#on([["replay", FIXTURE, rate, `${source.rate}`, "--loop"]], flags);
  }

  /** A gateway on a ring in which nothing happens any more. */
  static async idle(): Promise<Stand> {
    return await Stand.#on([["run", "--paused"], "burst 1000\n"], ["--unrestricted"]);
  }

  static async #on([command, input]: NodeCommand, flags: readonly string[]): Promise<Stand> {
    const ring = `/tmp/ringcast-bench-${Deno.pid}/monad-exec-events`;
    const node = onCore(1, `${BUILT}/node-sim`, [...command, "--ring", ring], input === undefined ? "null" : "piped");
    await linesOf(node).next();
    if (input !== undefined) await write(node, input);
    const permissions = ["--allow-net=127.0.0.1", "--allow-read", "--allow-env=RINGCAST_*", `--allow-ffi=${SIDECAR}`];
    const listen = ["--listen", `127.0.0.1:${PORT}`, "--max-connections", "2000", "--log-level", "error"];
    const program = ["run", "--no-prompt", ...permissions, `${ROOT}/src/main.ts`, "start", "--ring", ring];
    const gateway = onCore(0, Deno.execPath(), [...program, ...listen, ...flags]);
    const stand = new Stand(gateway, ring, [node]);
    await stand.#ready();
    return stand;
  }

  /** The bare broadcaster: the limit of the machine and of the load generator. */
  static async broadcaster({ rate, inBlocks }: Source, eventBytes: number): Promise<Stand> {
    const listen = ["--listen", `127.0.0.1:${PORT}`, "--rate", `${rate}`];
    const burst = ["--burst", `${inBlocks ? BLOCK_EVENTS : 1}`];
    const form = ["--event-bytes", `${eventBytes}`, "--tick-ms", `${BARE_TICK_MS}`, ...burst];
    const server = onCore(0, `${BUILT}/load`, ["broadcast", ...listen, ...form]);
    await linesOf(server).next();
    return new Stand(server, "no ring", []);
  }

  async #ready(): Promise<void> {
    for (let tries = 0; tries < 600; tries++) {
      const answer = await fetch(`http://127.0.0.1:${PORT}/readyz`).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("The gateway was not ready after 30 s; its messages are above.");
  }

  /** Resident bytes of the server, the ring's mapping excluded. */
  resident(): Promise<number> {
    return residentBytes(this.#server.pid, this.#ring);
  }

  /** Runs the load and reads what the server used while it counted. */
  async measure({ count, subscriptions, isReplayed, seconds }: Load): Promise<Measured> {
    const path = subscriptions ? "/v1/ws" : `/v1/ws?subscribe=${EVENT_NAMES.join()}`;
    const args = ["--address", `127.0.0.1:${PORT}`, "--path", path, "--count", `${count}`];
    const times = ["--warmup-ms", `${WARMUP_MS}`, "--millis", `${seconds * 1000}`];
    const file = subscriptions ? ["--subscriptions", "/dev/stdin"] : [];
    const stdin = subscriptions ? "piped" : "null";
    const load = onCore(1, `${BUILT}/load`, ["clients", ...args, ...times, ...file], stdin);
    if (subscriptions) {
      await write(load, subscriptions.join("\n"));
      await load.stdin.close();
    }
    const lines = linesOf(load);
    if ((await lines.next()).done) throw new Error("The load generator failed; its message is above.");
    await new Promise((resolve) => setTimeout(resolve, WARMUP_MS));
    const replaying = isReplayed ? await this.#replay(seconds) : undefined;
    const pid = this.#server.pid;
    const [cpu, machine] = await Promise.all([cpuSeconds(pid), ticks()]);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const [cpuAfter, machineAfter] = await Promise.all([cpuSeconds(pid), ticks()]);
    const resident = await this.resident();
    const { value } = await lines.next();
    await replaying?.status;
    if (value === undefined) throw new Error("The load generator failed; its message is above.");
    return {
      ...JSON.parse(value) as Report,
      cores: (cpuAfter - cpu) / seconds,
      resident,
      stolen: (machineAfter.stolen - machine.stolen) / (machineAfter.all - machine.all),
    };
  }

  /** One client that begins with the oldest event of the window. */
  async #replay(seconds: number): Promise<Deno.ChildProcess> {
    const { oldest_seqno } = await (await fetch(`http://127.0.0.1:${PORT}/v1/status`)).json();
    const path = `/v1/ws?resume_from=${oldest_seqno}&subscribe=BlockStart`;
    const args = [
      "--address",
      `127.0.0.1:${PORT}`,
      "--path",
      path,
      "--warmup-ms",
      "0",
      "--millis",
      `${seconds * 1000}`,
    ];
    const child = onCore(1, `${BUILT}/load`, ["clients", ...args]);
    child.stdout.cancel();
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes) process.kill("SIGTERM");
    await Promise.all(this.#processes.map(async (process) => {
      await process.status;
      await process.stdout.cancel().catch(() => {});
    }));
  }
}
