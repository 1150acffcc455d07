// Tests of scripts/direction.ts: each rule fails on a tree that breaks it and on no other, and this tree keeps them all.

import assert from "node:assert/strict";
import { violations } from "../scripts/direction.ts";

/** Violations of a tree of files, each given as what follows its first comment line. */
async function violationsOf(files: Readonly<Record<string, string>>, header = "// A file.\n"): Promise<string[]> {
  const root = await Deno.makeTempDir();
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${root}/${path}`, header + text);
    }
    return violations(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const KEPT: Readonly<Record<string, string>> = {
  "src/main.ts": 'import "./commands/start.ts";\nDeno.exit(0);\n',
  "src/config.ts": 'import { x } from "@std/cli/parse-args";\nimport type { E } from "./stream/protocol.ts";\n',
  "src/config_table.ts": 'export * from "./config.ts";\n',
  "src/logging.ts": 'import type { Config } from "./config.ts";\n',
  "src/commands/start.ts": 'import { a } from "../native/log.ts";\nimport { b } from "../serve/server.ts";\n',
  "src/native/ffi.ts": "Deno.dlopen;\n",
  "src/native/log.ts": 'import type { Log } from "../stream/log.ts";\nimport { x } from "./ffi.ts";\n',
  "src/serve/server.ts":
    'import {\n  a,\n  b,\n} from "../stream/log.ts";\nimport { l } from "../logging.ts";\nimport { page } from "../dashboard/page.ts";\nimport z from "zod";\n',
  "src/stream/log.ts": 'import { E } from "./protocol.ts";\n',
  "src/stream/protocol.ts": 'import { z } from "zod";\n',
  "src/client/mod.ts": 'import { E } from "../stream/protocol.ts";\nimport "./wire.ts";\n',
  "src/client/wire.ts": "",
  "src/dashboard/page.ts": 'import html from "./page.html" with { type: "text" };\n',
  "tests/x_test.ts": 'import "../src/main.ts";\nDeno.exit; Deno.dlopen;\n',
  "rust/a/src/lib.rs": "",
  "rust/target/debug/generated.rs": "x\n".repeat(400),
};

const BROKEN: readonly (readonly [path: string, text: string, sentence: RegExp])[] = [
  [
    "src/stream/log.ts",
    'import { x } from "../serve/server.ts";\n',
    /log\.ts imports src\/serve\/server\.ts; stream\/ imports nothing outside/,
  ],
  [
    "src/stream/log.ts",
    'import { x } from "../logging.ts";\n',
    /imports src\/logging\.ts; stream\/ imports nothing outside/,
  ],
  ["src/stream/log.ts", 'import a from "ajv";\n', /imports ajv; stream\/ imports nothing outside/],
  ["src/stream/log.ts", 'export { x } from "node:fs";\n', /imports node:fs; stream\/ imports nothing outside/],
  [
    "src/stream/log.ts",
    'const x = await import("../native/ffi.ts");\n',
    /imports src\/native\/ffi\.ts; stream\/ imports nothing/,
  ],
  [
    "src/client/mod.ts",
    'import { x } from "../stream/log.ts";\n',
    /imports src\/stream\/log\.ts; client\/ imports only/,
  ],
  ["src/client/mod.ts", 'import "npm:ws";\n', /imports npm:ws; client\/ imports only/],
  [
    "src/serve/server.ts",
    'import {\n  x,\n} from "../native/log.ts";\n',
    /imports src\/native\/log\.ts; serve\/ imports/,
  ],
  [
    "src/serve/server.ts",
    'import type { X } from "../commands/start.ts";\n',
    /imports src\/commands\/start\.ts; serve\/ imports/,
  ],
  [
    "src/native/log.ts",
    'import { x } from "../serve/server.ts";\n',
    /imports src\/serve\/server\.ts; native\/ imports/,
  ],
  [
    "src/native/log.ts",
    'import { x } from "../commands/start.ts";\n',
    /imports src\/commands\/start\.ts; native\/ imports/,
  ],
  [
    "src/dashboard/page.ts",
    'import { x } from "../stream/log.ts";\n',
    /imports src\/stream\/log\.ts; dashboard\/ imports nothing/,
  ],
  [
    "src/logging.ts",
    'import { x } from "./native/ffi.ts";\n',
    /imports src\/native\/ffi\.ts; what lies in src\/ itself/,
  ],
  ["src/commands/start.ts", 'import { x } from "../main.ts";\n', /imports src\/main\.ts; nothing imports main\.ts/],
  [
    "src/commands/start.ts",
    'import { x } from "../../scripts/build.ts";\n',
    /imports scripts\/build\.ts; src\/ imports only from src\//,
  ],
  ["src/native/log.ts", "Deno.dlopen(path, symbols);\n", /mentions Deno\.dlopen; only src\/native\/ffi\.ts may/],
  ["src/serve/server.ts", "if (x) Deno.exit(1);\n", /mentions Deno\.exit; only src\/main\.ts may/],
  ["src/serve/server.ts", "x;\n".repeat(300), /server\.ts has 301 lines; at most 300/],
  ["rust/a/src/lib.rs", "x\n".repeat(300), /rust\/a\/src\/lib\.rs has 301 lines/],
  ["scripts/x.ts", "x;\n".repeat(300), /scripts\/x\.ts has 301 lines/],
  ["tests/harness/x.ts", "x;\n".repeat(300), /tests\/harness\/x\.ts has 301 lines/],
  ["examples/x.ts", "x;\n".repeat(300), /examples\/x\.ts has 301 lines/],
];

Deno.test("a tree that keeps every rule has no violation", async () => {
  assert.deepEqual(await violationsOf(KEPT), []);
});

Deno.test("each rule is broken by one file, and said in one sentence that names it", async () => {
  for (const [path, text, sentence] of BROKEN) {
    const found = await violationsOf({ ...KEPT, [path]: text });
    assert.equal(found.length, 1, `${path}: ${text.slice(0, 80)} gave ${JSON.stringify(found)}`);
    assert.match(found[0] ?? "", sentence);
    assert.ok(found[0]?.startsWith(path));
  }
});

Deno.test("300 lines are allowed", async () => {
  assert.deepEqual(await violationsOf({ "src/serve/server.ts": "x;\n".repeat(299) }), []);
});

Deno.test("a file that does not start with a comment is named, whatever its language", async () => {
  for (const path of ["src/serve/x.ts", "rust/a/src/lib.rs", "tests/x_test.ts", "std/x.ts", "src/dashboard/page.js"]) {
    assert.match(
      (await violationsOf({ [path]: "x\n" }, "\n")).join("\n"),
      new RegExp(`^${path} does not start with a comment`),
    );
  }
});

Deno.test("this repository keeps the rules", () => {
  assert.deepEqual(violations(`${import.meta.dirname}/..`), []);
});
