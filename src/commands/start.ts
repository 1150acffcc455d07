// `start`: serves a ring. Wires the sidecar's log to the groups and the groups to the edge, and takes it all down again.
// main.ts calls it; native/ reads the ring, stream/ decides who gets what, serve/ talks to clients.

import type { Config } from "../config.ts";
import { getLogger } from "../logging.ts";
import { NativeConnections } from "../native/connections.ts";
import { NativeSender } from "../native/direct.ts";
import { Sidecar, SidecarError } from "../native/ffi.ts";
import { NativeLog } from "../native/log.ts";
import type { Gateway } from "../serve/gateway.ts";
import { OTHER_DESCRIPTORS, Server } from "../serve/server.ts";
import { Groups } from "../stream/groups.ts";
import { Lifecycle } from "../stream/lifecycle.ts";
import { EVENT_NAMES } from "../stream/protocol.ts";
import { pump } from "../stream/pump.ts";
import { Snapshot } from "../stream/snapshot.ts";
import { baseOf } from "../stream/resume.ts";
import type { Source, SourceState } from "../stream/source.ts";
import { VERSION } from "../version.ts";

const logger = getLogger("start");

/** How often the state of the source is looked at, to say it when it changed. */
const LOOK_MS = 250;
/** How often a state that keeps clients waiting is said again. */
const REPEAT_MS = 5000;
/**
 * With this many descriptors besides those of the clients, a flood of connections does not use them up before the guard
 * cuts it (measured: docs/decisions.md). With fewer, the permission to listen again is kept.
 */
const AMPLE_DESCRIPTORS = 16_384;

/**
 * Serves until `stop` aborts.
 *
 * @returns the exit code: 0 after a stop, 1 if the ring, the library or the address cannot be used.
 */
export async function start(config: Config, sidecarPath: string, stop: AbortSignal): Promise<number> {
  try {
    return await serve(config, sidecarPath, stop);
  } catch (error) {
    if (error instanceof SidecarError) logger.error(error.message);
    else if (error instanceof Deno.errors.AddrInUse) {
      const { hostname, port } = config.listen;
      logger.error(
        `${hostname}:${port} is in use by another program; stop it or choose another address with --listen.`,
      );
    } else throw error;
    return 1;
  }
}

async function serve(config: Config, sidecarPath: string, stop: AbortSignal): Promise<number> {
  using sidecar = Sidecar.load(sidecarPath);
  using log = new NativeLog(sidecar, {
    ring: config.ring,
    from: config.from.kind === "block" ? { block: config.from.number } : config.from.kind,
    blocked: config.blockedEvents.map((name) => EVENT_NAMES.indexOf(name) + 1),
    speed: config.speed,
    loop: config.loop,
    waitForPlay: config.waitForSubscriber,
    windowBytes: config.windowBytes,
    backfillEvents: config.backfillEvents,
  });
  // A ring that cannot be used is said before anything else happens; one that is missing is waited for.
  while (log.status().state === "opening" && !stop.aborted) await log.wait(LOOK_MS, 0);
  if (log.status().state === "failed") throw new SidecarError(log.status().message);
  const lifecycle = new Lifecycle(log);
  const snapshot = new Snapshot(log, lifecycle);
  const groups = new Groups(log, lifecycle, config, new NativeSender(sidecar));
  const streamId = crypto.randomUUID();
  const connections = new NativeConnections(sidecar);
  const gateway: Gateway = {
    config,
    identity: {
      serverVersion: VERSION,
      streamId,
      blockedEvents: config.blockedEvents,
    },
    log,
    groups,
    lifecycle,
    snapshot,
    resumable: () => ({ base: baseOf(log), releasedSeq: log.releasedSeq, streamId }),
    source: log,
    connections,
    sent: { direct: 0, buffered: 0 },
    newestSeenMs: () => log.newestSeenMs,
  };
  const server = new Server(gateway);
  const { hostname, port } = server.address;
  const { descriptorLimit } = connections;
  await giveBackPermissions(descriptorLimit < config.maxConnections + AMPLE_DESCRIPTORS);
  const needed = config.maxConnections + OTHER_DESCRIPTORS;
  if (descriptorLimit < needed) {
    logger.warning(
      `The process may have ${descriptorLimit} descriptors, too few for ${config.maxConnections} clients and ` +
        `${OTHER_DESCRIPTORS} besides; allow it ${needed} (ulimit -n, LimitNOFILE=) or lower --max-connections.`,
    );
  }
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  logger.info("Listening", { url: `ws://${host}:${port}/v1/ws`, ring: config.ring });
  const ended = new AbortController();
  const end = () => ended.abort();
  stop.addEventListener("abort", end);
  if (stop.aborted) end();
  let isDead = false;
  server.dead.then(() => {
    isDead = true;
    end();
  });
  const watch = watchSource(log, end);
  try {
    await pump(log, groups, snapshot, isRecording(log), ended.signal);
  } finally {
    clearInterval(watch);
    await server.stop();
  }
  const { state, message } = log.status();
  if (state === "failed") logger.error(message);
  else logger.info("Stopped", { events: log.status().events });
  return state === "failed" || isDead ? 1 : 0;
}

/** Whether the source is a recording, which does not change once it is known. */
function isRecording(source: Source): () => boolean {
  let kind = source.status().kind;
  return () => {
    if (kind === "unknown") kind = source.status().kind;
    return kind === "snapshot";
  };
}

/** Says what the source does whenever that changes, again while clients wait for it, and ends a failed start. */
function watchSource(log: NativeLog, end: () => void): ReturnType<typeof setInterval> {
  let said: SourceState | undefined;
  let saidMs = 0;
  return setInterval(() => {
    const { state, message, kind, blockNumber, events } = log.status();
    if (state === "failed") return end();
    const isWaiting = state === "missing" || state === "down";
    if (state === said && !(isWaiting && performance.now() - saidMs >= REPEAT_MS)) return;
    [said, saidMs] = [state, performance.now()];
    if (isWaiting) logger.warning(message);
    else if (message !== "") logger.info(message);
    else if (state === "reading") logger.info("Reading the ring", { kind, blockNumber, events });
  }, LOOK_MS);
}

/** What was needed to begin is not needed to go on; a bug found later finds nothing to use. */
async function giveBackPermissions(keepsNet: boolean): Promise<void> {
  for (const name of ["ffi", "net", "read", "env", "run", "write", "sys"] as const) {
    if (name === "net" && keepsNet) continue;
    await Deno.permissions.revoke({ name });
  }
}
