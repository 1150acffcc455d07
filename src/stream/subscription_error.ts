// What a client is told about a message that cannot be understood (protocol 6.3).
// schema.ts words what it expects with these; subscription.ts turns the first fault of a message into an Error, which
// serve/session.ts sends.

import { escapeNonAscii } from "./json.ts";
import { nearestName } from "./protocol.ts";

/** Body of an Error frame. Source: protocol 6.3, 6.7. */
export interface SubscribeError {
  /** Class of the mistake. */
  readonly type: "subscribe_limit" | "empty_subscribe" | "parse_error";
  /** What is wrong, where, and what was meant; ASCII. */
  readonly message: string;
  /** The limit that was exceeded. */
  readonly limit?: number;
  /** Of the Subscribe that was refused, if it had one. */
  readonly id?: string | number;
}

/**
 * Stands in a schema's message for the place of the fault. A message with it is a whole sentence; one without it says
 * what belongs there, such as "an address". No quoted word of a client can contain it.
 */
export const PLACE = "\0";

/** What a schema found wrong; zod's issues are such. */
export interface Fault {
  /** Kind of fault. */
  readonly code?: string | undefined;
  /** Expectation or sentence, see PLACE. */
  readonly message: string;
  /** From the root of what was parsed. */
  readonly path: readonly PropertyKey[];
}

/** The fault to tell: an unknown key before anything else, since a mistyped key is also a missing one. */
export function firstFault(issues: readonly Fault[]): Fault {
  return issues.find((issue) => issue.code === "unrecognized_keys") ?? issues[0]!;
}

/** The sentence for a fault of `root`, whose own place is called `name`. */
export function faultSentence(issue: Fault, root: unknown, name: string): string {
  const place = placeOf(issue.path, name);
  if (issue.message.includes(PLACE)) return issue.message.replace(PLACE, place);
  let value = root;
  for (const key of issue.path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  if (value === undefined) return `${place} is missing; it is ${issue.message}.`;
  return `${place} is ${issue.message}, not ${describe(value)}.`;
}

/** `subscribe.filters[0].field` from its path below `name`. */
export function placeOf(path: readonly PropertyKey[], name: string): string {
  return path.reduce<string>((place, key) => {
    return typeof key === "number" ? `${place}[${key}]` : `${place}.${String(key)}`;
  }, name);
}

/** The Error frame, ASCII as every frame. Source: protocol 3.2, 4.2. */
export function errorFrame(error: SubscribeError): string {
  return escapeNonAscii(JSON.stringify({ seq: 0, Error: error }));
}

/** An Error of class parse_error. */
export function parseError(message: string): SubscribeError {
  return { type: "parse_error", message };
}

/** The end of a sentence that names what was probably meant, or else everything that is known. */
export function suggestion(word: string, names: readonly string[]): string {
  const nearest = nearestName(word, names);
  return nearest === undefined ? `; known: ${names.join(", ")}.` : `; did you mean "${nearest}"?`;
}

/** A client's word as it may stand in a message: cut to 64 characters, in quotes, and ASCII without control characters. */
export function quote(word: string): string {
  return escapeNonAscii(JSON.stringify(word.length > 64 ? `${word.slice(0, 64)}...` : word));
}

/** What came, as it may stand behind "not". */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? `the text ${quote(value)}` : `${typeof value} ${String(value).slice(0, 32)}`;
}
