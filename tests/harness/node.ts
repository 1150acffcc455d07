// Starts the real simulated node as a process on a ring of its own; removes the ring when disposed of.

import { deadline } from "./condition.ts";
import { ROOT } from "./gateway.ts";

const BINARY = `${ROOT}/rust/target/release/node-sim`;

/** A running simulated node. */
export class Node implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #commands: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #answers: string[] = [];
  readonly #reading: Promise<void>;

  private constructor(child: Deno.ChildProcess, readonly ring: string) {
    this.#child = child;
    this.#commands = child.stdin.getWriter();
    this.#reading = this.#read(child.stdout);
  }

  /** Starts `node-sim COMMAND… --ring RING` and waits until the ring is there. */
  static async start(command: readonly string[], ring: string): Promise<Node> {
    const child = new Deno.Command(BINARY, {
      args: [...command, "--ring", ring],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const node = new Node(child, ring);
    const said = await node.#answer();
    if (!said.startsWith("ring ")) throw new Error(`node-sim ${command.join(" ")} said ${JSON.stringify(said)}.`);
    return node;
  }

  /** Gives a command of node-sim's console and waits until it is done; returns the ring's ordinal and last seqno. */
  async tell(command: string): Promise<{ ring: number; seqno: number }> {
    await this.#commands.write(new TextEncoder().encode(`${command}\n`));
    const answer = await this.#answer();
    const [, ring, seqno] = /^ok .* ring (\d+) seqno (\d+)$/.exec(answer) ?? [];
    if (ring === undefined) throw new Error(`node-sim answered ${JSON.stringify(answer)} to ${command}.`);
    return { ring: Number(ring), seqno: Number(seqno) };
  }

  /** Waits until the node has ended by itself. */
  async ended(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#close();
    return code;
  }

  async #read(stdout: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const chunk of stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      this.#answers.push(...lines);
    }
  }

  async #answer(): Promise<string> {
    await deadline("node-sim answers", () => this.#answers.length > 0);
    return this.#answers.shift()!;
  }

  /** Ends the node as a crash would: the ring stays behind. */
  async crash(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#close();
  }

  /** Ends the node in an orderly way, which removes its ring. */
  async stop(): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
    await this.#close();
  }

  async #close(): Promise<void> {
    await this.#child.status;
    await this.#reading;
    try {
      await this.#commands.close();
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof Deno.errors.BrokenPipe)) throw error; // it is closed already
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** A path for a ring in a directory of its own, which is removed when disposed of. */
export class RingPlace implements Disposable {
  readonly #directory = Deno.makeTempDirSync({ prefix: "ringcast-test-" });
  readonly ring = `${this.#directory}/monad-exec-events`;

  [Symbol.dispose](): void {
    Deno.removeSync(this.#directory, { recursive: true });
  }
}
