// Tests of scripts/compile.ts, run as a process, and of scripts/compiled_metadata.ts on files made here.

import assert from "node:assert/strict";
import { MEANT } from "../scripts/compile.ts";
import { type CompiledMetadata, differences, MetadataError, readMetadata } from "../scripts/compiled_metadata.ts";

const ROOT = `${import.meta.dirname}/..`;

async function runCompile(args: string[], env: Record<string, string> = {}) {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", "--allow-write=dist", "--allow-run", "scripts/compile.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
  }).output();
  const [stdout, stderr] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code: output.code, stdout: stdout ?? "", stderr: stderr ?? "" };
}

function scratchDirectories(): string[] {
  return [...Deno.readDirSync(`${ROOT}/dist`)].map((entry) => entry.name).filter((name) => name.startsWith("build-"));
}

/** An ELF file with another note before ours, as the linker writes one. */
function elfWith(metadata: unknown, owner = "SUI\0"): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const json = encoder.encode(JSON.stringify(metadata));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  const descriptor = [Uint8Array.of(8, 0), encoder.encode("d3n0l4ndd3n0l4nd"), length, json];
  const segment = new Uint8Array([...note("GNU\0", [Uint8Array.of(1, 2, 3)]), ...note(owner, descriptor)]);
  const file = new Uint8Array(64 + 2 * 56 + segment.length);
  const view = new DataView(file.buffer);
  file.set(encoder.encode("\x7fELF\x02\x01"));
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 2, true);
  view.setUint32(64, 1, true); // a LOAD segment first
  view.setUint32(64 + 56, 4, true);
  view.setBigUint64(64 + 56 + 8, BigInt(64 + 2 * 56), true);
  view.setBigUint64(64 + 56 + 32, BigInt(segment.length), true);
  file.set(segment, 64 + 2 * 56);
  return file;
}

function note(owner: string, parts: readonly Uint8Array[]): number[] {
  const descriptor = parts.flatMap((part) => [...part]);
  const header = new Uint32Array([owner.length, descriptor.length, 0x53554901]);
  const padding = new Array<number>((4 - descriptor.length % 4) % 4).fill(0);
  return [...new Uint8Array(header.buffer), ...new TextEncoder().encode(owner), ...descriptor, ...padding];
}

Deno.test("the compiled gateway carries exactly the permissions that are meant", async () => {
  const { code, stdout, stderr } = await runCompile(["--check"]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /as it should be/);
  assert.deepEqual(scratchDirectories(), []);
});

Deno.test("without denort it says so in one sentence, exits 3 and leaves nothing behind", async () => {
  const { code, stderr } = await runCompile([], { DENORT_BIN: "/nonexistent/denort" });
  assert.equal(code, 3, stderr);
  assert.match(stderr, /^Nothing was built: denort .*DENORT_BIN.*\n$/);
  assert.deepEqual(scratchDirectories(), []);
});

Deno.test("deno itself is refused as the base, because the result would be plain deno", async () => {
  const { code, stderr } = await runCompile([], { DENORT_BIN: Deno.execPath() });
  assert.equal(code, 1);
  assert.match(stderr, /DENORT_BIN is the deno program itself/);
  assert.deepEqual(scratchDirectories(), []);
});

Deno.test("an unknown argument is a usage error", async () => {
  const { code, stderr } = await runCompile(["--chek"]);
  assert.equal(code, 2);
  assert.match(stderr, /Unknown argument "--chek"/);
});

Deno.test("the metadata is found behind another note", () => {
  assert.deepEqual(readMetadata(elfWith(MEANT)), MEANT);
});

Deno.test("a permission that is wider, missing, added or asked for at run time is a difference", () => {
  const { permissions } = MEANT;
  const changed: readonly (readonly [CompiledMetadata, RegExp])[] = [
    [
      { ...MEANT, permissions: { ...permissions, allow_ffi: [] } },
      /^permissions\.allow_ffi is \[\]; expected \["\/usr/,
    ],
    [{ ...MEANT, permissions: { ...permissions, allow_read: null } }, /^permissions\.allow_read is null/],
    [
      { ...MEANT, permissions: { ...permissions, allow_run: ["sh"] } },
      /^permissions\.allow_run is \["sh"\]; expected null/,
    ],
    [{ ...MEANT, permissions: { ...permissions, prompt: true } }, /^permissions\.prompt is true; expected false/],
    [{ ...MEANT, argv: ["--unrestricted"] }, /^argv is/],
    [{ ...MEANT, entrypoint_key: "src/other.ts" }, /^entrypoint_key is/],
  ];
  assert.deepEqual(differences({ ...MEANT, permissions: { ...permissions, deny_run: null } }, MEANT), []);
  for (const [metadata, sentence] of changed) {
    const found = differences(metadata, MEANT);
    assert.equal(found.length, 1);
    assert.match(found[0] ?? "", sentence);
  }
});

Deno.test("a file that is no compiled program is an error that says what it lacks", () => {
  const whole = elfWith(MEANT);
  assert.throws(() => readMetadata(new TextEncoder().encode("#!/bin/sh\n")), /not a 64-bit little-endian ELF/);
  assert.throws(() => readMetadata(elfWith(MEANT, "XYZ\0")), /no ELF note of owner "SUI"/);
  assert.throws(() => readMetadata(elfWith({ other: 1 })), /no argv and permissions/);
  for (let length = 0; length < whole.length - 4; length++) {
    assert.throws(() => readMetadata(whole.slice(0, length)), MetadataError, `cut at ${length}`);
  }
});
