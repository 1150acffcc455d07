// A log that reads the ring of a simulated node, which records when it is told to: for tests of many small blocks and gaps.

import { placeBefore } from "../../src/stream/loss.ts";
import type { SlowLimits } from "../../src/stream/member.ts";
import { FilledLog } from "../harness/filled_log.ts";
import { Node, RingPlace } from "../harness/node.ts";
import { Playback } from "./delivered.ts";

/** A node and a log of everything that it records. */
export class Simulation implements AsyncDisposable {
  readonly #place: RingPlace;
  readonly #node: Node;
  readonly #filled: FilledLog;

  private constructor(place: RingPlace, node: Node, filled: FilledLog) {
    [this.#place, this.#node, this.#filled] = [place, node, filled];
  }

  /** Starts a node of small blocks, with these arguments too, that records nothing by itself. */
  static async start(args: readonly string[] = [], windowBytes = 128 << 20): Promise<Simulation> {
    const place = new RingPlace();
    // Its next block by the clock is an hour away.
    const own = ["run", "--block-ms", "3600000", "--txns-per-block", "3", "--descriptor-shift", "17"];
    const node = await Node.start([...own, ...args], place.ring);
    return new Simulation(place, node, new FilledLog(place.ring, windowBytes));
  }

  /** Records at least so many events and waits until the last of them is in the log. */
  async burst(events: number): Promise<void> {
    const { seqno } = await this.#node.tell(`burst ${events}`);
    await this.#filled.until(`event ${seqno} is read`, (log) => placeBefore(log, log.head)?.seqno === seqno);
  }

  /** Gives a command of the node's console; the log may not have its events yet. */
  async tell(command: string): Promise<void> {
    await this.#node.tell(command);
  }

  /** Waits until there are so many gaps in the log. */
  async gaps(count: number): Promise<void> {
    await this.#filled.until(`${count} gaps are told`, (log) => log.status().gaps >= count);
  }

  /** The log as it is now, of which groups see what a test shows them. */
  playback(limits?: SlowLimits): Playback {
    return new Playback(this.#filled, limits);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#filled[Symbol.dispose]();
    await this.#node.stop();
    this.#place[Symbol.dispose]();
  }
}
