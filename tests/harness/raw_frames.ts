// A WebSocket client of raw RFC 6455 frames that keeps everything it gets and sends whatever it is told to, wrong or not.
// raw_client.ts is the one that stalls; nothing of the gateway's code is used here.

import type { AnyEvent, AnyFrame } from "./client.ts";
import { deadline } from "./condition.ts";

/** Opcodes. Source: RFC 6455 §5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** What may differ from a correct frame: the last of its message, no reserved bits, masked. */
export interface FrameForm {
  readonly isLast?: boolean;
  readonly reserved?: number;
  readonly isMasked?: boolean;
}

/** The answer to a handshake that upgrades nothing. */
export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** A frame of a client as bytes; its mask is random. */
export function frameBytes(opcode: number, payload: Uint8Array, form: FrameForm = {}): Uint8Array {
  const { isLast = true, reserved = 0, isMasked = true } = form;
  const { length } = payload;
  const short = length < 126 ? length : length < 1 << 16 ? 126 : 127;
  const head = new Uint8Array(short === 127 ? 10 : short === 126 ? 4 : 2);
  head[0] = (isLast ? 0x80 : 0) | reserved << 4 | opcode;
  head[1] = (isMasked ? 0x80 : 0) | short;
  const view = new DataView(head.buffer);
  if (short === 126) view.setUint16(2, length);
  if (short === 127) view.setBigUint64(2, BigInt(length));
  if (!isMasked) return new Uint8Array([...head, ...payload]);
  const mask = crypto.getRandomValues(new Uint8Array(4));
  const bytes = new Uint8Array(head.length + 4 + length);
  bytes.set(head);
  bytes.set(mask, head.length);
  for (let i = 0; i < length; i++) bytes[head.length + 4 + i] = payload[i]! ^ mask[i & 3]!;
  return bytes;
}

/** A connection that was upgraded. */
export class RawFrames implements AsyncDisposable {
  /** Texts of text messages. */
  readonly texts: string[] = [];
  /** The same, parsed. */
  readonly frames: AnyFrame[] = [];
  /** Opcodes of all frames. */
  readonly opcodes: number[] = [];
  /** Payloads of Pong frames, as text. */
  readonly pongs: string[] = [];
  /** The Close frame, once it came. */
  closed: { readonly code: number; readonly reason: string } | undefined;
  /** Whether the TCP connection was ended or reset by the server. */
  hasEnded = false;
  /** Head of the answer to the handshake. */
  readonly head: string;
  readonly #connection: Deno.TcpConn;
  #bytes: Uint8Array;
  readonly #reading: Promise<void>;

  private constructor(connection: Deno.TcpConn, head: string, rest: Uint8Array) {
    this.#connection = connection;
    this.head = head;
    this.#bytes = rest;
    this.#reading = this.#read();
  }

  /** Connects to `ws://HOST:PORT/path` and upgrades. */
  static async connect(url: string, headers: readonly string[] = []): Promise<RawFrames> {
    const { connection, head, rest } = await handshake(url, [...UPGRADE, ...headers]);
    if (head.startsWith("HTTP/1.1 101")) return new RawFrames(connection, head, rest);
    connection.close();
    throw new Error(`The upgrade was answered with ${head.split("\r\n")[0]}.`);
  }

  /** Sends a value as JSON, or a string as it is, in one text frame. */
  async send(message: unknown): Promise<void> {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    await this.sendFrame(OPCODE.text, text);
  }

  /** Sends one frame. */
  async sendFrame(opcode: number, payload: string | Uint8Array, form: FrameForm = {}): Promise<void> {
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
    await this.write(frameBytes(opcode, bytes, form));
  }

  /** Sends bytes as they are. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.#connection.write(rest));
  }

  /** Every event so far, in order. */
  get events(): AnyEvent[] {
    return this.frames.flatMap((frame) => frame.Events ?? []);
  }

  /** The second key of every frame so far. */
  get kinds(): string[] {
    return this.frames.map((frame) => Object.keys(frame)[1] ?? "");
  }

  /** Waits for the first frame from index `from` on that has this key. */
  async frame(key: string, from = 0): Promise<AnyFrame> {
    const found = () => this.frames.slice(from).find((frame) => Object.hasOwn(frame, key));
    await this.until(`a frame with ${key} comes`, () => found() !== undefined);
    return found();
  }

