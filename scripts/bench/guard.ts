// `deno task guard`: the short form of the bench that fails when something became expensive. No wall time is compared:
// instructions are counted under callgrind, processor time is compared with a bare broadcaster's in the same run.

import { measurePair, processorRatio } from "./beside.ts";
import { FIXTURE, ROOT } from "./stand.ts";

/** Instructions from the ring to the log per event of the 30-block recording: 5 % above what they are. */
const MOST_INSTRUCTIONS = 1825;
/** 50 clients cost twice what they cost the bare broadcaster; a server that serialises for each costs many times that. */
const LOAD = [50, { rate: 10_000, inBlocks: false }, 4] as const;
const MOST_RATIO = 5;

const FUNCTION = "*encode_all*";

async function output(command: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd: ROOT }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (!success) throw new Error(`${command} failed:\n${text}`);
  return text;
}

/** Instructions per event of everything that is done before a client is looked at. */
async function instructionsPerEvent(): Promise<number> {
  const cargo = ["--locked", "--target-dir", "rust/target", "--manifest-path", "rust/Cargo.toml"];
  const bench = ["bench", "--no-run", ...cargo, "-p", "ringcast-sidecar", "--bench", "encode"];
  const program = /Executable .*\(([^)]+)\)/.exec(await output("cargo", bench))?.[1];
  if (program === undefined) throw new Error("cargo did not name the program that it built.");
  const options = ["--tool=callgrind", `--toggle-collect=${FUNCTION}`, "--callgrind-out-file=/dev/null"];
  const told = await output("valgrind", [...options, program, FIXTURE, "--rounds", "1"]);
  const events = Number(/"events":(\d+)/.exec(told)?.[1]);
  return Number(/Collected : (\d+)/.exec(told)?.[1]) / events;
}

/** Says whether a figure is within its limit. */
function judge(name: string, figure: number, limit: number): boolean {
  const isWithin = figure > 0 && figure <= limit;
  console.log(`guard ${name} ... ${isWithin ? "ok" : "FAILED"} (${figure.toFixed(2)}, at most ${limit})`);
  return isWithin;
}

if (import.meta.main) {
  const isWithin = [
    judge("instructions per event", await instructionsPerEvent(), MOST_INSTRUCTIONS),
    judge("processor time beside a bare broadcaster", processorRatio(await measurePair(...LOAD)), MOST_RATIO),
  ];
  if (isWithin.includes(false)) Deno.exit(1);
}
