// Starts the real gateway as a process on a free port and says where it listens; stops it when disposed of.

import { deadline } from "./condition.ts";

/** The repository. */
export const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
/** The sidecar that `deno task build` makes. */
export const SIDECAR = `${ROOT}/rust/target/release/libringcast_sidecar.so`;
/** Where the recordings are. */
export const FIXTURES = Deno.env.get("RINGCAST_FIXTURES") ?? `${ROOT}/../shared/fixtures`;

/** One line of the gateway's JSON log. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A running gateway process. */
export class Gateway implements AsyncDisposable {
  readonly lines: LogLine[] = [];
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#reading = this.#read(child.stderr);
  }

  /** Starts a gateway with these flags and waits until it listens. */
  static async start(
    flags: readonly string[],
    { denoFlags = [], env = {}, descriptorLimit }: {
      denoFlags?: readonly string[];
      env?: Record<string, string>;
      /** Descriptors that the process may have; as many as this one if undefined. */
      descriptorLimit?: number;
    } = {},
  ): Promise<Gateway> {
    const gateway = new Gateway(spawnGateway(["--listen", "127.0.0.1:0", ...flags], denoFlags, env, descriptorLimit));
    await deadline(`the gateway listens; it said ${JSON.stringify(gateway.lines)}`, () => gateway.#isListening());
    return gateway;
  }

  #isListening(): boolean {
    return this.lines.some((line) => line.message === "Listening");
  }

  /** `127.0.0.1:PORT`. */
  get host(): string {
    const url = this.lines.find((line) => line.message === "Listening")?.properties["url"];
    return new URL(String(url)).host;
  }

  /** The process's id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** A WebSocket address of this gateway. */
  url(path = "/v1/ws"): string {
    return `ws://${this.host}${path}`;
  }

  /** The answer to a GET, as status and parsed JSON. */
  // deno-lint-ignore no-explicit-any -- tests look into whatever came
  async get(path: string): Promise<{ status: number; body: any }> {
    const response = await fetch(`http://${this.host}${path}`);
    return { status: response.status, body: await response.json() };
  }

  /** Waits until /readyz answers 200. */
  async ready(): Promise<void> {
    await deadline("/readyz is 200", async () => (await this.get("/readyz")).status === 200);
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** The exit code, once the process has ended. */
  async ended(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#reading;
    return code;
  }

  async #read(stderr: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const chunk of stderr.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith("{")) this.lines.push(JSON.parse(line));
        // Whatever is no line of the log is a crash, and what a failed test must show.
        else if (line !== "") console.log(`gateway: ${line}`);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
    await this.ended();
  }
}

/** Starts `start` with these flags, without waiting for anything. */
export function spawnGateway(
  flags: readonly string[],
  denoFlags: readonly string[] = [],
  env: Record<string, string> = {},
  descriptorLimit?: number,
): Deno.ChildProcess {
  const library = env["RINGCAST_SIDECAR"] ?? SIDECAR;
  const permissions = ["--no-prompt", "--allow-net=127.0.0.1", "--allow-read", "--allow-env=RINGCAST_*"];
  const args = [
    ...["run", ...permissions, `--allow-ffi=${library}`, ...denoFlags, `${ROOT}/src/main.ts`, "start"],
    ...["--log-format", "json", ...flags],
  ];
  const limit = ["-c", `ulimit -n ${descriptorLimit} && exec "$0" "$@"`, Deno.execPath()];
  return new Deno.Command(descriptorLimit === undefined ? Deno.execPath() : "sh", {
    args: descriptorLimit === undefined ? args : [...limit, ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}
