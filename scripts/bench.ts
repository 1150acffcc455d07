// `deno task bench`: measures the two things this project must be fast at, and prints them as ratios within one run:
// ring events into log entries on one core (beside serde_json), and the way from the ring to a client.

import { EVENT_NAMES } from "../src/stream/protocol.ts";

const ROOT = `${import.meta.dirname}/..`;
const RECORDING = `${Deno.env.get("RINGCAST_FIXTURES") ?? `${ROOT}/../shared/fixtures`}/emn-30b-15m.snapshot.zst`;
const SIDECAR = `${ROOT}/rust/target/release/libringcast_sidecar.so`;
const RATE = 20_000;
const LATENCY_SECS = 10;

/** What rust/sidecar/benches/encode.rs prints. */
interface EncodeFigures {
  readonly events: number;
  readonly bytes: number;
  readonly encode_events_per_s: number;
  readonly encode_bytes_per_s: number;
  readonly serde_json_events_per_s: number;
  readonly decode_events_per_s: number;
  readonly large_log_events_per_s: number;
}

async function measureEncode(): Promise<EncodeFigures> {
  const cargo = [
    "cargo",
    "bench",
    "-q",
    "--locked",
    "--target-dir",
    "rust/target",
    "--manifest-path",
    "rust/Cargo.toml",
  ];
  const { success, stdout } = await new Deno.Command("taskset", {
    args: ["-c", "0", ...cargo, "-p", "ringcast-sidecar", "--bench", "encode", "--", RECORDING],
    cwd: ROOT,
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("The encode benchmark failed; its message is above.");
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}

/** Milliseconds from the recording of an event to its arrival, of every event of LATENCY_SECS, ascending. */
async function measureLatency(): Promise<number[]> {
  const ring = `/tmp/ringcast-bench-${Deno.pid}/monad-exec-events`;
  const node = new Deno.Command(`${ROOT}/rust/target/release/node-sim`, {
    args: ["replay", RECORDING, "--ring", ring, "--rate", `${RATE}`, "--loop"],
    stdout: "piped",
  }).spawn();
  await node.stdout.getReader().read();
  const permissions = ["--allow-net=127.0.0.1", "--allow-read", "--allow-env=RINGCAST_*", `--allow-ffi=${SIDECAR}`];
  const flags = ["--ring", ring, "--listen", "127.0.0.1:8499", "--unrestricted", "--log-level", "warning"];
  const gateway = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...permissions, `${ROOT}/src/main.ts`, "start", ...flags],
  }).spawn();
  try {
    const socket = await connect(
      `ws://127.0.0.1:8499/v1/ws?subscribe=${EVENT_NAMES.join()}`,
    );
    const latencies: number[] = [];
    const end = performance.now() + LATENCY_SECS * 1000;
    await new Promise<void>((resolve) => {
      socket.onmessage = ({ data }: MessageEvent<string>) => {
        const now = performance.timeOrigin + performance.now();
        for (const [, nanos] of data.matchAll(/"timestamp_ns":(\d+)\}/g)) latencies.push(now - Number(nanos) / 1e6);
        if (performance.now() > end) resolve();
      };
    });
    socket.onmessage = null;
    socket.close();
    // The first second holds what the window had before the client came.
    return latencies.slice(Math.floor(latencies.length / LATENCY_SECS)).sort((a, b) => a - b);
  } finally {
    gateway.kill("SIGTERM");
    node.kill("SIGTERM");
    await Promise.all([gateway.status, node.status]);
  }
}

/** Processor time since boot that the host gave to others, and all of it, in ticks; latencies mean little beside much. */
async function ticks(): Promise<{ stolen: number; all: number }> {
  const { stdout } = await new Deno.Command("cat", { args: ["/proc/stat"] }).output();
  const [, ...fields] = new TextDecoder().decode(stdout).split("\n")[0]!.trim().split(/\s+/);
  const counts = fields.slice(0, 8).map(Number);
  return { stolen: counts[7] ?? 0, all: counts.reduce((sum, count) => sum + count, 0) };
}

async function connect(url: string): Promise<WebSocket> {
  for (;;) {
    const socket = new WebSocket(url);
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.onopen = () => resolve(true);
      socket.onerror = (event) => {
        event.preventDefault();
        resolve(false);
      };
    });
    if (isOpen) return socket;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

if (import.meta.main) {
  const millions = (perSecond: number) => `${(perSecond / 1e6).toFixed(2)} M events/s`;
  const encode = await measureEncode();
  const own = encode.encode_events_per_s;
  console.log(`30-block recording, ${encode.events} events, all types, one core, best of several rounds
  ring read + decode            ${millions(encode.decode_events_per_s)}
  ring read + decode + encode   ${millions(own)}, ${(encode.encode_bytes_per_s / 1e9).toFixed(2)} GB/s of text
  the same into a 64 MiB log    ${millions(encode.large_log_events_per_s)}
  the same with serde_json      ${millions(encode.serde_json_events_per_s)}
  ratio                         ${(own / encode.serde_json_events_per_s).toFixed(1)} times serde_json, ${
    (encode.large_log_events_per_s / encode.serde_json_events_per_s).toFixed(1)
  } into the large log`);
  const before = await ticks();
  const latencies = await measureLatency();
  const after = await ticks();
  const stolen = (100 * (after.stolen - before.stolen)) / (after.all - before.all);
  const at = (share: number) => `${latencies[Math.floor((latencies.length - 1) * share)]!.toFixed(2)} ms`;
  console.log(`ring → client at ${RATE} events/s, one client, all types, ${latencies.length} events
  p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}; the host took ${
    stolen.toFixed(1)
  } % of the processors`);
}
