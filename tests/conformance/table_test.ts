// docs/conformance.md, the tests of this folder and mutants.json name the same rules, the first two in the same files.

import assert from "node:assert/strict";

const HERE = import.meta.dirname!;
const ROOT = `${HERE}/../..`;
const table = Deno.readTextFileSync(`${ROOT}/docs/conformance.md`);

Deno.test("the table of docs/conformance.md names every rule that has a test, with its files, and no other", () => {
  const told = [...table.matchAll(/^\| (\d+(?:\.\d+)?) +\| (.*?) *\|$/gm)]
    .map(([, rule, files]) => `${rule} ${[...files!.matchAll(/`([^`]+)`/g)].map(([, file]) => file).sort()}`);
  const byRule = new Map<string, Set<string>>();
  for (const { name } of Deno.readDirSync(HERE)) {
    if (!name.endsWith("_test.ts")) continue;
    for (
      const [, rule] of Deno.readTextFileSync(`${HERE}/${name}`).matchAll(
        /(?:rule|controlled)\(\s*["'`](\d+(?:\.\d+)?) /g,
      )
    ) {
      byRule.set(rule!, (byRule.get(rule!) ?? new Set()).add(name));
    }
  }
  const tested = [...byRule].map(([rule, files]) => `${rule} ${[...files].sort()}`);
  assert.deepEqual(told.sort(), tested.sort());
});

Deno.test("every rule of the table has a mutant, and every mutant's line is in its file, once", () => {
  const mutants: Record<"file" | "line" | "replacement" | "test", string>[] = JSON.parse(
    Deno.readTextFileSync(`${HERE}/mutants.json`),
  );
  const rules = new Set([...table.matchAll(/^\| (\d+(?:\.\d+)?) /gm)].map(([, rule]) => rule));
  assert.deepEqual(new Set(mutants.map(({ test }) => test.split(" ")[0])), rules);
  for (const { file, line, replacement, test } of mutants) {
    assert.equal(Deno.readTextFileSync(`${ROOT}/${file}`).split(line).length, 2, `${test}: ${line}`);
    assert.notEqual(line, replacement);
  }
});
