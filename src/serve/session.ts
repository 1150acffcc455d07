// One client: its messages in, its frames out (protocol sections 2, 6 and 13).
// Made by server.ts for every upgraded socket; stream/group.ts sends through it.

import { Buffer } from "node:buffer";
import { getLogger } from "../logging.ts";
import { MAX_FRAME_BYTES, MAX_HEAD_BYTES } from "../stream/frame.ts";
import type { DirectSocket, Outcome } from "../stream/fanout.ts";
import type { Message } from "../stream/log.ts";
import type { Outlet } from "../stream/member.ts";
import { type ClientMessage, readMessage } from "../stream/subscription.ts";
import { errorFrame } from "../stream/subscription_error.ts";
import { MessageBudget } from "./budget.ts";
import { CLOSE, type Close } from "./close.ts";
import type { GuardedClient } from "./connections.ts";
import { type Asked, Conversation } from "./conversation.ts";
import { answerRpc } from "./ethereum.ts";
import type { Gateway } from "./gateway.ts";

const logger = getLogger("session");
const encoder = new TextEncoder();

/** Most bytes of a message from a client. Source: protocol 11.3. */
const MAX_MESSAGE_BYTES = 1 << 16;

/** Most bytes that wait in a client's socket, whatever they are. Source: protocol 11.2. */
const MAX_HANDED_BYTES = 1 << 20;
/** More than the answer to an upgrade has. */
const OPENING_BYTES = 1024;
/** Every socket takes as much when it is new. Source: tcp_wmem in tcp(7). */
const FIRST_ROOM_BYTES = 1 << 14;
/** A client that is closed for what it sent has sent all of it when nothing came for so long. */
const QUIET_MS = 50;
/** Bytes of a masked frame's head, for the shortest and the longer length. Source: RFC 6455 §5.2. */
const FRAME_HEAD_BYTES = [6, 8] as const;

/** How a connection began. */
export interface Opening extends Asked {
  /** Address and port, for the log. */
  readonly peer: string;
}

/** A connected client. */
export class Session implements Outlet, GuardedClient {
  readonly #socket: WebSocket;
  readonly #gateway: Gateway;
  readonly #opening: Opening;
  readonly #budget = new MessageBudget();
  readonly #onClose: () => void;
  #conversation: Conversation | undefined;
  #hasLeft = false;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #watched: DirectSocket | undefined;
  /** Whether Deno may not have written yet all that it was given. */
  #isHanded = false;
  /** Bytes of all frames that Deno was given. */
  #handedInAll = 0;
  /** Whether nothing that Deno itself may have to write to the socket can be waiting there. */
  #isClear = false;
  /** Whether the kernel had no room for the last message, and still has none for one of the usual size. */
  #isFull = false;
  deliveredBytes = 0;
  closedMs: number | undefined;

