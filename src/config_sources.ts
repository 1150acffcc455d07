// The three places a setting can be written in, read as text: command line, environment, config file.
// Called by config.ts, which gives the texts their values.

import { parseArgs } from "@std/cli/parse-args";
import { flagName, SETTING_KEYS, SETTINGS, type Settings, variableName } from "./config_table.ts";
import { nearestName } from "./stream/protocol.ts";

/** A setting as it was given. */
export interface Found {
  /** Its text, still to be read. */
  readonly text: string;
  /** Where it stands: `--ring`, `RINGCAST_RING`, `"ring" in /etc/x.json` or `default`. */
  readonly place: string;
}

/** What is given for each setting; keys that are absent have their default. */
export type FoundByKey = Map<keyof Settings, Found>;

/** A mistake of the caller; the message is a sentence that names its place, what stands there and what is allowed. */
export class UsageProblem extends Error {}

const KEY_BY_FLAG = new Map(SETTING_KEYS.map((key) => [flagName(key), key]));
const SWITCHES = new Set([
  "print-config",
  ...SETTING_KEYS.filter((key) => SETTINGS[key].kind === "switch").map(flagName),
]);
const FLAGS = [...KEY_BY_FLAG.keys(), "config", "print-config"];

/**
 * What the command line gives, the texts of repeated flags in order.
 *
 * @throws {UsageProblem} for arguments that are no flags, unknown flags, flags without a value.
 */
export function readFlags(args: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const strangers: string[] = [];
  const parsed = parseArgs(attachValues(args), {
    string: FLAGS,
    collect: FLAGS,
    unknown: (arg) => {
      strangers.push(arg);
      return false;
    },
  });
  const stranger = strangers[0] ?? parsed._[0];
  if (stranger !== undefined) throw new UsageProblem(unknownArgument(String(stranger)));
  return new Map(FLAGS.map((flag) => [flag, parsed[flag] as readonly string[]]));
}

/** The text of one flag, undefined if it is not given. Lists may be repeated. */
export function flagText(flags: ReadonlyMap<string, readonly string[]>, flag: string): string | undefined {
  const texts = flags.get(flag) ?? [];
  const key = KEY_BY_FLAG.get(flag);
  if (texts.length > 1 && (key === undefined || SETTINGS[key].kind !== "list")) {
    throw new UsageProblem(`--${flag} is given ${texts.length} times; it takes one value, give it once.`);
  }
  return texts.length === 0 ? undefined : texts.join(",");
}

/** What the environment gives. */
export function readEnvironment(env: (name: string) => string | undefined): FoundByKey {
  const found: FoundByKey = new Map();
  for (const key of SETTING_KEYS) {
    const text = env(variableName(key));
    if (text !== undefined) found.set(key, { text, place: variableName(key) });
  }
  return found;
}

/**
 * What a config file gives.
 *
 * @throws {UsageProblem} if it cannot be read, is no JSON object, or has an unknown key or a value of a wrong type.
 */
export function readConfigFile(path: string, readFile: (path: string) => string): FoundByKey {
  const file = /^[\w./-]+$/.test(path) ? path : JSON.stringify(path);
  const content = readJson(path, file, readFile);
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new UsageProblem(`Config file ${file} is not a JSON object; expected {"listen": "127.0.0.1:8443", ...}.`);
  }
  const found: FoundByKey = new Map();
  for (const [name, value] of Object.entries(content)) {
    const key = KEY_BY_FLAG.get(name);
    const place = `${JSON.stringify(name)} in ${file}`;
    if (key === undefined) throw new UsageProblem(`${place} is no setting; ${hint(name, [...KEY_BY_FLAG.keys()], "")}`);
    found.set(key, { text: textOf(value, SETTINGS[key].kind, place), place });
  }
  return found;
}

function readJson(path: string, file: string, readFile: (path: string) => string): unknown {
  try {
    return JSON.parse(readFile(path));
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, " ");
    throw new UsageProblem(`Config file ${file} cannot be read as JSON (${reason}); mend it or leave --config out.`);
  }
}

function textOf(value: unknown, kind: (typeof SETTINGS)[keyof Settings]["kind"], place: string): string {
  const type = typeof value;
  if (type === "string" && kind !== "switch") return value as string;
  if ((type === "number" && kind === "number") || (type === "boolean" && kind === "switch")) return String(value);
  if (kind === "list" && Array.isArray(value) && value.every((item) => typeof item === "string")) {
    return value.join(",");
  }
  const expected = {
    text: "a string",
    number: "a number or a string",
    switch: "true or false",
    list: "an array of strings",
  };
  throw new UsageProblem(`${place} is ${JSON.stringify(value)}; expected ${expected[kind]}.`);
}

/** `--flag value` as `--flag=value`, a switch as `--switch=true`: an empty value or one like -1 stays with its flag. */
function attachValues(args: readonly string[]): string[] {
  const attached: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (arg === "--") return [...attached, ...args.slice(i)];
    const flag = arg.startsWith("--") ? arg.slice(2) : "";
    if (SWITCHES.has(flag)) attached.push(`${arg}=true`);
    else if (FLAGS.includes(flag)) {
      const value = args[++i];
      if (value === undefined || value.startsWith("--")) {
        throw new UsageProblem(`--${flag} has no value; write --${flag} VALUE or --${flag}=VALUE, see --help.`);
      }
      attached.push(`${arg}=${value}`);
    } else attached.push(arg);
  }
  return attached;
}

function unknownArgument(arg: string): string {
  if (!arg.startsWith("-")) return `Unexpected argument ${JSON.stringify(arg)}; every setting is a --flag, see --help.`;
  const flag = arg.replace(/^--?/, "").replace(/=.*$/s, "");
  return `Unknown flag ${JSON.stringify(arg)}; ${hint(flag, [...FLAGS, "help", "version"], "--")}`;
}

function hint(word: string, names: readonly string[], prefix: string): string {
  const nearest = nearestName(word, names);
  return nearest === undefined ? "see --help for those there are." : `did you mean ${prefix}${nearest}?`;
}
