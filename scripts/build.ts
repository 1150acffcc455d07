// `deno task build`: builds the sidecar library, the simulated node and the load generator with cargo, release profile, into rust/target.
// Cargo decides what is up to date; its progress and its exit code are passed on.

const ROOT = `${import.meta.dirname}/..`;

/** The oldest cargo that knows the workspace's edition, 2024. */
const OLDEST: readonly [major: number, minor: number] = [1, 85];

/** Why cargo cannot be used, or undefined if it can. */
async function problemWithCargo(): Promise<string | undefined> {
  const install = "install Rust from https://rustup.rs and open a new shell";
  let version: string;
  try {
    const output = await new Deno.Command("cargo", { args: ["--version"], cwd: ROOT, stderr: "inherit" }).output();
    version = new TextDecoder().decode(output.stdout).trim();
  } catch (cause) {
    return `cargo cannot be started (${cause instanceof Error ? cause.message : cause}); ${install}.`;
  }
  const [, major, minor] = /^cargo (\d+)\.(\d+)\./.exec(version) ?? [];
  const age = (Number(major) - OLDEST[0]) || (Number(minor) - OLDEST[1]);
  if (age >= 0) return undefined;
  return `cargo --version says ${JSON.stringify(version)}; expected ${OLDEST.join(".")} or newer; run rustup update.`;
}

if (import.meta.main) {
  const problem = await problemWithCargo();
  if (problem !== undefined) {
    console.error(`Nothing was built: ${problem}`);
    Deno.exit(1);
  }
  const args = ["build", "--release", "--locked", "--target-dir", "rust/target", "--manifest-path", "rust/Cargo.toml"];
  const packages = ["ringcast-sidecar", "node-sim", "load"].flatMap((name) => ["--package", name]);
  const cargo = new Deno.Command("cargo", { args: [...args, ...packages], cwd: ROOT, stdin: "null" }).spawn();
  Deno.exit((await cargo.status).code);
}
