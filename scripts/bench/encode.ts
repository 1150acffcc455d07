// Ring events into log entries on one core, beside serde_json: rust/sidecar/benches/encode.rs prints the figures.

import { FIXTURE, ROOT } from "./stand.ts";
import type { Section } from "./table.ts";

interface Figures {
  readonly events: number;
  readonly encode_events_per_s: number;
  readonly encode_bytes_per_s: number;
  readonly serde_json_events_per_s: number;
  readonly decode_events_per_s: number;
  readonly large_log_events_per_s: number;
  readonly blocked_events_per_s: number;
}

/** Decoding and encoding of the 30-block recording. */
export async function measureEncode(): Promise<Section> {
  const cargo = [
    "cargo",
    "bench",
    "-q",
    "--locked",
    "--target-dir",
    "rust/target",
    "--manifest-path",
    "rust/Cargo.toml",
  ];
  const { success, stdout } = await new Deno.Command("taskset", {
    args: ["-c", "0", ...cargo, "-p", "ringcast-sidecar", "--bench", "encode", "--", FIXTURE],
    cwd: ROOT,
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("The encode benchmark failed; its message is above.");
  const figures: Figures = JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
  const millions = (perSecond: number) => `${(perSecond / 1e6).toFixed(2)} M events/s`;
  const text = `30-block recording, ${figures.events} events, all types, one core, best of several rounds
  ring read + decode            ${millions(figures.decode_events_per_s)}
  ring read + decode + encode   ${millions(figures.encode_events_per_s)}, ${
    (figures.encode_bytes_per_s / 1e9).toFixed(2)
  } GB/s of text
  the same into a 64 MiB log    ${millions(figures.large_log_events_per_s)}
  the same, every type blocked  ${millions(figures.blocked_events_per_s)}
  the same with serde_json      ${millions(figures.serde_json_events_per_s)}
  ratio                         ${
    (figures.encode_events_per_s / figures.serde_json_events_per_s).toFixed(1)
  } times serde_json, ${
    (figures.large_log_events_per_s / figures.serde_json_events_per_s).toFixed(1)
  } into the large log`;
  return { name: "encode", text, rows: [{ ...figures }] };
}
