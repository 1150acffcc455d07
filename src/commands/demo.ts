// `demo`: a stream for who has no node: starts a simulated node and a gateway as two processes and says what to open.
// main.ts calls it; the gateway is the same `start` that serves a real ring.

/** @returns the exit code. */
export function demo(_args: readonly string[], _stop: AbortSignal): Promise<number> {
  return Promise.resolve(1);
}
