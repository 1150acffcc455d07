// Runs programs of tests/independent/ with what tests/independent/requirements.txt pins, in an environment of its own
// below rust/target/, which is made when it is not there.

import { ROOT } from "./gateway.ts";

const REQUIREMENTS = `${ROOT}/tests/independent/requirements.txt`;
const PLACE = `${ROOT}/rust/target/python`;

/** What a program of tests/independent/ prints. */
export async function runPython(program: string, args: readonly string[]): Promise<string> {
  await installRequirements();
  return await run(`${PLACE}/bin/python`, [`${ROOT}/tests/independent/${program}`, ...args]);
}

async function installRequirements(): Promise<void> {
  const installed = await Deno.readTextFile(`${PLACE}/requirements.txt`).catch(() => "");
  if (installed === await Deno.readTextFile(REQUIREMENTS)) return;
  await run("python3", ["-m", "venv", "--clear", PLACE]);
  await run(`${PLACE}/bin/pip`, ["install", "--quiet", "--require-hashes", "--requirement", REQUIREMENTS]);
  // Last, so that an installation that broke is made again.
  await run("cp", [REQUIREMENTS, `${PLACE}/requirements.txt`]);
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const output = await new Deno.Command(command, { args: [...args], stdin: "null" }).output();
  const [stdout, stderr] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!output.success) throw new Error(`${command} ${args.join(" ")} failed: ${stdout}${stderr}`);
  return stdout!;
}
