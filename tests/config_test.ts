// Tests of src/config.ts with its table, grammars and sources: order, every clear error, --help, --print-config.

import assert from "node:assert/strict";
import fc from "fast-check";
import { type Config, parseConfig, type ParseResult, STANDARD_RING } from "../src/config.ts";
import { DEFAULT_BLOCKED_EVENTS } from "../src/stream/protocol.ts";

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: unknown;
  readonly isTerminal?: boolean;
}

const FILE = "/etc/ringcast/config.json";

function parse(args: readonly string[], given: Given = {}): ParseResult {
  const { env = {}, file, isTerminal = true } = given;
  const all = file === undefined ? args : [...args, "--config", FILE];
  return parseConfig(all, (name) => Object.hasOwn(env, name) ? env[name] : undefined, (path) => {
    if (path !== FILE) throw new Error(`no such file: ${path}`);
    return typeof file === "string" ? file : JSON.stringify(file);
  }, isTerminal);
}

function configOf(args: readonly string[], given: Given = {}): Config {
  const result = parse(args, given);
  assert.equal(result.kind, "config", JSON.stringify(result));
  return (result as { config: Config }).config;
}

function usageOf(args: readonly string[], given: Given = {}): string {
  const result = parse(args, given);
  assert.equal(result.kind, "usage", JSON.stringify(result));
  return (result as { message: string }).message;
}

function textOf(args: readonly string[], given: Given = {}): string {
  const result = parse(args, given);
  assert.ok(result.kind === "help" || result.kind === "print", JSON.stringify(result));
  return result.text;
}

Deno.test("without anything given every setting has its default", () => {
  assert.deepEqual(configOf([]), {
    ring: STANDARD_RING,
    from: { kind: "oldest" },
    listen: { hostname: "127.0.0.1", port: 8443 },
    allowOrigin: [],
    trustedProxy: [],
    windowBytes: 256 * 2 ** 20,
    ...{ maxConnections: 1000, maxConnectionsPerIp: 20, heartbeatInterval: 30, heartbeatTimeout: 60 },
    ...{ backfillEvents: 100000, bufferPerClient: 4096, slowOffLimit: 10000 },
    maxSubscribes: 3,
    blockedEvents: [...DEFAULT_BLOCKED_EVENTS],
    speed: 1,
    loop: false,
    waitForSubscriber: false,
    logFormat: "text",
    logLevel: "info",
  });
  assert.equal(configOf([], { isTerminal: false }).logFormat, "json");
});

Deno.test("a config is frozen to its leaves", () => {
  const config = configOf(["--allow-origin", "https://app.example"]);
  for (const part of [config, config.listen, config.from, config.blockedEvents, config.allowOrigin]) {
    assert.ok(Object.isFrozen(part));
  }
});

Deno.test("a flag goes before its variable, that before the file, that before the default", () => {
  const env = { RINGCAST_MAX_CONNECTIONS: "20" };
  const file = { "max-connections": 30 };
  assert.equal(configOf(["--max-connections=10"], { env, file }).maxConnections, 10);
  assert.equal(configOf([], { env, file }).maxConnections, 20);
  assert.equal(configOf([], { file }).maxConnections, 30);
  assert.equal(configOf([]).maxConnections, 1000);
});

Deno.test("the config file may be named by RINGCAST_CONFIG", () => {
  const result = parseConfig([], (name) => name === "RINGCAST_CONFIG" ? FILE : undefined, () => '{"loop":true}', true);
  assert.equal(result.kind === "config" && result.config.loop, true);
});

