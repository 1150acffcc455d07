// What the machine is, how much of it the host gave to others, and what a process used of it, from /proc.
// By `cat`: Deno's own file calls ask for every permission there.

async function read(path: string): Promise<string> {
  const { stdout } = await new Deno.Command("cat", { args: [path] }).output();
  return new TextDecoder().decode(stdout);
}

/** One sentence about the processors, the memory and the kernel. */
export async function describeMachine(): Promise<string> {
  const [cpus, memory, kernel] = await Promise.all([
    read("/proc/cpuinfo"),
    read("/proc/meminfo"),
    read("/proc/version"),
  ]);
  const models = [...cpus.matchAll(/^model name\s*: (.*)$/gm)].map(([, name]) => name);
  const kib = Number(/MemTotal:\s+(\d+)/.exec(memory)?.[1]);
  const version = /Linux version (\S+)/.exec(kernel)?.[1];
  return `${models.length} × ${models[0]}, ${
    Math.round(kib / 1024 / 1024)
  } GiB, Linux ${version}, Deno ${Deno.version.deno}`;
}

/** Processor time since boot that the host gave to others, and all of it, in ticks. */
export async function ticks(): Promise<{ stolen: number; all: number }> {
  const [, ...fields] = (await read("/proc/stat")).split("\n")[0]!.trim().split(/\s+/);
  const counts = fields.slice(0, 8).map(Number);
  return { stolen: counts[7] ?? 0, all: counts.reduce((sum, count) => sum + count, 0) };
}

/** Seconds of processor time that a process has used. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // utime and stime, in ticks of 10 ms.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Bytes of a process that are resident, without what it has mapped of `ring`. */
export async function residentBytes(pid: number, ring: string): Promise<number> {
  let [sum, isRing] = [0, false];
  for (const line of (await read(`/proc/${pid}/smaps`)).split("\n")) {
    if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) isRing = line.endsWith(ring);
    const rss = /^Rss:\s+(\d+)/.exec(line);
    if (rss && !isRing) sum += Number(rss[1]) * 1024;
  }
  return sum;
}
