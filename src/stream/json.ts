// JSON as the wire has it. Used wherever a client's values are looked at or repeated: subscription.ts, json_rpc.ts.

/** Whether a parsed JSON value is an object, no list and not null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON text with everything but printable ASCII escaped. Source: protocol 4.2. */
export function escapeNonAscii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
