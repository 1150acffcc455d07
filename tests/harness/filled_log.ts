// A real log, filled by the real sidecar from a recording or from a node's ring, for tests of what reads a log.

import { Sidecar } from "../../src/native/ffi.ts";
import { NativeLog } from "../../src/native/log.ts";
import { deadline } from "./condition.ts";
import { FIXTURES, SIDECAR } from "./gateway.ts";

/** A log and the sidecar that fills it. */
export class FilledLog implements Disposable {
  readonly #sidecar = Sidecar.load(SIDECAR);
  readonly log: NativeLog;

  /** Begins to read a recording of this name, or at this path, into `windowBytes` of memory, at once. */
  constructor(recording: string, windowBytes: number) {
    this.log = new NativeLog(this.#sidecar, {
      ...{ from: "oldest", blocked: [], speed: Infinity, loop: false, waitForPlay: false },
      ring: recording.startsWith("/") ? recording : `${FIXTURES}/${recording}.snapshot.zst`,
      windowBytes,
      backfillEvents: 1,
    });
  }

  /** Waits until the whole recording is in the log. */
  async ended(): Promise<NativeLog> {
    await deadline("the recording is read", async () => {
      this.log.advance(await this.log.wait(10, 0));
      return this.log.status().state === "ended";
    });
    this.log.advance(await this.log.wait(0, 0));
    return this.log;
  }

  /** Waits until this is true of the log, which is looked at again and again. */
  async until(what: string, isTrue: (log: NativeLog) => boolean): Promise<void> {
    await deadline(what, async () => {
      this.log.advance(await this.log.wait(10, 0));
      return isTrue(this.log);
    });
  }

  [Symbol.dispose](): void {
    this.log[Symbol.dispose]();
    this.#sidecar[Symbol.dispose]();
  }
}
