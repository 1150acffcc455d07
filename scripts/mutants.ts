// `deno task mutants`: applies each mutant of tests/conformance/mutants.json in a copy of the tree and runs the one test
// that must fail; with numbers of rules, only those of their tests. Exit code 1 if a mutant survives.
// Needs what `deno task build` makes.

const ROOT = `${import.meta.dirname}/..`;
/** Exit codes for the signals that stop it, as shells give them. */
const STOPPED = { SIGINT: 130, SIGTERM: 143 } as const;
/** A test gives up what it waits for long before. */
const GIVE_UP_MS = 180_000;

/** Errors of the harness before the gateway serves anything: whatever the mutant is, no rule was tested. */
const NEVER_RAN = /Gave up waiting until (the gateway listens|\/readyz is 200|node-sim answers)/;

interface Mutant {
  readonly file: string;
  readonly line: string;
  readonly replacement: string;
  readonly in: string;
  readonly test: string;
}

let running: Deno.ChildProcess | undefined;
let stopped: number | undefined;

/** Ends what runs, with the nodes and gateways that it has started: a group of its own. */
function endRunning(): void {
  if (running !== undefined) Deno.kill(-running.pid, "SIGKILL");
}

async function run(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ success: boolean; text: string }> {
  const env = { NO_COLOR: "1", TMPDIR: `${directory}/tmp` };
  const output = { stdout: "piped", stderr: "null" } as const;
  running = new Deno.Command(program, { args: [...args], cwd, env, detached: true, ...output }).spawn();
  const patience = setTimeout(endRunning, GIVE_UP_MS);
  const { success, stdout } = await running.output();
  clearTimeout(patience);
  running = undefined;
  return { success, text: new TextDecoder().decode(stdout) };
}

const runTest = (tree: string, mutant: Mutant) =>
  run(Deno.execPath(), ["test", "--no-check", "--allow-all", "--filter", mutant.test, mutant.in], tree);

/** What became of one mutant: caught and by which error, survived, or why it could not be tried. */
async function tryMutant(tree: string, mutant: Mutant): Promise<string> {
  const path = `${tree}/${mutant.file}`;
  const text = Deno.readTextFileSync(path);
  if (text.split(mutant.line).length !== 2) return "its line is not there exactly once";
  // A test that fails anyway catches nothing.
  const without = await runTest(tree, mutant);
  if (/\| 0 passed \| 0 failed/.test(without.text)) return "no test has this name";
  if (!without.success) return "its test fails without it";
  Deno.writeTextFileSync(path, text.replace(mutant.line, () => mutant.replacement));
  const { success, text: said } = await runTest(tree, mutant);
  Deno.writeTextFileSync(path, text);
  if (success) return "SURVIVED";
  if (!/\| \d+ passed.* [1-9]\d* failed/.test(said)) return "the test could not run";
  if (NEVER_RAN.test(said)) return "the gateway could not start";
  return `caught by ${/^error: (.*)$/m.exec(said)?.[1] ?? "an error without a text"}`;
}

const listed: Mutant[] = JSON.parse(Deno.readTextFileSync(`${ROOT}/tests/conformance/mutants.json`));
const isAsked = (rule = "") => Deno.args.length === 0 || Deno.args.includes(rule);
const mutants = listed.filter(({ test }) => isAsked(test.split(" ")[0]));
const directory = Deno.makeTempDirSync({ prefix: "ringcast-mutants-" });
const tree = `${directory}/tree`;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    stopped = STOPPED[signal];
    endRunning();
  });
}
let tried = 0;
let caught = 0;
try {
  const parts = ["src", "tests", "std", "scripts", "schema", "docs", "deno.json", "deno.lock"].map((name) =>
    `${ROOT}/${name}`
  );
  for (const path of [tree, `${tree}/rust`, `${directory}/tmp`]) Deno.mkdirSync(path);
  await run("cp", ["-r", ...parts, tree], tree);
  // By ln: Deno makes links only for who may read and write everywhere.
  await run("ln", ["-s", Deno.realPathSync(`${ROOT}/rust/target`), `${tree}/rust/target`], tree);
  // Recordings lie beside the repository, unless the environment says where.
  await run("ln", ["-s", `${Deno.realPathSync(ROOT)}/../shared`, `${directory}/shared`], tree);
  for (const mutant of mutants) {
    if (stopped !== undefined) break;
    const fate = await tryMutant(tree, mutant);
    // A test that was ended says nothing.
    if (stopped !== undefined) break;
    tried++;
    if (fate.startsWith("caught")) caught++;
    const change = `${mutant.line.trim()} -> ${mutant.replacement.trim()}`;
    console.log(`${tried} of ${mutants.length}, ${mutant.test}: ${fate}\n  ${mutant.file}: ${change}`);
  }
} finally {
  Deno.removeSync(directory, { recursive: true });
}
console.log(`${caught} of ${tried} mutants were caught; ${mutants.length - tried} were not tried.`);
Deno.exit(stopped ?? (caught === mutants.length ? 0 : 1));
