// Tests of scripts/units.ts and of the unit itself, with the systemd tools of this machine.

import assert from "node:assert/strict";
import { PERMISSION_FLAGS } from "../scripts/compile.ts";
import { checkUnits } from "../scripts/units.ts";

const ROOT = `${import.meta.dirname}/..`;
const UNIT = `${ROOT}/systemd/ringcast.service`;
const SYSUSERS = `${ROOT}/systemd/ringcast.sysusers.conf`;

function execStart(): string[] {
  return (/^ExecStart=(.*)$/m.exec(Deno.readTextFileSync(UNIT))?.[1] ?? "").split(" ");
}

/** Complaints about a unit and a sysusers file that are changed copies of ours. */
async function complaintsAbout(change: (unit: string) => string, sysusers = SYSUSERS): Promise<string> {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${directory}/ringcast.service`, change(await Deno.readTextFile(UNIT)));
    return (await checkUnits(`${directory}/ringcast.service`, sysusers)).join("\n");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("deno task units finds nothing wrong (needs systemd; on Debian, apt install systemd)", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-read=systemd",
      "--allow-write=/tmp",
      "--allow-run=systemd-analyze,systemd-sysusers",
      "scripts/units.ts",
    ],
    cwd: ROOT,
    env: { TMPDIR: "/tmp" },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  assert.match(new TextDecoder().decode(stdout), /nothing wrong/);
});

Deno.test("a key that systemd does not know is a complaint", async () => {
  const said = await complaintsAbout((unit) => unit.replace("ProtectSystem=", "ProtectSytem="));
  assert.match(said, /Unknown key.*'ProtectSytem'/);
});

Deno.test("a unit that is opened up is a complaint, with what is open", async () => {
  const opened = /^(Protect\w+|Private\w+|Restrict\w+|SystemCall\w+|CapabilityBoundingSet|NoNewPrivileges)=.*\n/gm;
  const said = await complaintsAbout((unit) => unit.replace(opened, ""));
  assert.match(said, /systemd-analyze security .*says:/);
  assert.match(said, /✗ .*SystemCallFilter/);
  assert.doesNotMatch(said, /✓/);
});

Deno.test("a sysusers file that cannot be read is a complaint", async () => {
  assert.match(await complaintsAbout((unit) => unit, "/nonexistent/ringcast.conf"), /systemd-sysusers --dry-run/);
});

Deno.test("the unit gives the permissions of the sealed program, and no others", () => {
  const isPermission = (flag: string) => /^(--(allow|deny|ignore)-|--no-prompt|-A|-P|--permission)/.test(flag);
  assert.deepEqual(execStart().filter(isPermission).sort(), [...PERMISSION_FLAGS].sort());
});

Deno.test("the unit reads the ring where it mounts it, and never requires the node", () => {
  const unit = Deno.readTextFileSync(UNIT);
  const mount = /^BindReadOnlyPaths=[^:]+:(.*)$/m.exec(unit)?.[1] ?? "none";
  assert.ok(execStart().includes(`${mount}/monad-exec-events`));
  assert.doesNotMatch(unit, /^(Requires|BindsTo|PartOf|Requisite)=/m);
  assert.match(unit, /^After=.*events-hugepages-mounts\.service.*monad-execution\.service/m);
});
