// `deno task compile`: the gateway as one sealed program in dist/, with the library it loads beside it.
// `--check` builds on deno itself, only to compare the baked metadata (compiled_metadata.ts), and keeps nothing.
// Exit codes: 0 done, 1 failed, 3 denort is missing.

import { type CompiledMetadata, differences, MetadataError, readMetadata } from "./compiled_metadata.ts";

const ROOT = `${import.meta.dirname}/..`;
const LIBRARY = "libringcast_sidecar.so";

/**
 * Permissions of the packaged gateway, which the sealed program carries and systemd/ringcast.service repeats.
 *
 * Literal values, because a compiled program keeps its flags as they are written: a relative path would be resolved
 * where it is started, and a library inside the program would need unscoped ffi. So the library lies at a fixed path
 * that only root can write, the ring is opened by the library and needs no read permission, and what deno itself may
 * read is the configuration. Without --no-prompt a program on a terminal would ask for more.
 */
export const PERMISSION_FLAGS: readonly string[] = [
  "--no-prompt",
  "--deny-import",
  "--allow-net=127.0.0.1:8443",
  `--allow-ffi=/usr/lib/ringcast/${LIBRARY}`,
  "--allow-read=/etc/ringcast",
  "--allow-env=RINGCAST_*",
];

/** PERMISSION_FLAGS as a compiled program must carry them; everything that is not named is absent. */
export const MEANT: CompiledMetadata = {
  argv: [],
  entrypoint_key: "src/main.ts",
  permissions: {
    prompt: false,
    deny_import: [],
    // Deno's own list of trusted hosts, which denying every import overrules.
    allow_import: [
      "jsr.io:443",
      "deno.land:443",
      "esm.sh:443",
      "raw.esm.sh:443",
      "cdn.jsdelivr.net:443",
      "raw.githubusercontent.com:443",
      "gist.githubusercontent.com:443",
    ],
    allow_net: ["127.0.0.1:8443"],
    allow_ffi: [`/usr/lib/ringcast/${LIBRARY}`],
    allow_read: ["/etc/ringcast"],
    allow_env: ["RINGCAST_*"],
  },
};

class Failure extends Error {
  constructor(readonly exitCode: number, message: string) {
    super(message);
  }
}

/** Compiles to `program`, on the runtime that DENORT_BIN names if it is given. */
async function compile(program: string, denort: string | undefined): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["compile", "--quiet", ...PERMISSION_FLAGS, "--output", program, `${ROOT}/src/main.ts`],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...(denort === undefined ? {} : { DENORT_BIN: denort }) },
    stdin: "null",
  }).output();
  if (success) return;
  const reason = new TextDecoder().decode(stderr).trim();
  if (!/\bdenort\b/.test(reason)) throw new Failure(1, `deno compile failed:\n${reason}`);
  throw new Failure(
    3,
    `Nothing was built: denort ${Deno.version.deno}, the runtime inside a compiled program, is not there and could ` +
      "not be downloaded from dl.deno.land; set DENORT_BIN to a denort file of this version.",
  );
}

async function checkMetadata(program: string): Promise<void> {
  const found = differences(readMetadata(await Deno.readFile(program)), MEANT);
  if (found.length > 0) throw new Failure(1, ["The program is not sealed as it should be:", ...found].join("\n"));
}

/** A base that is deno itself yields plain deno, with every permission, whatever the metadata says. */
async function checkBase(program: string): Promise<void> {
  const { stdout } = await new Deno.Command(program, { args: ["--version"], clearEnv: true, stdin: "null" }).output();
  if (!new TextDecoder().decode(stdout).startsWith("deno ")) return;
  throw new Failure(1, "Nothing was built: DENORT_BIN is the deno program itself; expected a denort file.");
}

/** Builds in a directory of its own, so that dist/ holds a checked program and its library or neither. */
async function build(isCheck: boolean): Promise<string> {
  await Deno.mkdir(`${ROOT}/dist`, { recursive: true });
  const scratch = await Deno.makeTempDir({ dir: `${ROOT}/dist`, prefix: "build-" });
  try {
    await compile(`${scratch}/ringcast`, isCheck ? Deno.execPath() : undefined);
    await checkMetadata(`${scratch}/ringcast`);
    if (isCheck) return "The metadata of the compiled program is as it should be; nothing was kept.";
    await checkBase(`${scratch}/ringcast`);
    await copyLibrary(`${scratch}/${LIBRARY}`);
    for (const name of ["ringcast", LIBRARY]) await Deno.rename(`${scratch}/${name}`, `${ROOT}/dist/${name}`);
    return `Built dist/ringcast and dist/${LIBRARY}; install both in /usr/lib/ringcast, owned by root.`;
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

async function copyLibrary(to: string): Promise<void> {
  try {
    await Deno.copyFile(`${ROOT}/rust/target/release/${LIBRARY}`, to);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new Failure(1, `Nothing was built: rust/target/release/${LIBRARY} is missing; run deno task build first.`);
  }
}

if (import.meta.main) {
  const stranger = Deno.args.find((arg) => arg !== "--check");
  if (stranger !== undefined) {
    console.error(`Unknown argument ${JSON.stringify(stranger)}; the only one is --check.`);
    Deno.exit(2);
  }
  try {
    console.log(await build(Deno.args.includes("--check")));
  } catch (failure) {
    if (!(failure instanceof Failure || failure instanceof MetadataError)) throw failure;
    console.error(failure.message);
    Deno.exit(failure instanceof Failure ? failure.exitCode : 1);
  }
}
