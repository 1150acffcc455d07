// The table of every setting: its name, place in --help, default and grammar. config.ts resolves values from it.
// The key gives all names: windowBytes is --window-bytes, RINGCAST_WINDOW_BYTES and "window-bytes" in a file.

import {
  type From,
  type Listen,
  type Read,
  readAddresses,
  readEvents,
  readFrom,
  readInteger,
  readListen,
  readOrigins,
  readSpeed,
  readSwitch,
  readText,
  readWindowBytes,
  readWord,
} from "./config_value.ts";
import { DEFAULT_BLOCKED_EVENTS, type EventName } from "./stream/protocol.ts";

/** What the gateway runs with; parseConfig() freezes it, lists included. */
export interface Config {
  /** Path of an event ring or a snapshot, or the bare name of a ring. */
  readonly ring: string;
  /** Where reading starts. */
  readonly from: From;
  /** Address of the server. */
  readonly listen: Listen;
  /** Web origins that may connect besides local ones, as browsers send them. */
  readonly allowOrigin: readonly string[];
  /** Size of the log in memory, 1 MiB to 8 GiB. */
  readonly windowBytes: number;
  /** Deliverable entries that the window is made for at least. */
  readonly backfillEvents: number;
  /** Batches by which a client may lag. */
  readonly bufferPerClient: number;
  /** Entries that a slow client may lose before it is closed. */
  readonly slowOffLimit: number;
  /** Most clients at one time. */
  readonly maxConnections: number;
  /** Most clients of one address that is not this machine's own. */
  readonly maxConnectionsPerIp: number;
  /** Addresses whose X-Forwarded-For is believed, in canonical form. */
  readonly trustedProxy: readonly string[];
  /** How often clients are looked at for signs of life, in seconds. */
  readonly heartbeatInterval: number;
  /** A client that sent nothing for longer than this is closed, in seconds. */
  readonly heartbeatTimeout: number;
  /** Most items in one subscription; 0 for no limit. */
  readonly maxSubscribes: number;
  /** Events that are never delivered. */
  readonly blockedEvents: readonly EventName[];
  /** Pace of a snapshot relative to its timestamps; Infinity for all at once. */
  readonly speed: number;
  /** Whether a snapshot starts again when it ends. */
  readonly loop: boolean;
  /** Whether a snapshot starts at the first subscription. */
  readonly waitForSubscriber: boolean;
  /** Form of log lines. */
  readonly logFormat: "text" | "json";
  /** Least level that is logged. */
  readonly logLevel: "debug" | "info" | "warning" | "error";
}

/** Every setting: the Config, and two switches that only bear on how it is made. */
export interface Settings extends Config {
  /** Whether `listen` may be an address that other machines reach. */
  readonly insecurePublic: boolean;
  /** Whether `blockedEvents` is emptied and `maxSubscribes` set to 0. */
  readonly unrestricted: boolean;
}

/** One row of the table. */
export interface Setting<T> {
  /** Heading in --help. */
  readonly section: string;
  /** Placeholder of the value in --help; a switch has none. */
  readonly value?: string;
  /** How a config file writes it: a string, a number (or a string), true/false, or an array (or a comma list). */
  readonly kind: "text" | "number" | "switch" | "list";
  /** What it does, for --help. */
  readonly help: string;
  /** Default as text in the same grammar; a function where it depends on stderr being a terminal. */
  readonly default: string | ((isTerminal: boolean) => string);
  /** Default as --help says it, where the text alone would not do. */
  readonly defaultHelp?: string;
  /** Its grammar. */
  readonly read: (text: string) => Read<T>;
}

/** Where a Monad node's documentation puts the ring. Source: ring-and-events §2.7. */
export const STANDARD_RING = "/var/lib/hugetlbfs/user/monad/pagesize-2MB/event-rings/monad-exec-events";

