// Prints every ERC-20 transfer while it happens: block, transaction, token, sender, receiver, amount in token units.
// deno run --allow-net=127.0.0.1:8443 examples/token_transfers.ts [--limit N] [ws://HOST:PORT/v1/ws]
// Speaks the protocol with nothing but WebSocket; transfers are shown as soon as a block is proposed.

/** keccak256("Transfer(address,address,uint256)"), the first topic of every transfer. */
const TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

interface TxnLogEvent {
  readonly block_number: number;
  readonly txn_idx: number;
  readonly payload: { readonly address: string; readonly topics: readonly string[]; readonly data: string };
}

/** One message of the server: `seq` and one of these. */
interface Frame {
  readonly Events?: readonly TxnLogEvent[];
  readonly Warning?: { readonly type: string; readonly dropped?: number; readonly reason?: string };
  readonly Error?: { readonly message: string };
}

/** One line per transfer; undefined for other logs, such as NFT transfers, which have a fourth topic. */
function transferLine({ block_number, txn_idx, payload }: TxnLogEvent): string | undefined {
  const [topic, from, to, ...more] = payload.topics;
  if (topic !== TRANSFER || from === undefined || to === undefined || more.length > 0) return undefined;
  if (payload.data.length !== 2 + 64) return undefined;
  const address = (word: string) => `0x${word.slice(-40)}`; // the last 20 bytes of 32
  const amount = BigInt(payload.data);
  return `${block_number}.${txn_idx} ${payload.address}  ${address(from)} -> ${address(to)}  ${amount}`;
}

function stop(reason: string): never {
  console.error(reason);
  Deno.exit(1);
}

let left = Infinity;
let url = "ws://127.0.0.1:8443/v1/ws";
for (let i = 0; i < Deno.args.length; i++) {
  const arg = Deno.args[i] ?? "";
  if (/^wss?:\/\/./.test(arg)) url = arg;
  else if (arg === "--limit" && /^[1-9]\d*$/.test(Deno.args[i + 1] ?? "")) left = Number(Deno.args[++i]);
  else stop(`Unexpected ${JSON.stringify(arg)}; usage: token_transfers.ts [--limit N] [ws://HOST:PORT/v1/ws]`);
}

const socket = new WebSocket(url);
socket.onopen = () => {
  socket.send(JSON.stringify({ subscribe: ["TxnLog"] }));
  // The server drops clients that say nothing for a minute, and WebSocket has no way to send a Ping frame.
  const hello = JSON.stringify({ hello: { protocol_version: 1, client_name: "token_transfers", client_version: "1" } });
  Deno.unrefTimer(setInterval(() => socket.send(hello), 25_000));
};
socket.onmessage = ({ data }) => {
  const { Events = [], Warning, Error: refusal }: Frame = JSON.parse(data);
  if (refusal !== undefined) stop(`The server refused the subscription: ${refusal.message}`);
  if (Warning !== undefined) {
    console.error(`# transfers may be missing here: ${Warning.reason ?? Warning.type}, ${Warning.dropped ?? "?"} lost`);
  }
  for (const event of Events) {
    const line = transferLine(event);
    if (line === undefined) continue;
    console.log(line);
    if (--left === 0) return Deno.exit(0);
  }
};
socket.onclose = ({ code, reason }) =>
  stop(`The server closed the connection (${code} ${reason || "no reason given"}).`);
socket.onerror = () => stop(`Cannot talk to ${url}; is the gateway running there?`);
