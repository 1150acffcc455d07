// Rows of figures as a Markdown table, as docs/performance.md shows them.

/** One row: what was measured, by column. */
export type Row = Readonly<Record<string, string | number>>;

/** What one part of the bench found. */
export interface Section {
  readonly name: string;
  /** Its tables and sentences, for people. */
  readonly text: string;
  /** Its figures, for programs. */
  readonly rows: readonly Row[];
}

/** The rows as a Markdown table; all rows have the columns of the first. */
export function table(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  const cells = [names, ...rows.map((row) => names.map((name) => String(row[name])))];
  const widths = names.map((_, column) => Math.max(3, ...cells.map((line) => line[column]!.length)));
  const lines = cells.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`);
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

/** Microseconds as milliseconds with two decimals. */
export function millis(micros: number): string {
  return (micros / 1000).toFixed(2);
}
