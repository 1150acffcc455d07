// `deno task mutants`: applies each mutant of tests/conformance/mutants.json in a copy of the tree and runs the one test
// that must fail. Exit code 1 if a mutant survives. Needs what `deno task build` makes.

const ROOT = `${import.meta.dirname}/..`;

interface Mutant {
  readonly file: string;
  readonly line: string;
  readonly replacement: string;
  readonly in: string;
  readonly test: string;
}

async function run(program: string, args: readonly string[], cwd: string): Promise<{ success: boolean; text: string }> {
  const output = await new Deno.Command(program, { args: [...args], cwd, env: { NO_COLOR: "1" } }).output();
  return { success: output.success, text: new TextDecoder().decode(output.stdout) };
}

/** What became of one mutant: caught, survived, or why it could not be tried. */
async function tryMutant(tree: string, mutant: Mutant): Promise<string> {
  const path = `${tree}/${mutant.file}`;
  const text = Deno.readTextFileSync(path);
  if (text.split(mutant.line).length !== 2) return "its line is not there exactly once";
  Deno.writeTextFileSync(path, text.replace(mutant.line, () => mutant.replacement));
  const args = ["test", "--no-check", "--allow-all", "--filter", mutant.test, mutant.in];
  const { success, text: said } = await run(Deno.execPath(), args, tree);
  Deno.writeTextFileSync(path, text);
  if (success) return /\| 0 passed/.test(said) ? "no test has this name" : "SURVIVED";
  return /\| \d+ passed.* [1-9]\d* failed/.test(said) ? "caught" : "the test could not run";
}

const mutants: Mutant[] = JSON.parse(Deno.readTextFileSync(`${ROOT}/tests/conformance/mutants.json`));
const place = Deno.makeTempDirSync({ prefix: "ringcast-mutants-" });
const tree = `${place}/tree`;
let left = 0;
try {
  const parts = ["src", "tests", "std", "scripts", "schema", "docs", "deno.json", "deno.lock"].map((name) =>
    `${ROOT}/${name}`
  );
  Deno.mkdirSync(tree);
  await run("cp", ["-r", ...parts, tree], ROOT);
  Deno.mkdirSync(`${tree}/rust`);
  // By ln: Deno makes links only for who may read and write everywhere.
  await run("ln", ["-s", Deno.realPathSync(`${ROOT}/rust/target`), `${tree}/rust/target`], ROOT);
  // Where the tests look for recordings.
  await run("ln", ["-s", `${Deno.realPathSync(`${ROOT}/..`)}/shared`, `${place}/shared`], ROOT);
  for (const mutant of mutants) {
    const fate = await tryMutant(tree, mutant);
    if (fate !== "caught") left++;
    console.log(`${fate.padEnd(9)} ${mutant.file}: ${mutant.line.trim()} -> ${mutant.replacement.trim()}`);
  }
} finally {
  Deno.removeSync(place, { recursive: true });
}
console.log(`${mutants.length - left} of ${mutants.length} mutants were caught.`);
Deno.exit(left === 0 ? 0 : 1);
