// The edge: pages, REST and WebSocket upgrades on one port (protocol section 1), and who is let in.
// listener.ts listens, rest.ts answers, session.ts is a client, guard.ts watches, origin.ts decides on web pages;
// commands/start.ts opens and closes it.

import { isLoopback } from "../config_value.ts";
import { page } from "../dashboard/page.ts";
import { getLogger } from "../logging.ts";
import { readSubscribe, type Subscription } from "../stream/subscription.ts";
import { clientAddress, peerName } from "./address.ts";
import { AddressCounts } from "./budget.ts";
import { CLOSE } from "./close.ts";
import type { Gateway } from "./gateway.ts";
import { Guard, MAX_OTHERS } from "./guard.ts";
import { Listener } from "./listener.ts";
import { allowsHost, allowsOrigin } from "./origin.ts";
import { METRICS_TYPE, metricsText } from "./metrics.ts";
import { answer, type Edge, json } from "./rest.ts";
import { type Opening, Session } from "./session.ts";

const logger = getLogger("serve");

/** How long clients get to take their close frames when the server stops. */
const DRAIN_MS = 2000;
/** Descriptors that are kept from clients: the process's own, and some to answer others with. */
const RESERVED_DESCRIPTORS = 48;
/** Descriptors besides the clients' with which nothing is refused that would be let in with more. */
export const OTHER_DESCRIPTORS: number = RESERVED_DESCRIPTORS + MAX_OTHERS;

const SOCKET_PATHS = new Set(["/", "/v1/ws"]);

/** The listening server. */
export class Server {
  /** Resolves when it accepts no connections any more although nobody stopped it. */
  readonly dead: Promise<void>;
  readonly #gateway: Gateway;
  readonly #sessions = new Set<Session>();
  readonly #counts = new AddressCounts();
  readonly #listener: Listener;
  readonly #guard: Guard;
  readonly #maxConnections: number;
  #isDraining = false;
  #hasFilled = false;

  /**
   * Listens where the config says.
   *
   * @throws {Deno.errors.AddrInUse} and other errors of listening.
   */
  constructor(gateway: Gateway) {
    this.#gateway = gateway;
    const { config, connections } = gateway;
    this.#maxConnections = Math.max(
      1,
      Math.min(config.maxConnections, connections.descriptorLimit - RESERVED_DESCRIPTORS),
    );
    this.#listener = new Listener(
      config.listen,
      (request, address, completed) => this.#handle(request, address, completed),
      internalError,
      () => this.#guard.cutOthers(),
    );
    this.dead = this.#listener.dead;
    this.#guard = new Guard(connections, config, this.#listener.address.port);
  }

  /** Where the server listens; the port is the real one if 0 was asked for. */
  get address(): Deno.NetAddr {
    return this.#listener.address;
  }

  /** Refuses new clients, closes the others with 1012 and gives them a moment to take it. */
  async stop(): Promise<void> {
    this.#isDraining = true;
    for (const session of [...this.#sessions]) session.close(CLOSE.stopping);
    const deadline = performance.now() + DRAIN_MS;
    while (this.#sessions.size > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    this.#guard.stop();
    await this.#listener.close();
  }

  #handle(request: Request, address: Deno.NetAddr, completed: Promise<void>): Response {
    const peer = peerName(address.hostname, address.port);
    this.#guard.requestBegan(peer);
    const end = () => this.#guard.requestEnded(peer);
    completed.then(end, end);
    const { config } = this.#gateway;
    // A Host that is no name makes the whole address none.
    const url = URL.parse(request.url);
    const host = request.headers.get("host") ?? url?.host ?? null;
    if (url === null || !allowsHost(config, host)) {
      const name = JSON.stringify(host?.slice(0, 64));
      const message =
        `This gateway is not known as ${name}; the operator can allow a name with --allow-origin http://NAME.`;
      return refuse(403, "host_not_allowed", message);
    }
    const origin = request.headers.get("origin");
    const isAllowed = allowsOrigin(config, origin);
    if (request.headers.get("upgrade")?.toLowerCase() === "websocket" && SOCKET_PATHS.has(url.pathname)) {
      return isAllowed ? this.#upgrade(request, url, address, peer) : refuse(
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
    const edge: Edge = { clients: this.#sessions.size, isDraining: this.#isDraining };
    if (path === "/metrics") {
      const headers = { "content-type": METRICS_TYPE, "cache-control": "no-store" };
      return new Response(metricsText(this.#gateway, edge), { headers });
    }
    return page(path) ?? answer(path, this.#gateway, edge) ??
      refuse(404, "not_found", "There is no such page; try /v1/status, /livez, /readyz, or a WebSocket on /v1/ws.");
  }

  #upgrade(request: Request, url: URL, address: Deno.NetAddr, peer: string): Response {
    const { config } = this.#gateway;
    const client = clientAddress(address.hostname, request.headers.get("x-forwarded-for"), config.trustedProxy);
    const refusal = this.#refusal(client);
    if (refusal !== undefined) return refusal;
    if (request.headers.get("sec-websocket-version") !== "13") {
      const version = { "sec-websocket-version": "13" };
      return refuse(426, "bad_version", "Sec-WebSocket-Version 13 is the only one there is.", version);
    }
    const opening = this.#readQuery(url, client === address.hostname ? peer : `${client} through ${peer}`);
    if (opening instanceof Response) return opening;
    // A client that offers subprotocols gives up if none is chosen; they change nothing here, so the first one will do.
    // The request cannot be asked any more once it is upgraded.
    const offered = request.headers.get("sec-websocket-protocol")?.split(",")[0]?.trim();
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
    if (offered) upgraded.response.headers.set("sec-websocket-protocol", offered);
    const session = new Session(upgraded.socket, this.#gateway, opening, () => {
      this.#sessions.delete(session);
      this.#counts.remove(client);
      this.#guard.leave(peer, session);
    });
    this.#sessions.add(session);
    this.#counts.add(client);
    this.#guard.enter(peer, session);
    return upgraded.response;
  }

  /** Why a client from this address cannot be served now; undefined if it can. */
  #refusal(client: string): Response | undefined {
    const retry = { "retry-after": "1" };
    if (this.#isDraining) return refuse(503, "stopping", "The gateway is stopping; reconnect in a second.", retry);
    if (!this.#isFilled()) {
      return refuse(503, "starting", "The gateway is still reading what the ring holds; try again in a second.", retry);
    }
    if (this.#sessions.size >= this.#maxConnections) {
      return refuse(503, "too_many_connections", `All ${this.#maxConnections} connections are in use.`, retry);
    }
    const { maxConnectionsPerIp } = this.#gateway.config;
    if (!isLoopback(client) && this.#counts.of(client) >= maxConnectionsPerIp) {
      const message = `${client} has ${maxConnectionsPerIp} connections already; close one first.`;
      return refuse(429, "too_many_connections_per_ip", message, retry);
    }
    return undefined;
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
