// Starts the real simulated node as a process on a ring of its own; removes the ring when disposed of.

import { ROOT } from "./gateway.ts";

const BINARY = `${ROOT}/rust/target/release/node-sim`;

/** A running simulated node. */
export class Node implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess, readonly ring: string) {
    this.#child = child;
  }

  /** Starts `node-sim COMMAND… --ring RING` and waits until the ring is there. */
  static async start(command: readonly string[], ring: string): Promise<Node> {
    const child = new Deno.Command(BINARY, {
      args: [...command, "--ring", ring],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    const said = new TextDecoder().decode(value);
    await reader.cancel();
    if (!said.startsWith("ring ")) throw new Error(`node-sim ${command.join(" ")} said ${JSON.stringify(said)}.`);
    return new Node(child, ring);
  }

  /** Ends the node as a crash would: the ring stays behind. */
  async crash(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }

  /** Ends the node in an orderly way, which removes its ring. */
  async stop(): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
    await this.#child.status;
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