  /** Sends a message and waits for the next frame that has this key. */
  async ask(message: unknown, key: string): Promise<AnyFrame> {
    const from = this.frames.length;
    await this.send(message);
    return await this.frame(key, from);
  }

  /** Waits until a condition on this client holds; fails at once when nothing can come any more. */
  async until(what: string, isTrue: (client: RawFrames) => boolean): Promise<void> {
    await deadline(what, () => {
      if (isTrue(this)) return true;
      if (!this.hasEnded) return false;
      throw new Error(`The connection ended (${JSON.stringify(this.closed)}) before ${what}.`);
    });
  }

  /** Waits until the server has ended the connection. */
  async ended(): Promise<void> {
    await deadline("the connection ends", () => this.hasEnded);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const chunk = new Uint8Array(1 << 16);
    for (;;) {
      while (this.#take()) { /* frames that are complete */ }
      const count = await this.#connection.read(chunk).catch(isOver);
      if (count === null) break;
      const bytes = new Uint8Array(this.#bytes.length + count);
      bytes.set(this.#bytes);
      bytes.set(chunk.subarray(0, count), this.#bytes.length);
      this.#bytes = bytes;
    }
    this.hasEnded = true;
  }

  #take(): boolean {
    const bytes = this.#bytes;
    const short = bytes[1]! & 127;
    const headLength = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (bytes.length < headLength) return false;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = short === 127 ? Number(view.getBigUint64(2)) : short === 126 ? view.getUint16(2) : short;
    if (bytes.length < headLength + length) return false;
    const payload = bytes.subarray(headLength, headLength + length);
    this.#bytes = bytes.subarray(headLength + length);
    const opcode = bytes[0]! & 15;
    this.opcodes.push(opcode);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(
      opcode === OPCODE.close ? payload.subarray(2) : payload,
    );
    if (opcode === OPCODE.close) this.closed = { code: payload[0]! << 8 | payload[1]!, reason: text };
    else if (opcode === OPCODE.pong) this.pongs.push(text);
    else if (opcode === OPCODE.text) {
      this.texts.push(text);
      this.frames.push(JSON.parse(text));
    }
    return true;
  }
}

/** Header lines of a correct upgrade; the accept that belongs to the key is in RFC 6455 §1.3. */
export const UPGRADE = [
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
] as const;

/** Sends a GET with these header lines and no others but Host, and gives the whole answer. */
export async function rawGet(url: string, headers: readonly string[]): Promise<Refusal> {
  const { connection, head, rest } = await handshake(url, headers);
  const [first = "", ...lines] = head.split("\r\n");
  const fields = lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]);
  const answer = { status: Number(first.split(" ")[1]), headers: new Headers(fields) };
  const length = Number(answer.headers.get("content-length") ?? 0);
  let body = rest;
  const chunk = new Uint8Array(1 << 14);
  while (body.length < length) {
    const count = await connection.read(chunk).catch(isOver);
    if (count === null) break;
    body = new Uint8Array([...body, ...chunk.subarray(0, count)]);
  }
  connection.close();
  return { ...answer, body: new TextDecoder().decode(body) };
}

async function handshake(url: string, headers: readonly string[]) {
  const { hostname, port, host, pathname, search } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port || 80) });
  const lines = [`GET ${pathname}${search} HTTP/1.1`, `Host: ${host}`, ...headers, "", ""];
  await connection.write(new TextEncoder().encode(lines.join("\r\n")));
  let bytes = new Uint8Array();
  const chunk = new Uint8Array(1 << 12);
  for (;;) {
    const text = new TextDecoder("latin1").decode(bytes);
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) return { connection, head: text.slice(0, end), rest: bytes.subarray(end + 4) };
    const count = await connection.read(chunk).catch(isOver);
    if (count === null) {
      connection.close();
      throw new Error("The connection ended during the handshake.");
    }
    bytes = new Uint8Array([...bytes, ...chunk.subarray(0, count)]);
  }
}

/** A reset ends a connection, and so does closing it oneself. */
function isOver(error: unknown): null {
  const ends = [Deno.errors.ConnectionReset, Deno.errors.BadResource, Deno.errors.Interrupted];
  if (ends.some((kind) => error instanceof kind)) return null;
  throw error;
}
