// The edge: one Deno.serve for pages, REST and WebSocket upgrades (protocol section 1).
// rest.ts answers, session.ts is a client, origin.ts decides on web pages; commands/start.ts opens and closes it.

import { page } from "../dashboard/page.ts";
import { getLogger } from "../logging.ts";
import { readSubscribe, type Subscription } from "../stream/subscription.ts";
import type { Gateway } from "./gateway.ts";
import { allowsOrigin } from "./origin.ts";
import { answer, json } from "./rest.ts";
import { CLOSE, type Opening, Session } from "./session.ts";

const logger = getLogger("serve");

/** How long clients get to take their close frames when the server stops. */
const DRAIN_MS = 2000;

const SOCKET_PATHS = new Set(["/", "/v1/ws"]);

/** The listening server. */
export class Server {
  readonly #gateway: Gateway;
  readonly #sessions = new Set<Session>();
  readonly #abort = new AbortController();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #isDraining = false;
  #hasFilled = false;

  /**
   * Listens where the config says.
   *
   * @throws {Deno.errors.AddrInUse} and other errors of listening.
   */
  constructor(gateway: Gateway) {
    this.#gateway = gateway;
    const { hostname, port } = gateway.config.listen;
    this.#server = Deno.serve(
      { hostname, port, signal: this.#abort.signal, onListen: () => {}, onError: internalError },
      (request, info) => this.#handle(request, info.remoteAddr),
    );
  }

  /** Where the server listens; the port is the real one if 0 was asked for. */
  get address(): Deno.NetAddr {
    return this.#server.addr;
  }

  /** Refuses new clients, closes the others with 1012 and gives them a moment to take it. */
  async stop(): Promise<void> {
    this.#isDraining = true;
    for (const session of [...this.#sessions]) session.close(CLOSE.stopping);
    const deadline = performance.now() + DRAIN_MS;
    while (this.#sessions.size > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    this.#abort.abort();
    await this.#server.finished;
  }

  #handle(request: Request, peer: Deno.NetAddr): Response | Promise<Response> {
    const url = new URL(request.url);
    const origin = request.headers.get("origin");
    const isAllowed = allowsOrigin(this.#gateway.config, origin);
    if (request.headers.get("upgrade")?.toLowerCase() === "websocket" && SOCKET_PATHS.has(url.pathname)) {
      return isAllowed ? this.#upgrade(request, url, peer) : refuse(
        403,
        "origin_not_allowed",
        `Pages of ${origin} may not connect; the operator can allow them with --allow-origin ${origin}.`,
      );
    }
    const response = this.#answer(request, url.pathname);
    if (origin !== null && isAllowed) response.headers.set("access-control-allow-origin", origin);
    return response;
  }

  #answer(request: Request, path: string): Response {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return refuse(405, "method_not_allowed", "Only GET is understood here.", { allow: "GET, HEAD" });
    }
    if (path === "/v1/ws") {
      const message = "This is a WebSocket endpoint; connect with ws:// and send a Subscribe.";
      return refuse(426, "upgrade_required", message, { upgrade: "websocket" });
    }
    const edge = { clients: this.#sessions.size, isDraining: this.#isDraining };
    return page(path) ?? answer(path, this.#gateway, edge) ??
      refuse(404, "not_found", "There is no such page; try /v1/status, /livez, /readyz, or a WebSocket on /v1/ws.");
  }

  #upgrade(request: Request, url: URL, peer: Deno.NetAddr): Response {
    const { config } = this.#gateway;
    const retry = { "retry-after": "1" };
    if (this.#isDraining) return refuse(503, "stopping", "The gateway is stopping; reconnect in a second.", retry);
    if (!this.#isFilled()) {
      return refuse(503, "starting", "The gateway is still reading what the ring holds; try again in a second.", retry);
    }
    if (this.#sessions.size >= config.maxConnections) {
      return refuse(503, "too_many_connections", `All ${config.maxConnections} connections are in use.`, retry);
    }
    const opening = this.#readQuery(url, `${peer.hostname}:${peer.port}`);
    if (opening instanceof Response) return opening;
    let upgraded: Deno.WebSocketUpgrade;
    try {
      // No idle timeout: the server sends no Ping frames of its own (protocol 11.1).
      upgraded = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    } catch (error) {
      return refuse(
        400,
        "bad_upgrade",
        `The upgrade cannot be done: ${error instanceof Error ? error.message : error}.`,
      );
    }
    this.#sessions.add(
      new Session(upgraded.socket, this.#gateway, opening, (session) => this.#sessions.delete(session)),
    );
    return upgraded.response;
  }

  /** Whether the window was filled from what the source held at the start; true for good once it was. */
  #isFilled(): boolean {
    const { state } = this.#gateway.source.status();
    this.#hasFilled ||= state !== "opening" && state !== "filling";
    return this.#hasFilled;
  }

  #readQuery(url: URL, peer: string): Opening | Response {
    const resume = url.searchParams.get("resume_from");
    if (resume !== null && !/^\d{1,20}$/.test(resume)) {
      return refuse(400, "bad_query", `resume_from is a seq such as 42, not ${JSON.stringify(resume.slice(0, 64))}.`);
    }
    let subscription: Subscription | undefined;
    const list = url.searchParams.get("subscribe");
    if (list !== null) {
      const message = readSubscribe(list.split(","), this.#gateway.config.maxSubscribes);
      if (message.kind === "error") return refuse(400, message.error.type, message.error.message);
      if (message.kind === "subscribe") subscription = message.subscription;
    }
    const resumeFrom = resume === null ? undefined : Number(resume);
    return { peer, resumeFrom, streamId: url.searchParams.get("stream_id") ?? undefined, subscription };
  }
}

function refuse(status: number, error: string, message: string, headers: HeadersInit = {}): Response {
  return json({ error, message }, status, headers);
}

function internalError(error: unknown): Response {
  logger.error("A request failed", { error });
  return refuse(500, "internal_error", "The gateway failed at this request; its log says how.");
}
