// Tests of src/logging.ts: what a line looks like, what is left out, and that no value can forge a line.

import assert from "node:assert/strict";
import { getLogger, setUpLogging } from "../src/logging.ts";

function collect(logFormat: "text" | "json", logLevel: "debug" | "info" | "warning" | "error" = "info"): string[] {
  const lines: string[] = [];
  setUpLogging({ logFormat, logLevel }, (line) => lines.push(line));
  return lines;
}

Deno.test("a text line has time, level, area, message and key=value pairs", () => {
  const lines = collect("text");
  getLogger("serve").info("Client connected", {
    client: 7,
    name: "two words",
    path: "/v1/ws",
    seq: 10n,
    items: ["TPS"],
  });
  assert.equal(lines.length, 1);
  assert.match(
    lines[0] ?? "",
    /^\d\d:\d\d:\d\d\.\d{3} info {4}serve: Client connected client=7 name="two words" path=\/v1\/ws seq=10n items=\[ "TPS" \]\n$/,
  );
});

Deno.test("a JSON line is one object with the properties apart from ours", () => {
  const lines = collect("json");
  getLogger("native").warning("Ring restarted", { level: "mine", base: 2n, cause: new Error("gone") });
  const line = JSON.parse(lines.join(""));
  assert.equal(line.level, "WARN");
  assert.equal(line.logger, "ringcast.native");
  assert.equal(line.message, "Ring restarted");
  assert.equal(line.properties.level, "mine");
  assert.equal(line.properties.cause.message, "gone");
  assert.ok(!Number.isNaN(Date.parse(line["@timestamp"])));
});

Deno.test("lines below the level are left out, and a second set-up replaces the first", () => {
  const before = collect("text", "debug");
  const after = collect("text", "warning");
  const logger = getLogger("stream");
  logger.info("left out");
  logger.warning("kept");
  logger.error("kept too");
  assert.equal(before.length, 0);
  assert.equal(after.length, 2);
});

Deno.test("no value, error or sentence can begin a line or send control characters", () => {
  const hostile = "x\n12:00:00.000 error   serve: forged\x1b[31m\x1b[2J\x9b2J\r\x07";
  for (const format of ["text", "json"] as const) {
    const lines = collect(format);
    const logger = getLogger("serve");
    logger.info("Client said hello", { client_name: hostile, list: [hostile], error: new Error(hostile) });
    logger.info(`Client said ${hostile}`);
    logger.info("Client said {words}", { words: hostile });
    assert.equal(lines.length, 3);
    // deno-lint-ignore no-control-regex
    for (const line of lines) assert.doesNotMatch(line.slice(0, -1), /[\x00-\x1f\x7f-\x9f]/, format);
  }
});

Deno.test("a value that refers to itself is still written", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  for (const format of ["text", "json"] as const) {
    const lines = collect(format);
    getLogger("serve").info("odd", { circle });
    assert.match(lines.join(""), /[Cc]ircular/);
  }
});
