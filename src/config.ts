// From command line, environment and config file to one frozen Config, or to the sentence that says what is wrong.
// config_table.ts has the settings, config_value.ts their grammars, config_sources.ts the places they are read from.

import { helpText } from "./config_help.ts";
import {
  flagText,
  type Found,
  type FoundByKey,
  readConfigFile,
  readEnvironment,
  readFlags,
  UsageProblem,
} from "./config_sources.ts";
import { type Config, flagName, SETTING_KEYS, SETTINGS, type Settings } from "./config_table.ts";
import { isLoopback, type Read, readSwitch } from "./config_value.ts";

export { type Config, STANDARD_RING } from "./config_table.ts";
export type { From, Listen } from "./config_value.ts";

/** What a command line asks for. `text` is printed as it is; `message` is one line for stderr, with exit code 2. */
export type ParseResult =
  | { readonly kind: "config"; readonly config: Config }
  | { readonly kind: "help" | "print"; readonly text: string }
  | { readonly kind: "version" }
  | { readonly kind: "usage"; readonly message: string };

/**
 * Resolves every setting: its flag, else its environment variable, else the config file, else the default.
 *
 * @param args The command line after the command's name.
 * @param env A variable's value, undefined if it is not set; an empty value is a value.
 * @param readFile A file's text; whatever it throws becomes a usage message.
 * @param isTerminal Whether stderr is a terminal, which decides the default log format.
 */
export function parseConfig(
  args: readonly string[],
  env: (name: string) => string | undefined,
  readFile: (path: string) => string,
  isTerminal: boolean,
): ParseResult {
  if (args.includes("--help") || args.includes("-h")) return { kind: "help", text: helpText() };
  if (args.includes("--version") || args.includes("-V")) return { kind: "version" };
  try {
    const flags = readFlags(args);
    const path = flagText(flags, "config") ?? env("RINGCAST_CONFIG");
    const found: FoundByKey = new Map([
      ...(path === undefined ? [] : readConfigFile(path, readFile)),
      ...readEnvironment(env),
    ]);
    for (const key of SETTING_KEYS) {
      const text = flagText(flags, flagName(key));
      if (text !== undefined) found.set(key, { text, place: `--${flagName(key)}` });
    }
    const settings = resolve(found, isTerminal);
    const print = { text: flagText(flags, "print-config") ?? "false", place: "--print-config" };
    if (valueOf(print, readSwitch) === true) return { kind: "print", text: printed(settings, found) };
    const { insecurePublic: _insecurePublic, unrestricted: _unrestricted, ...config } = settings;
    return { kind: "config", config: deepFreeze(config) };
  } catch (problem) {
    if (problem instanceof UsageProblem) return { kind: "usage", message: problem.message };
    throw problem;
  }
}

/** Gives every setting its value; what `--unrestricted` overrides is replaced in `found` too. */
function resolve(found: FoundByKey, isTerminal: boolean): Settings {
  const given = valuesOf(found, isTerminal);
  const unrestricted = found.get("unrestricted");
  if (given.unrestricted && unrestricted !== undefined) {
    found.set("blockedEvents", { text: "", place: unrestricted.place });
    found.set("maxSubscribes", { text: "0", place: unrestricted.place });
  }
  const settings = valuesOf(found, isTerminal);
  const listen = found.get("listen");
  if (listen !== undefined && !isLoopback(settings.listen.hostname) && !settings.insecurePublic) {
    throw new UsageProblem(
      `${listen.place} is ${JSON.stringify(listen.text)}, which other machines can reach, and clients are not ` +
        `authenticated; use a loopback address such as 127.0.0.1:8443, or allow it with --insecure-public.`,
    );
  }
  return settings;
}

function valuesOf(found: FoundByKey, isTerminal: boolean): Settings {
  const values: Partial<Record<keyof Settings, unknown>> = {};
  for (const key of SETTING_KEYS) {
    const setting = SETTINGS[key];
    const fallback = typeof setting.default === "string" ? setting.default : setting.default(isTerminal);
    values[key] = valueOf(found.get(key) ?? { text: fallback, place: "default" }, setting.read);
  }
  return values as unknown as Settings; // every key of the table was set, each by the reader of its type
}

function valueOf(found: Found, read: (text: string) => Read<unknown>): unknown {
  const result = read(found.text);
  if ("value" in result) return result.value;
  throw new UsageProblem(`${found.place} is ${JSON.stringify(found.text)}; ${result.wrong}.`);
}

/** Every setting as a config file would write it, with the place it was found. */
function printed(settings: Settings, found: FoundByKey): string {
  const entries = SETTING_KEYS.map((key) => {
    const { text, place } = found.get(key) ?? { text: SETTINGS[key].default, place: "default" };
    const value: unknown = settings[key];
    const isComposed = value === Infinity || (typeof value === "object" && !Array.isArray(value));
    return [flagName(key), { value: isComposed ? text : value, from: place }];
  });
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

function deepFreeze<T extends object>(value: T): Readonly<T> {
  for (const inner of Object.values(value)) if (typeof inner === "object" && inner !== null) deepFreeze(inner);
  return Object.freeze(value);
}
