// A WebSocket client that keeps every frame it gets; Deno's own WebSocket, no code of the gateway's.

import { deadline } from "./condition.ts";

/** An event as it came, parsed; numbers above 2^53 have lost digits. */
// deno-lint-ignore no-explicit-any -- tests look into whatever came
export type AnyEvent = any;

/** A frame as it came. */
// deno-lint-ignore no-explicit-any -- tests look into whatever came
export type AnyFrame = any;

/** A connected client. */
export class Client implements AsyncDisposable {
  readonly texts: string[] = [];
  readonly frames: AnyFrame[] = [];
  readonly socket: WebSocket;
  closed: { readonly code: number; readonly reason: string } | undefined;

  private constructor(url: string) {
    this.socket = new WebSocket(url);
    this.socket.onmessage = ({ data }) => {
      this.texts.push(data);
      this.frames.push(JSON.parse(data));
    };
    this.socket.onclose = ({ code, reason }) => this.closed = { code, reason };
    this.socket.onerror = (event) => event.preventDefault();
  }

  /** Connects and waits until the connection is open. */
  static async connect(url: string): Promise<Client> {
    const client = new Client(url);
    await deadline(`a connection to ${url} opens`, () => {
      if (client.closed !== undefined) throw new Error(`${url} was closed: ${JSON.stringify(client.closed)}`);
      return client.socket.readyState === WebSocket.OPEN;
    });
    return client;
  }

  /** Sends a value as JSON, or a string as it is. */
  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Every event so far, in order. */
  get events(): AnyEvent[] {
    return this.frames.flatMap((frame) => frame.Events ?? []);
  }

  /** Waits for the first frame from index `from` on that has this key. */
  async frame(key: string, from = 0): Promise<AnyFrame> {
    await deadline(
      `a frame with ${key} comes`,
      () => this.frames.slice(from).some((frame) => Object.hasOwn(frame, key)),
    );
    return this.frames.slice(from).find((frame) => Object.hasOwn(frame, key));
  }

  /** Waits until a condition on this client holds. */
  async until(what: string, isTrue: (client: Client) => boolean): Promise<void> {
    await deadline(what, () => isTrue(this));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.closed === undefined) this.socket.close();
    await deadline("the connection closes", () => this.closed !== undefined);
  }
}
