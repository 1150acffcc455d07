// `deno task schema`: writes the protocol's JSON Schema to schema/stream.json.
// `--check`, part of `deno task lint`, writes nothing and fails if the file is not what would be written.

import { schemaDocument } from "../src/stream/schema_document.ts";

const PATH = `${import.meta.dirname}/../schema/stream.json`;

const text = `${JSON.stringify(schemaDocument(), null, 1)}\n`;
if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(PATH, text);
} else if (text !== await Deno.readTextFile(PATH)) {
  console.error("schema/stream.json is not what the source says; run `deno task schema` and look at the difference.");
  Deno.exit(1);
}
