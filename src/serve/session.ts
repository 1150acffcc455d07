// One client: its messages in, its frames out (protocol sections 2, 6 and 13).
// Made by server.ts for every upgraded socket; stream/group.ts sends through it.

import { getLogger } from "../logging.ts";
import { type ClientMessage, readMessage } from "../stream/subscription.ts";
import { errorFrame } from "../stream/subscription_error.ts";
import { type Asked, Conversation, type Outlet } from "./conversation.ts";
import { answerRpc } from "./ethereum.ts";
import type { Gateway } from "./gateway.ts";

const logger = getLogger("session");

/** Most bytes of a message from a client. Source: protocol 11.3. */
const MAX_MESSAGE_BYTES = 1 << 16;

/** Why the server closes a connection; the reason says what to do next. Source: protocol section 15. */
export const CLOSE = {
  tooBig: [1009, "messages are at most 64 KiB"],
  stopping: [1012, "stopping or restarting: reconnect and resume from your last seq"],
  slow: [4008, "slow consumer: resume from the last seq before the first Warning"],
} as const;

/** How a connection began. */
export interface Opening extends Asked {
  /** Address and port, for the log. */
  readonly peer: string;
}

/** A connected client. */
export class Session implements Outlet {
  readonly #socket: WebSocket;
  readonly #gateway: Gateway;
  readonly #opening: Opening;
  #conversation: Conversation | undefined;

  /** Takes over a socket that is about to open; `onClose` is called once, when it is closed. */
  constructor(socket: WebSocket, gateway: Gateway, opening: Opening, onClose: (session: Session) => void) {
    this.#socket = socket;
    this.#gateway = gateway;
    this.#opening = opening;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      logger.debug("Client connected", { peer: opening.peer });
      this.#conversation = new Conversation(this, gateway, opening.peer, opening);
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    // An error is always followed by close, which says all there is to say.
    socket.onerror = (event) => event.preventDefault();
    socket.onclose = ({ code, reason }) => {
      socket.onclose = null;
      this.#conversation?.end();
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

  evict(): void {
    logger.warning("Client was too slow", { peer: this.#opening.peer });
    this.close(CLOSE.slow);
  }

  /** Closes the connection and says why. */
  close([code, reason]: readonly [number, string]): void {
    this.#conversation?.end();
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

/** Bytes of a text in UTF-8; counted only if it could be too long. */
function byteLength(text: string): number {
  return text.length * 3 <= MAX_MESSAGE_BYTES ? text.length : new TextEncoder().encode(text).length;
}
