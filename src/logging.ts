// Structured logs on stderr: `time level area: message key=value` for people, one JSON object per line for machines.
// main.ts calls setUpLogging() once; everything else asks getLogger() for its area.

import {
  configureSync,
  getJsonLinesFormatter,
  getLogger as getLogtapeLogger,
  getTextFormatter,
  sanitizeControlSequences,
} from "@logtape/logtape";
import type { Config } from "./config.ts";

/** Facts of a log line; values of any kind, also errors and bigints. */
export type Facts = Readonly<Record<string, unknown>>;

/** Writes lines of one area. */
export interface Logger {
  /** For whoever follows one client or one block. */
  debug(message: string, facts?: Facts): void;
  /** What the operator wants to read on a good day. */
  info(message: string, facts?: Facts): void;
  /** Something is not as it should be, and the gateway copes. */
  warning(message: string, facts?: Facts): void;
  /** Something does not work. */
  error(message: string, facts?: Facts): void;
}

/**
 * The logger of one area, such as "serve"; silent before setUpLogging().
 *
 * Facts go into the second argument, not into the sentence: `logger.info("Client connected", { client: 7 })`.
 */
export function getLogger(area: string): Logger {
  return getLogtapeLogger(["ringcast", area]);
}

/**
 * Directs every logger to `write`, which gets one line with its line end at a time.
 *
 * A second call replaces the first.
 */
export function setUpLogging(
  config: Pick<Config, "logFormat" | "logLevel">,
  write: (line: string) => void = writeToStderr,
): void {
  const format = config.logFormat === "json" ? getJsonLinesFormatter({ message: "rendered" }) : formatText;
  configureSync({
    reset: true,
    sinks: { stderr: (record) => write(format(record)) },
    loggers: [
      { category: "ringcast", lowestLevel: config.logLevel, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["stderr"] },
    ],
  });
}

// Sentences and values can hold a client's words: none of them may move the cursor or pass for a line of ours.
const SANITIZE = { newlines: "escape", sgr: "escape" } as const;

const formatText = getTextFormatter({
  timestamp: "time",
  timeZone: null,
  level: (level) => level.padEnd(7),
  sanitize: SANITIZE,
  format: ({ timestamp, level, message, record }) => {
    const area = record.category.slice(1).join(".");
    const properties = Object.entries(record.properties).map(([key, value]) => ` ${key}=${formatValue(value)}`);
    return `${timestamp} ${level} ${area}: ${message}${properties.join("")}`;
  },
});

function formatValue(value: unknown): string {
  const plain = value instanceof Error ? `${value.name}: ${value.message}` : value;
  if (typeof plain === "string" && /^[\w.:/@+-]+$/.test(plain)) return plain;
  const text = typeof plain === "string" ? JSON.stringify(plain) : Deno.inspect(plain, { breakLength: Infinity });
  return sanitizeControlSequences(text, SANITIZE);
}

const encoder = new TextEncoder();

function writeToStderr(line: string): void {
  try {
    for (let bytes = encoder.encode(line); bytes.length > 0;) bytes = bytes.subarray(Deno.stderr.writeSync(bytes));
  } catch {
    // A closed stderr must not stop the service, and there is no place left to say so.
  }
}
