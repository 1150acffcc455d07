// `deno task test`: installs what the tests need from Debian, then runs every check and test and adds up the results.
// The last line is `N passed, N failed, N skipped`; skips that tests/skips.txt does not name count as failures.

const ROOT = `${import.meta.dirname}/..`;

/** Debian packages, each with the command of a shell that succeeds when it is there. */
const PACKAGES: readonly (readonly [name: string, check: string])[] = [
  ["systemd", "command -v systemd-analyze"],
  ["gcc", "command -v gcc"],
  ["g++", "command -v g++"],
  ["zstd", "command -v zstd"],
  ["valgrind", "command -v valgrind"],
  ["python3", "command -v python3"],
  // Debian's Python makes an environment only with what this package has.
  ["python3-venv", "python3 -c 'import ensurepip, venv'"],
  ["chromium", "test -x /usr/bin/chromium"],
];

interface Tally {
  passed: number;
  failed: number;
  readonly skipped: string[];
}

const tally: Tally = { passed: 0, failed: 0, skipped: [] };

/** Runs a command with its output shown, and gives each line to `read`. */
async function run(
  command: string,
  args: readonly string[],
  read: (line: string) => void = () => {},
  env: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const settings = Object.entries(env).map(([name, value]) => `${name}='${value}'`);
  console.log(`\n$ ${[...settings, command === Deno.execPath() ? "deno" : command, ...args].join(" ")}`);
  const child = new Deno.Command(command, {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", CARGO_TERM_COLOR: "never", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await Promise.all([showLines(child.stdout, read), showLines(child.stderr, read)]);
  return (await child.status).success;
}

async function showLines(output: ReadableStream<Uint8Array<ArrayBuffer>>, read: (line: string) => void): Promise<void> {
  let rest = "";
  for await (const chunk of output.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      console.log(line);
      read(line);
    }
  }
  if (rest !== "") {
    console.log(rest);
    read(rest);
  }
}

async function installPackages(): Promise<void> {
  const missing: string[] = [];
  for (const [name, check] of PACKAGES) {
    const found = await new Deno.Command("sh", { args: ["-c", check], stdout: "null" }).output();
    if (!found.success) missing.push(name);
  }
  if (missing.length === 0) return;
  const install = `apt-get update -q && apt-get install -y -q --no-install-recommends ${missing.join(" ")}`;
  if (!await run("sh", ["-c", install])) {
    throw new Error(`The tests need the Debian packages ${missing.join(", ")}, and installing them failed.`);
  }
}

/** Counts one check that has no tests of its own to count. */
async function check(command: string, args: readonly string[]): Promise<void> {
  if (await run(command, args)) tally.passed++;
  else tally.failed++;
}

/** Counts the tests of a run by the lines that the runner prints for each, or the whole run if it broke. */
async function tests(
  command: string,
  args: readonly string[],
  result: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const failedBefore = tally.failed;
  const success = await run(command, args, (line) => {
    const match = result.exec(line);
    if (match === null) return;
    const [, name = "", outcome = ""] = match;
    if (outcome.startsWith("ok")) tally.passed++;
    else if (outcome.startsWith("ignored")) tally.skipped.push(name);
    else tally.failed++;
  }, env);
  if (!success && tally.failed === failedBefore) tally.failed++;
}

const CARGO_RESULT = /^test (.+) \.\.\. (ok|FAILED|ignored)/;

/** What docs/proofs.md describes; each has a target directory of its own, as each has flags of its own. */
async function proofs(deno: string): Promise<void> {
  const cargo = ["test", "--locked", "--manifest-path", "rust/Cargo.toml"];
  const ring = ["--package", "monad-event-ring"];
  const sidecar = ["--package", "ringcast-sidecar"];
  const loom = ["--release", "--lib", ...ring, ...sidecar, "--target-dir", "rust/target/loom", "model::"];
  await tests("cargo", [...cargo, ...loom], CARGO_RESULT, { RUSTFLAGS: "--cfg loom" });
  // With a target the flags are not those of build scripts.
  const asan = ["--target-dir", "rust/target/asan", "--target", "x86_64-unknown-linux-gnu"];
  const settings = {
    RUSTC_BOOTSTRAP: "1",
    RUSTFLAGS: "-Zsanitizer=address",
    CARGO_PROFILE_DEV_OPT_LEVEL: "1",
    CARGO_PROFILE_DEV_DEBUG: "0",
    // Some tests leak what they lend for the whole program.
    ASAN_OPTIONS: "detect_leaks=0",
  };
  const crates = ["--tests", ...ring, "--package", "monad-exec-events"];
  await tests("cargo", [...cargo, ...asan, ...crates], CARGO_RESULT, settings);
  // Of the sidecar those that lend memory or write random texts; one sets the allocator that is replaced here.
  const lending = ["--lib", ...["log", "log_*", "door*", "*_random"].flatMap((name) => ["--test", name])];
  const skip = ["--", "--skip", "javascript_was_written_for"];
  await tests("cargo", [...cargo, ...asan, ...sidecar, ...lending, ...skip], CARGO_RESULT, settings);
  const fuzz = ["--manifest-path", "rust/fuzz/Cargo.toml"];
  await check("cargo", ["fmt", "--check", ...fuzz]);
  await check("cargo", ["clippy", "--locked", "--target-dir", "rust/target/fuzz", ...fuzz, "--", "-D", "warnings"]);
  await tests(deno, ["task", "fuzz"], /^fuzz (.+) \.\.\. (ok|FAILED)/);
}

function unknownSkips(): string[] {
  const known = Deno.readTextFileSync(`${ROOT}/tests/skips.txt`).split("\n")
    .filter((line) => line !== "" && !line.startsWith("#")).map((line) => line.split(" — ")[0]);
  return tally.skipped.filter((name) => !known.includes(name));
}

if (import.meta.main) {
  await installPackages();
  const deno = Deno.execPath();
  const cargo = ["--locked", "--target-dir", "rust/target", "--manifest-path", "rust/Cargo.toml"];
  await check(deno, ["task", "build"]);
  await check(deno, ["task", "lint"]);
  await check("cargo", ["fmt", "--check", "--all", "--manifest-path", "rust/Cargo.toml"]);
  await check("cargo", ["clippy", ...cargo, "--workspace", "--all-targets", "--", "-D", "warnings"]);
  await tests("cargo", ["test", ...cargo, "--workspace"], CARGO_RESULT);
  await proofs(deno);
  await tests(deno, ["task", "guard"], /^guard (.+) \.\.\. (ok|FAILED)/);
  const permissions = ["--allow-read", "--allow-write=/tmp,dist", "--allow-run", "--allow-net=127.0.0.1"];
  const more = ["--allow-env", "--allow-ffi=rust/target/release/libringcast_sidecar.so,/tmp"];
  await tests(
    deno,
    ["test", "--no-prompt", ...permissions, ...more, "tests/"],
    /^(\S.*) \.\.\. .*?(ok|FAILED|ignored) \(/,
  );
  for (const name of unknownSkips()) {
    console.log(`Skipped without a reason in tests/skips.txt: ${name}`);
    tally.failed++;
  }
  console.log(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped.length} skipped`);
  Deno.exit(tally.failed === 0 ? 0 : 1);
}