/** The settings in the order of --help. */
export const SETTINGS: { readonly [K in keyof Settings]: Setting<Settings[K]> } = {
  ring: {
    section: "Source",
    value: "PATH",
    kind: "text",
    help: "Event ring of the node (path or name), or a snapshot file; the gateway waits until it is there.",
    default: STANDARD_RING,
    read: readText,
  },
  from: {
    section: "Source",
    value: "WHERE",
    kind: "text",
    help: "Where reading starts: oldest (what the ring still holds), newest, or block:N.",
    default: "oldest",
    read: readFrom,
  },
  listen: {
    section: "Server",
    value: "HOST:PORT",
    kind: "text",
    help: "Address of the WebSocket and HTTP server; [::1]:PORT for IPv6, port 0 for any free one.",
    default: "127.0.0.1:8443",
    read: readListen,
  },
  insecurePublic: {
    section: "Server",
    kind: "switch",
    help: "Allow a --listen that other machines can reach, although clients are not authenticated.",
    default: "false",
    read: readSwitch,
  },
  allowOrigin: {
    section: "Server",
    value: "ORIGINS",
    kind: "list",
    help: "Web origins whose pages may connect, besides local ones: a comma list, or repeated.",
    default: "",
    read: readOrigins,
  },
  trustedProxy: {
    section: "Server",
    value: "ADDRESSES",
    kind: "list",
    help: "Proxies whose X-Forwarded-For names the client: a comma list of IP addresses, or repeated.",
    default: "",
    read: readAddresses,
  },
  windowBytes: {
    section: "Limits",
    value: "SIZE",
    kind: "number",
    help: "Memory for recent events, which slow clients draw on: bytes, KiB, MiB or GiB.",
    default: "256MiB",
    read: readWindowBytes,
  },
  backfillEvents: {
    section: "Limits",
    value: "N",
    kind: "number",
    help: "Events that a client can resume over; the window's index is made for at least so many.",
    default: "100000",
    read: readInteger(1, 10_000_000),
  },
  bufferPerClient: {
    section: "Limits",
    value: "N",
    kind: "number",
    help: "Batches by which a client may lag; what passes that is dropped, counted and told.",
    default: "4096",
    read: readInteger(1, 1_000_000),
  },
  slowOffLimit: {
    section: "Limits",
    value: "N",
    kind: "number",
    help: "Drops after which a slow client is closed with 4008.",
    default: "10000",
    read: readInteger(0, 1_000_000_000),
  },
  maxConnections: {
    section: "Limits",
    value: "N",
    kind: "number",
    help: "Clients at one time; more are refused with 503.",
    default: "1000",
    read: readInteger(1, 100_000),
  },
  maxConnectionsPerIp: {
    section: "Limits",
    value: "N",
    kind: "number",
    help: "Clients of one address at one time, this machine's own excepted; more are refused with 429.",
    default: "20",
    read: readInteger(1, 100_000),
  },
  heartbeatInterval: {
    section: "Limits",
    value: "SECONDS",
    kind: "number",
    help: "How often clients are looked at for signs of life.",
    default: "30",
    read: readInteger(1, 3600),
  },
  heartbeatTimeout: {
    section: "Limits",
    value: "SECONDS",
    kind: "number",
    help: "A client that sent no message, Ping or Pong for longer is closed.",
    default: "60",
    read: readInteger(1, 86_400),
  },
  maxSubscribes: {
    section: "Limits",
    value: "N",
    kind: "number",
    help: "Items that one subscription may list; 0 for no limit.",
    default: "3",
    read: readInteger(0, 1000),
  },
  blockedEvents: {
    section: "Limits",
    value: "NAMES",
    kind: "list",
    help: "Events that no client gets: a comma list, or repeated; empty to block none.",
    default: DEFAULT_BLOCKED_EVENTS.join(","),
    read: readEvents,
  },
  unrestricted: {
    section: "Limits",
    kind: "switch",
    help: "No blocked events and no subscription limit, whatever the two flags above say.",
    default: "false",
    read: readSwitch,
  },
  speed: {
    section: "Snapshots",
    value: "FACTOR",
    kind: "number",
    help: "Pace of a snapshot: 1 as recorded, 0.05 slow motion, max for all at once.",
    default: "1",
    read: readSpeed,
  },
  loop: {
    section: "Snapshots",
    kind: "switch",
    help: "Start a snapshot again when it ends.",
    default: "false",
    read: readSwitch,
  },
  waitForSubscriber: {
    section: "Snapshots",
    kind: "switch",
    help: "Start a snapshot at the first subscription.",
    default: "false",
    read: readSwitch,
  },
  logFormat: {
    section: "Logs",
    value: "FORMAT",
    kind: "text",
    help: "text, or json for one object per line; always on stderr.",
    default: (isTerminal) => isTerminal ? "text" : "json",
    defaultHelp: "text on a terminal, json otherwise",
    read: readWord("text", "json"),
  },
  logLevel: {
    section: "Logs",
    value: "LEVEL",
    kind: "text",
    help: "Least level that is written: debug, info, warning or error.",
    default: "info",
    read: readWord("debug", "info", "warning", "error"),
  },
};

/** Keys of the table in its order. */
export const SETTING_KEYS = Object.keys(SETTINGS) as readonly (keyof Settings)[];

/** `windowBytes` as it is written after `--` and in a config file: `window-bytes`. */
export function flagName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `windowBytes` as an environment variable: `RINGCAST_WINDOW_BYTES`. */
export function variableName(key: string): string {
  return `RINGCAST_${flagName(key).replaceAll("-", "_").toUpperCase()}`;
}
