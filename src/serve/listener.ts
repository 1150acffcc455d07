// The listening socket: one Deno.serve, and the next one when the system refuses to accept (no descriptor is left).
// server.ts handles what comes; without this an attacker's connections would end the process, because Deno.serve gives up.

import { getLogger } from "../logging.ts";

const logger = getLogger("listener");

/** How long to wait before listening again. */
const AGAIN_MS = 250;

/** Answers one request of the peer at `address`; `completed` settles when the answer is out or its connection gone. */
export type Handler = (
  request: Request,
  address: Deno.NetAddr,
  completed: Promise<void>,
) => Response | Promise<Response>;

/** Listens until it is closed. */
export class Listener {
  /** Where it listens; the port is the real one if 0 was asked for. */
  readonly address: Deno.NetAddr;
  /** Resolves when it listens no more although it was not closed, because the permission to was given back. */
  readonly dead: Promise<void>;
  readonly #abort = new AbortController();
  readonly #handle: Handler;
  readonly #onError: (error: unknown) => Response;
  readonly #makeRoom: () => void;
  #die!: () => void;
  #server: Deno.HttpServer<Deno.NetAddr>;

  /**
   * Listens; connections that wait with no client behind them are to be closed by `makeRoom` when there are too many.
   *
   * @throws {Deno.errors.AddrInUse} and other errors of listening.
   */
  constructor(
    { hostname, port }: { readonly hostname: string; readonly port: number },
    handle: Handler,
    onError: (error: unknown) => Response,
    makeRoom: () => void,
  ) {
    this.#handle = handle;
    this.#onError = onError;
    this.#makeRoom = makeRoom;
    this.dead = new Promise((resolve) => this.#die = resolve);
    this.#server = this.#serve(hostname, port);
    this.address = this.#server.addr;
  }

  /** Listens no more and ends every connection. */
  async close(): Promise<void> {
    this.#abort.abort();
    // A server that failed was already dealt with.
    await this.#server.finished.catch(() => {});
  }

  #serve(hostname: string, port: number): Deno.HttpServer<Deno.NetAddr> {
    const server = Deno.serve(
      { hostname, port, signal: this.#abort.signal, onListen: () => {}, onError: this.#onError },
      (request, { remoteAddr, completed }) => this.#handle(request, remoteAddr, completed),
    );
    server.finished.catch((error) => this.#serveAgain(error));
    return server;
  }

  async #serveAgain(error: unknown): Promise<void> {
    logger.error("Connections cannot be accepted; connections that are no clients are cut", { error });
    while (!this.#abort.signal.aborted) {
      this.#makeRoom();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      if (this.#abort.signal.aborted) return;
      try {
        this.#server = this.#serve(this.address.hostname, this.address.port);
        logger.info("Listening again");
        return;
      } catch (cause) {
        if (!(cause instanceof Deno.errors.NotCapable)) continue;
        logger.error("The permission to listen was given back; the gateway stops so that it can be started again");
        return this.#die();
      }
    }
  }
}