const READ: readonly (readonly [args: string[], key: keyof Config, value: unknown])[] = [
  [["--ring", "ring"], "ring", "ring"],
  [["--ring=-odd=name"], "ring", "-odd=name"],
  [["--from", "newest"], "from", { kind: "newest" }],
  [["--from=block:0"], "from", { kind: "block", number: 0 }],
  [["--from=block:9007199254740991"], "from", { kind: "block", number: Number.MAX_SAFE_INTEGER }],
  [["--listen", "localhost:0"], "listen", { hostname: "localhost", port: 0 }],
  [["--listen", "[::1]:65535"], "listen", { hostname: "::1", port: 65535 }],
  [["--listen", "[0:0:0:0:0:0:0:1]:1"], "listen", { hostname: "::1", port: 1 }],
  [["--listen", "127.1:1"], "listen", { hostname: "127.0.0.1", port: 1 }],
  [["--listen", "0.0.0.0:80", "--insecure-public"], "listen", { hostname: "0.0.0.0", port: 80 }],
  [["--listen", "[::]:80", "--insecure-public=true"], "listen", { hostname: "::", port: 80 }],
  [["--window-bytes", "1048576"], "windowBytes", 2 ** 20],
  [["--window-bytes", "1024KiB"], "windowBytes", 2 ** 20],
  [["--window-bytes", "8GiB"], "windowBytes", 2 ** 33],
  [["--max-subscribes", "0"], "maxSubscribes", 0],
  [["--max-connections", "100000"], "maxConnections", 100_000],
  [["--blocked-events", ""], "blockedEvents", []],
  [["--blocked-events="], "blockedEvents", []],
  [["--blocked-events", "TxnLog, NativeTransfer"], "blockedEvents", [
    "TxnLog",
    "NativeTransfer",
  ]],
  [["--blocked-events=TxnLog", "--blocked-events", "EvmError"], "blockedEvents", ["TxnLog", "EvmError"]],
  [["--unrestricted"], "blockedEvents", []],
  [["--unrestricted", "--max-subscribes=5"], "maxSubscribes", 0],
  [["--unrestricted=false"], "maxSubscribes", 3],
  [["--allow-origin", "https://a.example,http://b:81"], "allowOrigin", ["https://a.example", "http://b:81"]],
  [["--allow-origin=http://[::1]:5173", "--allow-origin=https://c"], "allowOrigin", ["http://[::1]:5173", "https://c"]],
  [["--trusted-proxy=10.0.0.7", "--trusted-proxy=::1"], "trustedProxy", ["10.0.0.7", "::1"]],
  [["--heartbeat-interval", "5"], "heartbeatInterval", 5],
  [["--speed", "0.05"], "speed", 0.05],
  [["--speed=max"], "speed", Infinity],
  [["--loop"], "loop", true],
  [["--loop", "--wait-for-subscriber"], "waitForSubscriber", true],
  [["--log-format", "json"], "logFormat", "json"],
  [["--log-level=debug"], "logLevel", "debug"],
];

Deno.test("every flag is read in each of its forms", () => {
  for (const [args, key, value] of READ) assert.deepEqual(configOf(args)[key], value, args.join(" "));
});

