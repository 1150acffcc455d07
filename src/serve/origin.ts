// Which web pages may connect: a page of another site must not read a gateway on the reader's own machine.
// Asked by server.ts before every upgrade and for every REST answer (protocol 1.3).

import type { Config } from "../config.ts";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether a host name, as URLs write it, is this machine. */
export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/** Whether a request with this Origin header is let in; no header means that no web page asked. */
export function allowsOrigin(config: Pick<Config, "allowOrigin" | "listen">, origin: string | null): boolean {
  if (origin === null || config.allowOrigin.includes(origin)) return true;
  const listens = config.listen.hostname.includes(":") ? `[${config.listen.hostname}]` : config.listen.hostname;
  return isLoopbackHost(listens) && URL.canParse(origin) && isLoopbackHost(new URL(origin).hostname);
}
