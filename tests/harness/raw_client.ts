// A WebSocket client on a bare TCP connection, which reads only when it is told to: the peer that stalls.
// Frames are written and read by hand (RFC 6455 §5.2); nothing of the gateway's code is used.

import type { AnyFrame } from "./client.ts";

/** A connection whose handshake is done. */
export class RawClient implements Disposable {
  readonly #connection: Deno.TcpConn;
  #bytes: Uint8Array;

  private constructor(connection: Deno.TcpConn, rest: Uint8Array) {
    this.#connection = connection;
    this.#bytes = rest;
  }

  /** Connects to `ws://HOST:PORT/path` and upgrades. */
  static async connect(url: string, headers: readonly string[] = []): Promise<RawClient> {
    const { hostname, port, host, pathname, search } = new URL(url);
    const connection = await Deno.connect({ hostname, port: Number(port) });
    const request =
      `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", ...headers, "", ""].join("\r\n");
    await connection.write(new TextEncoder().encode(request));
    const client = new RawClient(connection, new Uint8Array());
    let head = "";
    while (!head.includes("\r\n\r\n")) {
      if (!await client.#more()) {
        connection.close();
        throw new Error("The connection ended during the upgrade.");
      }
      head = new TextDecoder("latin1").decode(client.#bytes);
    }
    if (!head.startsWith("HTTP/1.1 101")) {
      connection.close();
      throw new Error(`The upgrade was answered with ${head.split("\r\n")[0]}.`);
    }
    client.#bytes = client.#bytes.subarray(head.indexOf("\r\n\r\n") + 4);
    return client;
  }

  /** Sends a value as JSON in one masked text frame of less than 64 KiB; the mask is zero. */
  async send(message: unknown): Promise<void> {
    const text = new TextEncoder().encode(JSON.stringify(message));
    const head = [0x81, 0x80 | 126, text.length >> 8, text.length & 255, 0, 0, 0, 0];
    await this.write(new Uint8Array([...head, ...text]));
  }

  /** Sends a Ping frame without a payload. */
  async ping(): Promise<void> {
    await this.write(new Uint8Array([0x89, 0x80, 0, 0, 0, 0]));
  }

  /** Sends bytes as they are. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.#connection.write(rest));
  }

  /** Ends this end's way of the connection with a FIN; what comes may still be read. */
  async closeWrite(): Promise<void> {
    await this.#connection.closeWrite();
  }

  /** This end's port. */
  get port(): number {
    return this.#connection.localAddr.port;
  }

  /** The next text frame, parsed, or the code of the close frame; undefined if the connection ended or was reset. */
  async next(): Promise<{ frame: AnyFrame } | { closed: number } | undefined> {
    for (;;) {
      const message = this.#take();
      if (message !== undefined) return message;
      if (!await this.#more()) return undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }

  #take(): { frame: AnyFrame } | { closed: number } | undefined {
    const bytes = this.#bytes;
    if (bytes.length < 2) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const short = bytes[1]! & 127;
    const headLength = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (bytes.length < headLength) return undefined;
    const length = short === 127 ? Number(view.getBigUint64(2)) : short === 126 ? view.getUint16(2) : short;
    if (bytes.length < headLength + length) return undefined;
    const payload = bytes.subarray(headLength, headLength + length);
    this.#bytes = bytes.subarray(headLength + length);
    if ((bytes[0]! & 15) === 10) return this.#take();
    if ((bytes[0]! & 15) === 8) return { closed: (payload[0]! << 8) | payload[1]! };
    return { frame: JSON.parse(new TextDecoder().decode(payload)) };
  }

  async #more(): Promise<boolean> {
    const chunk = new Uint8Array(1 << 18);
    let read: number | null;
    try {
      read = await this.#connection.read(chunk);
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset) return false;
      throw error;
    }
    if (read === null) return false;
    const bytes = new Uint8Array(this.#bytes.length + read);
    bytes.set(this.#bytes);
    bytes.set(chunk.subarray(0, read), this.#bytes.length);
    this.#bytes = bytes;
    return true;
  }
}
