// docs/conformance.md and the tests of this folder name the same rules in the same files.

import assert from "node:assert/strict";

const HERE = import.meta.dirname!;

Deno.test("the table of docs/conformance.md names every rule that has a test, with its files, and no other", () => {
  const table = Deno.readTextFileSync(`${HERE}/../../docs/conformance.md`);
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
