// The answers to plain HTTP requests that monitoring and people ask (protocol section 16).
// Called by server.ts; reads the gateway, changes nothing.

import { lifecycleRecord } from "../stream/lifecycle.ts";
import { schemaDocument } from "../stream/schema_document.ts";
import type { SourceStatus } from "../stream/source.ts";
import { type Gateway, heldRange } from "./gateway.ts";

/** The stream counts as healthy while its newest entry is at most this old. */
const HEALTHY_AGE_SECS = 10;

/** What the edge knows and the gateway does not. */
export interface Edge {
  /** Connected clients, subscribed or not. */
  readonly clients: number;
  /** Whether the server is stopping. */
  readonly isDraining: boolean;
}

/** A JSON answer that nobody may cache. */
export function json(body: unknown, status = 200, headers: HeadersInit = {}): Response {
  return new Response(`${JSON.stringify(body)}\n`, {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  });
}

/** Why clients cannot be served now; empty if they can. */
export function unreadyReasons(status: SourceStatus, edge: Edge): string[] {
  const reasons: string[] = [];
  if (edge.isDraining) reasons.push("The gateway is stopping.");
  switch (status.state) {
    case "opening":
      reasons.push("The ring is being opened.");
      break;
    case "filling":
      reasons.push("What the ring still holds is being read.");
      break;
    case "missing":
    case "down":
    case "failed":
      reasons.push(status.message);
      break;
    case "reading":
    case "ended":
      break;
  }
  return reasons;
}

/** The answer to `path`, or undefined if there is no such page. */
export function answer(path: string, gateway: Gateway, edge: Edge): Response | undefined {
  const { snapshot, lifecycle } = gateway;
  switch (path) {
    case "/livez":
      return json({ alive: true });
    case "/readyz": {
      const status = gateway.source.status();
      const reasons = unreadyReasons(status, edge);
      if (reasons.length > 0) return json({ ready: false, reasons }, 503);
      // A snapshot that ended goes on being served, so it is no reason against being ready.
      return json({ ready: true, ...(status.state === "ended" ? { note: "snapshot ended" } : {}) });
    }
    case "/health": {
      const success = isHealthy(gateway);
      return json({ success }, success ? 200 : 503);
    }
    case "/v1/status":
      return json(statusBody(gateway, edge));
    case "/v1/tps":
      return json({ tps: snapshot.tps });
    case "/v1/contention":
      if (snapshot.contention === undefined) return json({ error: "no contention data yet" }, 404);
      return text(`${snapshot.contention}\n`);
    case "/schema.json":
      return json(schemaDocument());
    case "/v1/blocks/lifecycle":
      return json([...lifecycle.finished(), ...lifecycle.active()].map(lifecycleRecord));
  }
  const number = /^\/v1\/blocks\/(\d{1,16})\/lifecycle$/.exec(path)?.[1];
  return number === undefined ? undefined : ofNumber(gateway, Number(number));
}

/** Every proposal of one block number. */
function ofNumber({ lifecycle }: Gateway, number: number): Response {
  const blocks = [...lifecycle.finished(), ...lifecycle.active()].filter((block) => block.blockNumber === number);
  if (blocks.length === 0) return json({ error: `no block of number ${number} is known` }, 404);
  return json(blocks.map(lifecycleRecord));
}

function text(body: string): Response {
  return new Response(body, { headers: { "content-type": "application/json", "cache-control": "no-store" } });
}

/** Seconds since the newest entry came; undefined before the first. */
function ageSecs(gateway: Gateway): number | undefined {
  const seenMs = gateway.newestSeenMs();
  return seenMs === undefined ? undefined : (performance.now() - seenMs) / 1000;
}

function isHealthy(gateway: Gateway): boolean {
  const age = ageSecs(gateway);
  return age !== undefined && age <= HEALTHY_AGE_SECS;
}

function statusBody(gateway: Gateway, edge: Edge): Record<string, unknown> {
  const status = gateway.source.status();
  const { oldest, newest } = heldRange(gateway.log);
  const age = ageSecs(gateway);
  return {
    status: isHealthy(gateway) ? "healthy" : "degraded",
    block_number: status.blockNumber,
    connected_clients: edge.clients,
    uptime_secs: Math.floor(performance.now() / 1000),
    ...(age === undefined ? {} : { last_event_age_secs: Math.round(age * 1000) / 1000 }),
    server_seqno: status.newestSeq,
    oldest_seqno: oldest,
    newest_seqno: newest,
    stream_id: gateway.identity.streamId,
    source: status.kind,
    source_state: status.state,
    ...(status.message === "" ? {} : { source_message: status.message }),
    events: status.events,
    gaps: status.gaps,
    lost_events: status.lost,
  };
}
