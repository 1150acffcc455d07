// One client: its messages in, its frames out (protocol sections 2, 6 and 13).
// Made by server.ts for every upgraded socket; stream/group.ts sends through it.

import { getLogger } from "../logging.ts";
import type { Receiver } from "../stream/group.ts";
import { helloFrame, PROTOCOL_VERSION } from "../stream/hello.ts";
import { answerJsonRpc, invalidParams, type RpcMethod } from "../stream/json_rpc.ts";
import { type ClientHello, type ClientMessage, readMessage, type Subscription } from "../stream/subscription.ts";
import { errorFrame } from "../stream/subscription_error.ts";
import { type Gateway, heldRange } from "./gateway.ts";

const logger = getLogger("session");

/** Most bytes of a message from a client. Source: protocol 11.3. */
const MAX_MESSAGE_BYTES = 1 << 16;

/** Why the server closes a connection; the reason says what to do next. Source: protocol section 15. */
export const CLOSE = {
  tooBig: [1009, "messages are at most 64 KiB"],
  stopping: [1012, "stopping or restarting: reconnect and resume from your last seq"],
  slow: [4008, "slow consumer: resume from the last seq you received"],
} as const;

/** How a connection began. */
export interface Opening {
  /** Address and port, for the log. */
  readonly peer: string;
  /** Seq that the query asked to resume from. */
  readonly resumeFrom: number | undefined;
  /** From the query. */
  readonly subscription: Subscription | undefined;
}

/** A connected client. */
export class Session implements Receiver {
  readonly #socket: WebSocket;
  readonly #gateway: Gateway;
  readonly #opening: Opening;
  #isGreeted = false;

  /** Takes over a socket that is about to open; `onClose` is called once, when it is closed. */
  constructor(socket: WebSocket, gateway: Gateway, opening: Opening, onClose: (session: Session) => void) {
    this.#socket = socket;
    this.#gateway = gateway;
    this.#opening = opening;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      logger.debug("Client connected", { peer: opening.peer });
      if (opening.subscription !== undefined) this.#subscribe(opening.subscription);
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    // An error is always followed by close, which says all there is to say.
    socket.onerror = (event) => event.preventDefault();
    socket.onclose = ({ code, reason }) => {
      socket.onclose = null;
      gateway.groups.leave(this);
      logger.debug("Client left", { peer: opening.peer, code, reason });
      onClose(this);
    };
  }

  get unsentBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  overrun(): void {
    logger.warning("Client was too slow for the window", { peer: this.#opening.peer });
    this.close(CLOSE.slow);
  }

  /** Closes the connection and says why. */
  close([code, reason]: readonly [number, string]): void {
    this.#gateway.groups.leave(this);
    if (this.#socket.readyState <= WebSocket.OPEN) this.#socket.close(code, reason);
  }

  #receive(data: unknown): void {
    if (typeof data !== "string") {
      this.#answer({
        kind: "error",
        error: { type: "parse_error", message: "Binary messages are not understood; send JSON as text." },
      });
    } else if (byteLength(data) > MAX_MESSAGE_BYTES) {
      this.close(CLOSE.tooBig);
    } else {
      this.#answer(readMessage(data, this.#gateway.config.maxSubscribes));
    }
  }

  #answer(message: ClientMessage): void {
    switch (message.kind) {
      case "error":
        return this.send(errorFrame(message.error));
      case "hello":
        return this.#note(message.hello);
      case "subscribe":
        return this.#subscribe(message.subscription);
      case "json_rpc":
        return this.#call(message.request);
    }
  }

  #call(request: unknown): void {
    const number = `0x${this.#gateway.source.status().blockNumber.toString(16)}`;
    const newest: RpcMethod = ({ length }) => length === 0 ? { result: { number } } : invalidParams("none are taken");
    const text = answerJsonRpc(request, new Map([["eth_getBlockByNumber", newest]]));
    if (text !== undefined) this.send(text);
  }

  #subscribe(subscription: Subscription): void {
    const { source, groups, log, identity } = this.#gateway;
    if (!this.#isGreeted) {
      this.#isGreeted = true;
      this.send(helloFrame(identity, source.status(), heldRange(log), this.#opening.resumeFrom));
      source.play();
    }
    groups.subscribe(this, subscription);
    logger.debug("Client subscribed", { peer: this.#opening.peer, items: subscription.items });
  }

  #note({ protocolVersion, clientName, clientVersion }: ClientHello): void {
    const facts = { peer: this.#opening.peer, protocolVersion, clientName, clientVersion };
    if (protocolVersion === PROTOCOL_VERSION) logger.info("Client introduced itself", facts);
    else logger.warning("Client speaks another protocol version", facts);
  }
}

/** Bytes of a text in UTF-8; counted only if it could be too long. */
function byteLength(text: string): number {
  return text.length * 3 <= MAX_MESSAGE_BYTES ? text.length : new TextEncoder().encode(text).length;
}
