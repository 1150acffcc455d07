// Who a client is: the peer of its connection, or whom a trusted proxy names as its own peer.
// server.ts asks at every request; guard.ts knows connections by the same words.

import { canonicalAddress } from "../config_value.ts";

/** The peer of a connection: its address in canonical form and its port. */
export function peerName(hostname: string, port: number): string {
  return `${canonicalAddress(hostname) ?? hostname}:${port}`;
}

/**
 * The address that limits apply to: the peer's, unless it is a trusted proxy. Then it is the last address of X-Forwarded-For
 * that is no trusted proxy itself, because everything before that was written by somebody who need not be believed.
 */
export function clientAddress(peer: string, forwardedFor: string | null, trusted: readonly string[]): string {
  let client = canonicalAddress(peer) ?? peer;
  const hops = forwardedFor?.split(",") ?? [];
  while (trusted.includes(client)) {
    const hop = hops.pop();
    const named = hop === undefined ? undefined : addressOf(hop.trim());
    // What is no address was not written by a proxy that deserves trust; the last one that does stands for it.
    if (named === undefined) break;
    client = named;
  }
  return client;
}

/** An address as proxies write it: bare, in brackets, or with a port. */
function addressOf(hop: string): string | undefined {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^(\d+(?:\.\d+){3}):\d+$/.exec(hop)?.[1] ?? hop;
  return canonicalAddress(bare);
}
