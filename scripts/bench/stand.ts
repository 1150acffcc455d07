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
const WARMUP_MS = 2000;

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
    const ring = `/tmp/ringcast-bench-${Deno.pid}/monad-exec-events`;
    const rate = source.inBlocks ? "--burst-rate" : "--rate";
    const node = onCore(1, `${BUILT}/node-sim`, ["replay", FIXTURE, "--ring", ring, rate, `${source.rate}`, "--loop"]);
    await linesOf(node).next();
    const permissions = ["--allow-net=127.0.0.1", "--allow-read", "--allow-env=RINGCAST_*", `--allow-ffi=${SIDECAR}`];
    const listen = ["--listen", `127.0.0.1:${PORT}`, "--max-connections", "2000", "--log-level", "error"];
    const program = ["run", "--no-prompt", ...permissions, `${ROOT}/src/main.ts`, "start", "--ring", ring];
    const gateway = onCore(0, Deno.execPath(), [...program, ...listen, ...flags]);
    const stand = new Stand(gateway, ring, [node]);
    await stand.#ready();
    return stand;
  }

  /** The bare broadcaster: the limit of the machine and of the load generator. */
  static async broadcaster(rate: number): Promise<Stand> {
    const server = onCore(0, `${BUILT}/load`, ["broadcast", "--listen", `127.0.0.1:${PORT}`, "--rate", `${rate}`]);
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

  /** Runs the load and reads what the server used while it counted. */
  async measure({ count, subscriptions, seconds }: Load): Promise<Measured> {
    const path = subscriptions ? "/v1/ws" : `/v1/ws?subscribe=${EVENT_NAMES.join()}`;
    const args = ["--address", `127.0.0.1:${PORT}`, "--path", path, "--count", `${count}`];
    const times = ["--warmup-ms", `${WARMUP_MS}`, "--millis", `${seconds * 1000}`];
    const file = subscriptions ? ["--subscriptions", "/dev/stdin"] : [];
    const stdin = subscriptions ? "piped" : "null";
    const load = onCore(1, `${BUILT}/load`, ["clients", ...args, ...times, ...file], stdin);
    if (subscriptions) {
      const writer = load.stdin.getWriter();
      await writer.write(new TextEncoder().encode(subscriptions.join("\n")));
      await writer.close();
    }
    const lines = linesOf(load);
    if ((await lines.next()).done) throw new Error("The load generator failed; its message is above.");
    await new Promise((resolve) => setTimeout(resolve, WARMUP_MS));
    const pid = this.#server.pid;
    const [cpu, machine] = await Promise.all([cpuSeconds(pid), ticks()]);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const [cpuAfter, machineAfter] = await Promise.all([cpuSeconds(pid), ticks()]);
    const resident = await residentBytes(pid, this.#ring);
    const { value } = await lines.next();
    if (value === undefined) throw new Error("The load generator failed; its message is above.");
    return {
      ...JSON.parse(value) as Report,
      cores: (cpuAfter - cpu) / seconds,
      resident,
      stolen: (machineAfter.stolen - machine.stolen) / (machineAfter.all - machine.all),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes) process.kill("SIGTERM");
    await Promise.all(this.#processes.map(async (process) => {
      await process.status;
      await process.stdout.cancel().catch(() => {});
    }));
  }
}
