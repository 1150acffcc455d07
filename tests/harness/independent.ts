// Runs the computations of tests/independent, which know the protocol and no code of the gateway's.

import assert from "node:assert/strict";
import { ROOT } from "./gateway.ts";

/** The lines that a script prints for the frames of a client. */
export async function compute(script: string, texts: readonly string[]): Promise<string[]> {
  const path = await Deno.makeTempFile();
  try {
    // One by one: together they may be longer than a string can be.
    for (const text of texts) Deno.writeTextFileSync(path, `${text}\n`, { append: true });
    const command = `python3 ${ROOT}/tests/independent/${script} < ${path}`;
    const output = await new Deno.Command("sh", { args: ["-c", command], stderr: "inherit" }).output();
    assert.ok(output.success);
    return new TextDecoder().decode(output.stdout).trim().split("\n");
  } finally {
    await Deno.remove(path);
  }
}
