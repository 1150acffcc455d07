// Ten minutes of far more than the machine can send: what becomes of memory and of the clients. Not part of a whole run.

import { type Measured, Stand } from "./stand.ts";
import { type Row, type Section, table } from "./table.ts";

const SOURCE = { rate: 20_000, inBlocks: false };
const CLIENTS = 500;
const SECONDS = 600;
const LOOKS = 10;
/** Nobody is given up, so that the overload lasts. */
const FLAGS = ["--unrestricted", "--slow-off-limit", "1000000000"];

/** Pages of 4 KiB that the kernel's TCP sockets hold, all of this machine. */
async function socketPages(): Promise<number> {
  const { stdout } = await new Deno.Command("cat", { args: ["/proc/net/sockstat"] }).output();
  return Number(/^TCP: .* mem (\d+)/m.exec(new TextDecoder().decode(stdout))?.[1]);
}

/** Resident memory over time, and what the clients got. */
export async function measureOverload(): Promise<Section> {
  const rows: Row[] = [];
  await using stand = await Stand.gateway(SOURCE, FLAGS);
  let measured: Measured | undefined;
  const measuring = stand.measure({ count: CLIENTS, seconds: SECONDS }).then((done) => measured = done);
  for (let look = 1; measured === undefined; look++) {
    await Promise.race([measuring, new Promise((resolve) => setTimeout(resolve, SECONDS / LOOKS * 1000))]);
    const [resident, pages] = await Promise.all([stand.resident(), socketPages()]);
    rows.push({
      seconds: Math.min(look * SECONDS / LOOKS, SECONDS),
      "RSS MiB": Math.round(resident / 1024 / 1024),
      "sockets MiB": Math.round(pages / 256),
    });
    console.error(`bench: ${Math.min(look * SECONDS / LOOKS, SECONDS)} s of overload`);
  }
  const { clients, cores, bytes, millis, fewest, most, lost_clients: lost } = measured;
  const text = `${CLIENTS} clients at ${SOURCE.rate} events/s\n\n${table(rows)}\n\n` +
    `${clients - lost} of ${clients} clients stayed and got ${fewest} to ${most} events each of ` +
    `${SOURCE.rate * SECONDS}; ${(bytes / millis / 1e6).toFixed(2)} GB/s, ${cores.toFixed(2)} cores.`;
  return { name: "overload", text, rows };
}
