// What the kernel says of a process and its sockets: descriptors, resident memory, states of TCP connections.

/** Number of descriptors that a process has open. */
export function descriptorCount(pid: number): number {
  return output("ls", `/proc/${pid}/fd`).trim().split("\n").length;
}

/** Bytes of a process's memory that are resident. */
export function residentBytes(pid: number): number {
  const pages = Number(output("cat", `/proc/${pid}/statm`).split(" ")[1]);
  return pages * 4096;
}

/** Whether every thread of a process is stopped by a signal. */
export function isStopped(pid: number): boolean {
  const { stdout } = new Deno.Command("sh", { args: ["-c", `cat /proc/${pid}/task/*/stat`] }).outputSync();
  const threads = new TextDecoder().decode(stdout).trim().split("\n");
  return threads.every((line) => line.slice(line.lastIndexOf(")") + 2).startsWith("T"));
}

/** States, as the kernel numbers them in hex, of the server's ends of connections between these ports on loopback. */
export function socketStates(serverPort: number, clientPort: number): string[] {
  return rows().filter(([local, remote]) => portOf(local) === serverPort && portOf(remote) === clientPort)
    .map(([, , state]) => state);
}

/** Bytes that wait to be sent or acknowledged at the server's end of the connection between these ports. */
export function waitingBytes(serverPort: number, clientPort: number): number {
  const row = rows().find(([local, remote]) => portOf(local) === serverPort && portOf(remote) === clientPort);
  return parseInt(row?.[3].split(":")[0] ?? "0", 16);
}

/** Number of connections on a server's port, in any state, as its own end. */
export function socketCount(serverPort: number): number {
  return rows().filter(([local, remote]) => portOf(local) === serverPort && portOf(remote) !== 0).length;
}

function rows(): (readonly [local: string, remote: string, state: string, queues: string])[] {
  return output("cat", "/proc/net/tcp").trim().split("\n").slice(1).map((line) => {
    const [, local = "", remote = "", state = "", queues = ""] = line.trim().split(/\s+/);
    return [local, remote, state, queues] as const;
  });
}

function portOf(address: string): number {
  return parseInt(address.split(":")[1] ?? "", 16);
}

/** What a command prints: Deno itself reads no more of /proc than its own process, unless it may do everything. */
function output(command: string, path: string): string {
  const { success, stdout } = new Deno.Command(command, { args: [path], stderr: "null" }).outputSync();
  if (!success) throw new Error(`${command} ${path} failed.`);
  return new TextDecoder().decode(stdout);
}
