// `deno task fuzz`: builds the fuzz targets of rust/fuzz with libFuzzer and AddressSanitizer, and runs each from its
// seeds. Without options it is a short check; `--runs N` gives each target N executions. docs/proofs.md has long runs.

const ROOT = `${import.meta.dirname}/..`;
const FUZZ = `${ROOT}/rust/fuzz`;
const BUILT = `${ROOT}/rust/target/fuzz`;
const TRIPLE = "x86_64-unknown-linux-gnu";

/** Executions of the short check, by how many of them a second there are, and the longest input in bytes. */
const TARGETS = {
  open: { runs: 100_000, maxLen: 512 },
  decode: { runs: 400_000, maxLen: 1024 },
  snapshot: { runs: 100_000, maxLen: 512 },
  record: { runs: 25_000, maxLen: 256 },
};

/** The same inputs every time. */
const SEED = 20261125;

/** Crates whose branches and comparisons guide the fuzzer; to guide it by those of the harness would be slower. */
const GUIDING = ["monad-event-ring", "monad-exec-events", "ringcast-sidecar", "ruzstd"];

const COVERAGE = ["level=4", "inline-8bit-counters", "pc-table", "trace-compares"]
  .map((option) => `"-Cllvm-args=-sanitizer-coverage-${option}"`);

async function build(): Promise<boolean> {
  const flags = ['"-Cpasses=sancov-module"', ...COVERAGE].join(",");
  const guiding = GUIDING.flatMap((name) => ["--config", `profile.release.package.${name}.rustflags=[${flags}]`]);
  const cargo = ["-Zprofile-rustflags", "build", "--release", "--locked", "--bins", "--target", TRIPLE];
  const { success } = await new Deno.Command("cargo", {
    args: [...cargo, "--target-dir", BUILT, ...guiding],
    cwd: FUZZ,
    // The sanitizer is part of every toolchain; only its flag counts as unstable.
    env: { RUSTC_BOOTSTRAP: "1", RUSTFLAGS: "--cfg fuzzing -Zsanitizer=address" },
  }).output();
  return success;
}

/** Runs one target; its output goes to a file, the line that counts to the console. */
async function fuzz(name: keyof typeof TARGETS, runs: number): Promise<boolean> {
  const [corpus, log] = [`${BUILT}/corpus/${name}`, `${BUILT}/${name}.log`];
  await Deno.mkdir(corpus, { recursive: true });
  const options = [`-runs=${runs}`, `-seed=${SEED}`, `-max_len=${TARGETS[name].maxLen}`];
  const program = `${BUILT}/${TRIPLE}/release/${name}`;
  const { success, stderr } = await new Deno.Command(program, {
    args: [...options, `-artifact_prefix=${BUILT}/${name}-`, corpus, `${FUZZ}/seeds/${name}`],
    // Both halve the speed and tell more about a crash, which is run again without them.
    env: { ASAN_OPTIONS: "detect_stack_use_after_return=0:malloc_context_size=0" },
    stdout: "null",
  }).output();
  await Deno.writeFile(log, stderr);
  const text = new TextDecoder().decode(stderr);
  const coverage = text.split("\n").findLast((line) => line.includes(" cov: ")) ?? "no coverage";
  console.log(`fuzz ${name} ... ${success ? "ok" : "FAILED"} (${coverage.trim()})`);
  if (success) return true;
  const input = /Test unit written to (\S+)/.exec(text)?.[1] ?? "the input";
  console.error(`${text.slice(-4000)}\nRun ${program} ${input} for one execution; the whole output is in ${log}.`);
  return false;
}

if (import.meta.main) {
  const [option, runs, ...rest] = Deno.args;
  const isRuns = option === "--runs" && runs !== undefined && /^[1-9]\d*$/.test(runs);
  if (rest.length > 0 || (option !== undefined && !isRuns)) {
    console.error("Usage: deno task fuzz [--runs <executions of each target>]");
    Deno.exit(2);
  }
  if (!await build()) Deno.exit(1);
  console.log(`Seed ${SEED}; inputs and output are kept in rust/target/fuzz.`);
  const names = Object.keys(TARGETS) as (keyof typeof TARGETS)[];
  const outcomes = await Promise.all(names.map((name) => fuzz(name, Number(runs ?? TARGETS[name].runs))));
  Deno.exit(outcomes.every((success) => success) ? 0 : 1);
}
