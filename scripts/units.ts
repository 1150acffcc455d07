// `deno task units`: checks systemd/ with systemd's own tools; installs nothing and needs no running systemd.
// Exit code 0 if systemd finds nothing, 1 with what it said otherwise.

const SYSTEMD = `${import.meta.dirname}/../systemd`;

/** Highest exposure that `systemd-analyze security` may find, times ten: 15 is 1.5 of 10, "OK". */
const MOST_EXPOSURE = 15;

/** A tool of systemd is not on this machine; the message says what to install. */
export class ToolMissing extends Error {}

/**
 * What systemd finds wrong with a unit and a sysusers file, as sentences.
 *
 * @throws {ToolMissing} if one of systemd's tools is not installed.
 */
export async function checkUnits(unitPath: string, sysusersPath: string): Promise<string[]> {
  const scratch = await Deno.makeTempDir();
  try {
    // The programs of ExecStart are not on this machine, and a unit whose program is missing does not verify.
    const copy = `${scratch}/${unitPath.replace(/.*\//, "")}`;
    const unit = await Deno.readTextFile(unitPath);
    await Deno.writeTextFile(copy, unit.replaceAll(/^ExecStart=.*$/gm, "ExecStart=/bin/true"));
    return [
      ...await complaints("systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", copy], "stderr"),
      ...await complaints(
        "systemd-analyze",
        ["security", "--offline=yes", "--no-pager", `--threshold=${MOST_EXPOSURE}`, copy],
        "exit code",
      ),
      ...await complaints("systemd-sysusers", ["--dry-run", sysusersPath], "exit code"),
    ];
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** Runs one tool; `verify` exits 0 over keys it does not know, so whatever it writes to stderr counts. */
async function complaints(program: string, args: string[], measure: "stderr" | "exit code"): Promise<string[]> {
  const { success, code, stdout, stderr } = await run(program, args);
  if (success && (measure === "exit code" || stderr.length === 0)) return [];
  const lines = [stderr, stdout].flatMap((bytes) => new TextDecoder().decode(bytes).trim().split("\n"));
  const said = lines.filter((line) => line !== "" && !line.startsWith("✓"));
  return [[`${program} ${args.join(" ")} (exit code ${code}) says:`, ...said].join("\n")];
}

async function run(program: string, args: string[]): Promise<Deno.CommandOutput> {
  try {
    return await new Deno.Command(program, { args, stdin: "null" }).output();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new ToolMissing(`The units cannot be checked: there is no ${program}; on Debian, apt install systemd.`);
  }
}

if (import.meta.main) {
  try {
    const found = await checkUnits(`${SYSTEMD}/ringcast.service`, `${SYSTEMD}/ringcast.sysusers.conf`);
    for (const complaint of found) console.error(complaint);
    if (found.length > 0) Deno.exit(1);
    console.log(`systemd finds nothing wrong with systemd/, and its exposure at most ${MOST_EXPOSURE / 10} of 10.`);
  } catch (cause) {
    if (!(cause instanceof ToolMissing)) throw cause;
    console.error(cause.message);
    Deno.exit(1);
  }
}
