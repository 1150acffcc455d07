// The text of --help, made from the table of settings so that it cannot fall behind it.
// Called by config.ts.

import { flagName, SETTING_KEYS, SETTINGS, type Settings, variableName } from "./config_table.ts";

const WIDTH = 100;
const TEXT_COLUMN = 26;

const GENERAL: readonly (readonly [flag: string, text: string])[] = [
  ["--config PATH", "JSON file of settings, keyed by flag names without the dashes. [RINGCAST_CONFIG]"],
  ["--print-config", "Print every setting with where it came from, as JSON, and exit."],
  ["-h, --help", "Print this text and exit."],
  ["-V, --version", "Print the version and exit."],
];

const EXAMPLES = `Examples
  deno task start --ring /run/ringcast/rings/monad-exec-events
  deno task start --ring ./blocks.snapshot.zst --speed 0.05 --wait-for-subscriber
  RINGCAST_LOG_FORMAT=json deno task start --listen 0.0.0.0:8443 --insecure-public
`;

/** Every flag by section, with its variable and default; at most 100 columns wide, ends with three examples. */
export function helpText(): string {
  const lines = [
    "ringcast streams what a Monad node executes, event by event, to WebSocket clients.",
    "",
    "Usage: deno task start [--FLAG VALUE]...",
    "A flag goes before its environment variable, that before the config file, that before the default.",
  ];
  let section = "";
  for (const key of SETTING_KEYS) {
    const setting = SETTINGS[key];
    if (setting.section !== section) lines.push("", section = setting.section);
    const flag = `--${flagName(key)}${setting.value === undefined ? "" : ` ${setting.value}`}`;
    lines.push(...entry(flag, `${setting.help} [${[variableName(key), ...defaultHelp(key)].join(", ")}]`));
  }
  lines.push("", "General", ...GENERAL.flatMap(([flag, text]) => entry(flag, text)));
  return `${lines.join("\n")}\n\n${EXAMPLES}`;
}

function defaultHelp(key: keyof Settings): string[] {
  const { defaultHelp, default: text, kind } = SETTINGS[key];
  if (defaultHelp !== undefined) return [`default ${defaultHelp}`];
  return kind === "switch" || typeof text !== "string" || text === "" ? [] : [`default ${text.replaceAll(",", ", ")}`];
}

function entry(flag: string, text: string): string[] {
  const lines: string[] = [];
  let line = `  ${flag}`.padEnd(TEXT_COLUMN - 1);
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = " ".repeat(TEXT_COLUMN - 1);
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
