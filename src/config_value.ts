// The grammar of single configuration values: text in, a value or what was expected out.
// Used by config_table.ts; where the text came from is config.ts's business.

import { EVENT_NAMES, type EventName, nearestName } from "./stream/protocol.ts";

/** A value, or the end of a sentence that says what was expected instead. */
export type Read<T> = { readonly value: T } | { readonly wrong: string };

/** Where the gateway listens. */
export interface Listen {
  /** Name or address, an IPv6 address without its brackets. */
  readonly hostname: string;
  /** 0 to 65535; 0 lets the system choose. */
  readonly port: number;
}

/** Where reading starts: what the ring still holds, its head, or a block number. */
export type From = { readonly kind: "oldest" | "newest" } | { readonly kind: "block"; readonly number: number };

const UNITS: Readonly<Record<string, number>> = { "": 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
const MIN_WINDOW_BYTES = 2 ** 20;
const MAX_WINDOW_BYTES = 2 ** 33;

/** Any text but the empty one. */
export function readText(text: string): Read<string> {
  return text === "" ? { wrong: "expected a path, not an empty text" } : { value: text };
}

/** `true` or `false`. */
export function readSwitch(text: string): Read<boolean> {
  if (text === "true" || text === "false") return { value: text === "true" };
  return { wrong: "expected true or false" };
}

/** Decimal digits, from `min` to `max`. */
export function readInteger(min: number, max: number): (text: string) => Read<number> {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
    return value >= min && value <= max ? { value } : { wrong: `expected an integer from ${min} to ${max}` };
  };
}

/** One of a few words. */
export function readWord<T extends string>(...words: readonly T[]): (text: string) => Read<T> {
  return (text) => {
    const value = words.find((word) => word === text);
    return value === undefined ? { wrong: `expected ${words.join(", ")}` } : { value };
  };
}

/** Bytes, or a whole number of KiB, MiB or GiB. */
export function readWindowBytes(text: string): Read<number> {
  const [, digits = "", unit = ""] = /^(\d{1,16})(KiB|MiB|GiB)?$/.exec(text) ?? [];
  const value = digits === "" ? NaN : Number(digits) * (UNITS[unit] ?? NaN);
  if (value >= MIN_WINDOW_BYTES && value <= MAX_WINDOW_BYTES) return { value };
  return { wrong: "expected bytes or a whole number of KiB, MiB or GiB, from 1MiB to 8GiB" };
}

/** A factor above 0, or `max` (Infinity): as fast as it can be read. */
export function readSpeed(text: string): Read<number> {
  if (text === "max") return { value: Infinity };
  const value = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : NaN;
  return value > 0 ? { value } : { wrong: "expected a factor above 0 (1 = as recorded, 0.05 = slow motion) or max" };
}

/** `oldest`, `newest` or `block:N`. */
export function readFrom(text: string): Read<From> {
  if (text === "oldest" || text === "newest") return { value: { kind: text } };
  const digits = /^block:(\d{1,16})$/.exec(text)?.[1];
  const number = Number(digits);
  if (digits !== undefined && Number.isSafeInteger(number)) return { value: { kind: "block", number } };
  return { wrong: "expected oldest, newest or block:N with a block number N" };
}

/**
 * `HOST:PORT` or `[IPV6]:PORT`.
 *
 * The host is brought to the form that is listened on (127.1 becomes 127.0.0.1), so what isLoopback() judges is what
 * the system gets.
 */
export function readListen(text: string): Read<Listen> {
  const expected = "expected HOST:PORT or [IPV6]:PORT with a port from 0 to 65535, such as 127.0.0.1:8443";
  if (/^[0-9a-f]*:[0-9a-f:]*:\d+$/i.test(text)) return { wrong: `${expected}; an IPv6 address needs its brackets` };
  const [, host, digits] = /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/.exec(text) ?? [];
  const url = host === undefined ? null : URL.parse(`http://${host}`);
  const port = Number(digits);
  if (url === null || port > 65535) return { wrong: expected };
  return { value: { hostname: url.hostname.replace(/^\[|\]$/g, ""), port } };
}

/** Whether only this machine can reach a hostname that readListen() returned. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** A comma list of event names, each once; the empty text is the empty list. */
export function readEvents(text: string): Read<readonly EventName[]> {
  const events: EventName[] = [];
  for (const name of splitList(text)) {
    const event = EVENT_NAMES.find((known) => known === name);
    if (event === undefined) return { wrong: unknownEvent(name) };
    if (events.includes(event)) return { wrong: `it lists ${event} twice; once is enough` };
    events.push(event);
  }
  return { value: events };
}

/** A comma list of web origins, each `SCHEME://HOST[:PORT]` as a browser sends it. */
export function readOrigins(text: string): Read<readonly string[]> {
  const origins = splitList(text);
  for (const origin of origins) {
    const url = URL.parse(origin);
    const sent = url === null || url.host === "" ? undefined : `${url.protocol}//${url.host}`;
    if (sent === origin) continue;
    const hint = sent === undefined ? "such as https://app.example" : `here ${sent}`;
    return { wrong: `expected origins as a browser sends them (SCHEME://HOST[:PORT], nothing after), ${hint}` };
  }
  return { value: origins };
}

/** A comma list of IP addresses, each brought to its usual form. */
export function readAddresses(text: string): Read<readonly string[]> {
  const addresses: string[] = [];
  for (const item of splitList(text)) {
    const address = canonicalAddress(item);
    if (address === undefined) return { wrong: `${JSON.stringify(item)} is no IP address such as 10.0.0.7 or ::1` };
    addresses.push(address);
  }
  return { value: addresses };
}

/** An IP address in its one usual form, an IPv4 address on IPv6 as IPv4; undefined if it is none. */
export function canonicalAddress(text: string): string | undefined {
  const v4 = /^(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(text)?.[1];
  if (v4 !== undefined) {
    return v4.split(".").every((part) => String(Number(part)) === part && Number(part) < 256) ? v4 : undefined;
  }
  if (!/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text)) return undefined;
  const v6 = URL.parse(`http://[${text}]`)?.hostname.slice(1, -1);
  const mapped = v6 === undefined ? null : /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(v6);
  if (mapped === null) return v6;
  const [high, low] = [parseInt(mapped[1]!, 16), parseInt(mapped[2]!, 16)];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

function splitList(text: string): string[] {
  return text === "" ? [] : text.split(",").map((item) => item.trim());
}

function unknownEvent(name: string): string {
  const nearest = nearestName(name, EVENT_NAMES);
  const hint = nearest === undefined ? `the names are ${EVENT_NAMES.join(", ")}` : `did you mean ${nearest}?`;
  return `${JSON.stringify(name)} is no event; ${hint}`;
}