  /** Takes over a socket that is about to open; `onClose` is called once, when it is closed. */
  constructor(socket: WebSocket, gateway: Gateway, opening: Opening, onClose: (session: Session) => void) {
    this.#socket = socket;
    this.#gateway = gateway;
    this.#opening = opening;
    this.#onClose = () => onClose(this);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      logger.debug("Client connected", { peer: opening.peer });
      // A socket may open when its connection is gone already.
      if (this.closedMs !== undefined || this.#hasLeft) return;
      this.#conversation = new Conversation(this, gateway, opening.peer, opening);
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    // An error is always followed by close, which says all there is to say.
    socket.onerror = (event) => event.preventDefault();
    socket.onclose = ({ code, reason }) => {
      logger.debug("Client left", { peer: opening.peer, code, reason });
      this.lost();
    };
  }

  get unsentBytes(): number {
    if (this.#isFull) this.#isFull = !this.#watched?.hasRoom(MAX_FRAME_BYTES);
    return this.#isFull ? Infinity : this.#handedBytes();
  }

  /** Bytes that Deno was given and has not written yet. */
  #handedBytes(): number {
    const bytes = this.#isHanded ? this.#socket.bufferedAmount : 0;
    this.#isHanded = bytes > 0;
    return bytes;
  }

  connected(socket: DirectSocket, receivedBytes: number): void {
    this.#watched = socket;
    // All that Deno can have written so far, for answers to Pings are as long as those: so little never waits for room.
    const writtenBytes = OPENING_BYTES + this.#handedInAll + receivedBytes;
    this.#isClear = writtenBytes <= FIRST_ROOM_BYTES && socket.hasRoom(writtenBytes);
  }

  /**
   * The socket for what is composed, which Deno would copy twice, where nothing of Deno's waits.
   *
   * What Deno was given it has written when `bufferedAmount` is 0. Its answers to Pings are not counted there, but wait
   * only while the socket is full. So a message goes through Deno, and thereby behind them, before those that do not, and
   * it is one that leaves room for answers to come; more may follow it as long as they leave room too.
   */
  get direct(): DirectSocket | undefined {
    if (!this.#isClear || this.#socket.readyState !== WebSocket.OPEN) return undefined;
    return this.#handedBytes() === 0 ? this.#watched : undefined;
  }

  settle(outcome: Outcome, messages: number): void {
    if (outcome === "taken") this.#gateway.sent.direct += messages;
    // A socket that holds much is given no more before it has room; any other one grows by what Deno sends.
    this.#isFull = outcome === "later";
    if (outcome === "refused") this.#isClear = false;
  }

  send(message: Message | string): void {
    const socket = this.#socket;
    if (socket.readyState !== WebSocket.OPEN) return;
    const isComposed = typeof message !== "string";
    if (isComposed) this.#gateway.sent.buffered++;
    const handed = this.#handedBytes();
    const isBehindOurs = handed === 0 || this.#isClear;
    this.#isClear = isComposed && isBehindOurs && (this.#watched?.hasRoom(handed + message.bytes) ?? false);
    if (handed > MAX_HANDED_BYTES) return this.close(CLOSE.slow);
    const text = isComposed ? message.text() : message;
    socket.send(text);
    this.#isHanded = true;
    this.#handedInAll += Buffer.byteLength(text) + MAX_HEAD_BYTES;
  }

  evict(): void {
    this.close(CLOSE.slow);
  }

  /** Closes the connection and says why; guard.ts cuts it if the client does not answer. */
  close(reason: Close): void {
    if (this.#beginClose(reason) && this.#socket.readyState <= WebSocket.OPEN) this.#socket.close(...reason);
  }

  /** Closes a client for what it sent. Deno drops the Close frame if more waits to be read, so that is awaited. */
  #closeWhenQuiet(reason: Close): void {
    if (!this.#beginClose(reason)) return;
    this.#quiet = setTimeout(() => this.#socket.close(...reason), QUIET_MS);
  }

  #beginClose([code, reason]: Close): boolean {
    if (this.closedMs !== undefined || this.#hasLeft) return false;
    this.closedMs = performance.now();
    this.#conversation?.end();
    logger.info("Client is closed", { peer: this.#opening.peer, code, reason });
    return true;
  }

  lost(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    clearTimeout(this.#quiet);
    this.#conversation?.end();
    if (this.#socket.readyState <= WebSocket.OPEN) this.#socket.close();
    this.#onClose();
  }

  #receive(data: unknown): void {
    const bytes = typeof data === "string" ? encoder.encode(data).length : (data as ArrayBuffer).byteLength;
    this.deliveredBytes += bytes + FRAME_HEAD_BYTES[bytes < 126 ? 0 : 1];
    if (this.closedMs !== undefined) {
      this.#quiet?.refresh();
      return;
    }
    if (!this.#budget.takeMessage()) return this.#closeWhenQuiet(CLOSE.flood);
    if (typeof data !== "string") {
      this.#answer({
        kind: "error",
        error: { type: "parse_error", message: "Binary messages are not understood; send JSON as text." },
      });
    } else if (bytes > MAX_MESSAGE_BYTES) {
      this.#closeWhenQuiet(CLOSE.tooBig);
    } else {
      this.#answer(readMessage(data, this.#gateway.config.maxSubscribes));
    }
  }

  #answer(message: ClientMessage): void {
    switch (message.kind) {
      case "error":
        if (!this.#budget.takeError()) return this.#closeWhenQuiet(CLOSE.errors);
        this.send(errorFrame(message.error));
        return;
      case "hello":
        return this.#conversation?.greet(message.hello);
      case "subscribe":
        return this.#conversation?.subscribe(message.subscription);
      case "json_rpc": {
        const answer = answerRpc(message.request, this.#gateway);
        if (answer !== undefined) this.send(answer);
      }
    }
  }
}
