// Why the server closes a connection, as close code and reason (protocol section 15); the reason says what to do next.
// session.ts sends them, guard.ts and server.ts pick them.

/** A close code and a reason of at most 123 bytes. */
export type Close = readonly [code: number, reason: string];

/** The reasons there are, the heartbeat's apart. */
export const CLOSE = {
  flood: [1008, "more than 100 messages per second: reconnect and send fewer"],
  errors: [1008, "too many errors: read the Error frames, correct the messages and reconnect"],
  tooBig: [1009, "messages are at most 64 KiB"],
  stopping: [1012, "stopping or restarting: reconnect and resume from your last seq"],
  slow: [4008, "slow consumer: resume from the last seq before the first Warning"],
} as const satisfies Record<string, Close>;

/** For a client that sent nothing for this long. */
export function heartbeatClose(timeoutSecs: number): Close {
  return [3008, `heartbeat timeout: send a Ping or a message at least every ${timeoutSecs} s; reconnect and resume`];
}
