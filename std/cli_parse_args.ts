// "@std/cli/parse-args" for this project: the npm mirror's JavaScript with the types of the part that is used.
// The mirror ships no types, so without types/parse_args.d.ts every import would be `any`.

// @ts-types="./types/parse_args.d.ts"
export { parseArgs } from "npm:deno-std@1.4.0/cli/parse_args.js";
