// Types of deno-std's cli/parse_args.js, limited to the options that src/config.ts passes.

/** What parseArgs is told about the flags. */
export interface ParseOptions {
  /** Flags whose value stays text when it looks like a number; without a value it is "". */
  readonly string: readonly string[];
  /** Flags that may be repeated; all their values are kept in order. */
  readonly collect: readonly string[];
  /** Called with every flag that is not listed (`key` given) and every other argument; `false` leaves it out. */
  readonly unknown: (arg: string, key?: string, value?: unknown) => boolean;
}

/** Splits a command line into flags by name and, in `_`, everything that is no flag. */
export function parseArgs(args: readonly string[], options: ParseOptions): Record<string, unknown> & { _: unknown[] };
