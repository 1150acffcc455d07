// Which web pages may connect: a page of another site must not read a gateway on the reader's own machine.
// Asked by server.ts before every upgrade and for every REST answer (protocol 1.3).
//
// The rule for Host: a gateway that listens on loopback answers only to this machine's own names (localhost, 127.x.x.x,
// [::1]) and to the hosts of --allow-origin, whatever the port. A page of another site whose name was made to point here
// (DNS rebinding) comes with that name as its Host, and needs no Origin header to read an answer. A gateway that listens on
// other addresses has no such name to know and answers to all; so does every gateway to a request without a Host.

import type { Config } from "../config.ts";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether a host name, as URLs write it, is this machine. */
export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/** Whether a request with this Origin header is let in; no header means that no web page asked. */
export function allowsOrigin(config: Pick<Config, "allowOrigin" | "listen">, origin: string | null): boolean {
  if (origin === null || config.allowOrigin.includes(origin)) return true;
  return listensOnLoopback(config) && isLoopbackHost(URL.parse(origin)?.hostname ?? "");
}

/** Whether a request with this Host header, a name with or without a port, is let in. */
export function allowsHost(config: Pick<Config, "allowOrigin" | "listen">, host: string | null): boolean {
  if (host === null || !listensOnLoopback(config)) return true;
  const hostname = URL.parse(`http://${host}`)?.hostname ?? "";
  return isLoopbackHost(hostname) || config.allowOrigin.some((origin) => URL.parse(origin)?.hostname === hostname);
}

function listensOnLoopback({ listen: { hostname } }: Pick<Config, "listen">): boolean {
  return isLoopbackHost(hostname.includes(":") ? `[${hostname}]` : hostname);
}