const REFUSED: readonly (readonly [args: string[], message: RegExp])[] = [
  [["--rin", "x"], /^Unknown flag "--rin"; did you mean --ring\?$/],
  [["--max-subscribe=1"], /^Unknown flag "--max-subscribe=1"; did you mean --max-subscribes\?$/],
  [["--zzzzzzzzzzzz"], /^Unknown flag "--zzzzzzzzzzzz"; see --help/],
  [["-p", "1"], /^Unknown flag "-p"/],
  [["-1"], /^Unknown flag "-1"/],
  [["--__proto__=1"], /^Unknown flag/],
  [["--ring.x=1"], /^Unknown flag/],
  [["--no-loop"], /^Unknown flag/],
  [["start"], /^Unexpected argument "start"; every setting is a --flag/],
  [["--", "--loop"], /^Unexpected argument|^Unknown flag/],
  [["--loop", "false"], /^Unexpected argument "false"/],
  [["--ring"], /^--ring has no value/],
  [["--ring", "--loop"], /^--ring has no value/],
  [["--ring="], /^--ring is ""; expected a path/],
  [["--ring=a", "--ring=b"], /^--ring is given 2 times; it takes one value/],
  [["--loop", "--loop"], /^--loop is given 2 times/],
  [["--config", "/none"], /^Config file \/none cannot be read as JSON \(no such file/],
  [["--print-config=1"], /^--print-config is "1"; expected true or false/],
  [["--loop=yes"], /^--loop is "yes"; expected true or false/],
  [["--from", "block:"], /^--from is "block:"; expected oldest, newest or block:N/],
  [["--from", "block:9007199254740992"], /^--from is /],
  [["--from", "earliest"], /^--from is "earliest"/],
  [["--listen=localhost"], /^--listen is "localhost"; expected HOST:PORT/],
  [["--listen=:8443"], /^--listen is ":8443"; expected HOST:PORT/],
  [["--listen=127.0.0.1:70000"], /^--listen is "127\.0\.0\.1:70000"; expected HOST:PORT.* 0 to 65535/],
  [["--listen=127.0.0.1:"], /^--listen is/],
  [["--listen=999.0.0.1:1"], /^--listen is/],
  [["--listen=user@127.0.0.1:1"], /^--listen is/],
  [["--listen=[::1]"], /^--listen is/],
  [["--listen=[::g]:1"], /^--listen is/],
  [["--listen=::1:8443"], /^--listen is "::1:8443"; .*IPv6 address needs its brackets/],
  [["--listen=0.0.0.0:8443"], /^--listen is "0\.0\.0\.0:8443", which other machines can reach.*--insecure-public/],
  [["--listen=127.evil.example:1"], /which other machines can reach/],
  [["--listen=[::]:1"], /which other machines can reach/],
  [["--window-bytes=1MB"], /^--window-bytes is "1MB"; expected bytes or a whole number of KiB, MiB or GiB/],
  [["--window-bytes=1048575"], /from 1MiB to 8GiB/],
  [["--window-bytes=8193MiB"], /from 1MiB to 8GiB/],
  [["--window-bytes=1.5GiB"], /^--window-bytes is/],
  [["--max-subscribes", "3x"], /^--max-subscribes is "3x"; expected an integer from 0 to 1000/],
  [["--max-subscribes", "-1"], /^--max-subscribes is "-1"; expected an integer/],
  [["--max-subscribes="], /^--max-subscribes is ""; expected an integer/],
  [["--max-subscribes=1e999"], /^--max-subscribes is "1e999"/],
  [["--max-subscribes=NaN"], /^--max-subscribes is "NaN"/],
  [["--max-subscribes=0x3"], /^--max-subscribes is "0x3"/],
  [["--max-connections=0"], /^--max-connections is "0"; expected an integer from 1 to 100000/],
  [["--speed=0"], /^--speed is "0"; expected a factor above 0/],
  [["--speed=0.000000000"], /^--speed is /],
  [["--speed=Infinity"], /^--speed is /],
  [["--speed=-1"], /^--speed is "-1"/],
  [["--blocked-events=TxnLogs"], /^--blocked-events is "TxnLogs"; "TxnLogs" is no event; did you mean TxnLog\?/],
  [["--blocked-events=Qqqqqqqqqqqq"], /"Qqqqqqqqqqqq" is no event; the names are RecordError, /],
  [["--blocked-events=TPS"], /"TPS" is no event/],
  [["--blocked-events=TxnLog,"], /"" is no event/],
  [["--blocked-events=TxnLog,TxnEnd,TxnLog"], /^--blocked-events is .*; it lists TxnLog twice/],
  [["--blocked-events=Nope", "--unrestricted"], /"Nope" is no event/],
  [["--allow-origin=app.example"], /^--allow-origin is "app\.example"; expected origins/],
  [["--allow-origin=https://app.example/"], /here https:\/\/app\.example\.$/],
  [["--trusted-proxy=10.0.0"], /^--trusted-proxy is "10\.0\.0"; "10\.0\.0" is no IP address/],
  [["--allow-origin=*"], /^--allow-origin is "\*"; expected origins/],
  [["--log-format=xml"], /^--log-format is "xml"; expected text, json\.$/],
  [["--log-level=INFO"], /^--log-level is "INFO"; expected debug, info, warning, error\.$/],
];

Deno.test("every mistake on the command line is one sentence that names it and what is allowed", () => {
  for (const [args, message] of REFUSED) assert.match(usageOf(args), message, args.join(" "));
});

Deno.test("a mistake names the variable or the key of the file that it is in", () => {
  assert.match(
    usageOf([], { env: { RINGCAST_MAX_SUBSCRIBES: "" } }),
    /^RINGCAST_MAX_SUBSCRIBES is ""; expected an integer/,
  );
  assert.match(usageOf([], { env: { RINGCAST_LISTEN: "0.0.0.0:1" } }), /^RINGCAST_LISTEN is .*other machines/);
  const files: readonly (readonly [file: unknown, message: RegExp])[] = [
    [{ "max-subscribes": -1 }, /^"max-subscribes" in \/etc\/ringcast\/config\.json is "-1"; expected an integer/],
    [{ "max-subscribes": true }, /^"max-subscribes" in .* is true; expected a number or a string\.$/],
    ['{"speed":1e999}', /^"speed" in .* is "Infinity"; expected a factor/],
    [{ ring: 7 }, /^"ring" in .* is 7; expected a string\.$/],
    [{ loop: "true" }, /^"loop" in .* is "true"; expected true or false\.$/],
    [{ "blocked-events": [1] }, /^"blocked-events" in .* is \[1\]; expected an array of strings\.$/],
    [{ "blocked-events": ["TxnLogs"] }, /did you mean TxnLog\?/],
    [{ maxSubscribes: 1 }, /^"maxSubscribes" in .* is no setting; did you mean max-subscribes\?$/],
    [{ config: "x" }, /^"config" in .* is no setting/],
    ["[]", /^Config file .* is not a JSON object/],
    ["null", /^Config file .* is not a JSON object/],
    ["{", /^Config file .* cannot be read as JSON/],
  ];
  for (const [file, message] of files) assert.match(usageOf([], { file }), message, JSON.stringify(file));
});

Deno.test("a config file writes numbers, sizes, switches and lists in their own types", () => {
  const file = { "window-bytes": "2MiB", "max-subscribes": 4, loop: true, "blocked-events": [], speed: "max" };
  const config = configOf([], { file });
  assert.deepEqual(
    [config.windowBytes, config.maxSubscribes, config.loop, config.blockedEvents, config.speed],
    [2 ** 21, 4, true, [], Infinity],
  );
});

Deno.test("--help and --version are answered whatever else is given", () => {
  for (const args of [["-h"], ["--help"], ["--rin", "--help"], ["--ring", "-h"]]) {
    assert.equal(parse(args).kind, "help");
  }
  for (const args of [["-V"], ["--version"], ["nonsense", "-V"]]) assert.equal(parse(args).kind, "version");
});

Deno.test("--help names every flag and its variable, keeps to 100 columns and ends with three examples", () => {
  const text = textOf(["--help"]);
  for (const [args] of READ) {
    const flag = (args[0] ?? "").replace(/=.*/, "");
    assert.match(text, new RegExp(`^  ${flag}( |$)`, "m"));
    assert.ok(text.includes(`RINGCAST_${flag.slice(2).replaceAll("-", "_").toUpperCase()}`), flag);
  }
  for (const line of text.split("\n")) assert.ok(line.length <= 100, line);
  const headings = text.split("\n").filter((line) => /^[A-Z][a-z]+$/.test(line));
  assert.deepEqual(headings, ["Source", "Server", "Limits", "Snapshots", "Logs", "General", "Examples"]);
  assert.equal(text.slice(text.indexOf("Examples")).trim().split("\n").length, 4);
});

Deno.test("--print-config says every value and where it came from", () => {
  const env = { RINGCAST_UNRESTRICTED: "true" };
  const file = { speed: "max", listen: "[::1]:1" };
  const printed = JSON.parse(textOf(["--print-config", "--window-bytes=1MiB"], { env, file, isTerminal: false }));
  const place = (key: string) => `${JSON.stringify(key)} in ${FILE}`;
  assert.deepEqual(printed["window-bytes"], { value: 2 ** 20, from: "--window-bytes" });
  assert.deepEqual(printed["blocked-events"], { value: [], from: "RINGCAST_UNRESTRICTED" });
  assert.deepEqual(printed["max-subscribes"], { value: 0, from: "RINGCAST_UNRESTRICTED" });
  assert.deepEqual(printed.speed, { value: "max", from: place("speed") });
  assert.deepEqual(printed.listen, { value: "[::1]:1", from: place("listen") });
  assert.deepEqual(printed["log-format"], { value: "json", from: "default" });
  assert.equal(Object.keys(printed).length, 22);
});

Deno.test("what --print-config shows is a config file with the same result", () => {
  const args = ["--from=block:7", "--speed=0.5", "--blocked-events=TxnEnd", "--loop", "--window-bytes=3MiB"];
  const printed: Record<string, { value: unknown }> = JSON.parse(textOf([...args, "--print-config"]));
  const file = Object.fromEntries(Object.entries(printed).map(([key, { value }]) => [key, value]));
  assert.deepEqual(configOf([], { file }), configOf(args));
});

Deno.test("parsing never throws, and a usage message is one line", () => {
  const word = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      ...READ.flatMap(([args]) => args),
      ...REFUSED.flatMap(([args]) => args),
      "-h",
      "--",
      "-",
      "=",
      "--=",
    ),
    fc.tuple(fc.constantFrom(...READ.map(([args]) => args[0] ?? "")), fc.string()).map(([flag, text]) =>
      `${flag}=${text}`
    ),
  );
  const name = fc.constantFrom("RING", "LISTEN", "CONFIG", "SPEED", "BLOCKED_EVENTS").map((key) => `RINGCAST_${key}`);
  const file = fc.oneof(
    fc.string(),
    fc.json(),
    fc.dictionary(fc.constantFrom("ring", "loop", "speed"), fc.jsonValue()),
  );
  const seed = Date.now() & 0x7fffffff;
  console.log(`seed ${seed}`);
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), fc.dictionary(name, word), file, (args, env, content) => {
      const result = parseConfig(args, (key) => env[key], () => JSON.stringify(content), true);
      if (result.kind === "usage") assert.doesNotMatch(result.message, /[\n\r]/);
    }),
    { seed, numRuns: 1500 },
  );
});
