// The script of the page: one WebSocket to the gateway it came from, and a table of the newest blocks.
// Everything that comes from the chain goes through textContent, never through HTML.

const SHOWN_BLOCKS = 12;
const element = (id) => document.getElementById(id);
const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/v1/ws`;
const blocks = new Map(); // block id → row
let starts = [];

element("connect").textContent = `websocat ${address}`;

function row(id, number) {
  const known = blocks.get(id);
  if (known !== undefined) return known;
  const cells = document.createElement("tr");
  for (let i = 0; i < 5; i++) cells.append(document.createElement("td"));
  cells.children[0].textContent = number;
  cells.children[1].textContent = `${id.slice(0, 18)}…`;
  element("blocks").prepend(cells);
  blocks.set(id, cells);
  if (blocks.size > SHOWN_BLOCKS) {
    const [oldest, last] = blocks.entries().next().value;
    blocks.delete(oldest);
    last.remove();
  }
  return cells;
}

function setStage(cells, stage) {
  cells.children[4].textContent = stage;
  cells.children[4].dataset.stage = stage;
}

let current;
const handlers = {
  BlockStart({ payload, commit_stage, timestamp_ns }) {
    current = row(payload.block_id, payload.block_number);
    current.children[2].textContent = payload.txn_count;
    setStage(current, commit_stage);
    element("block").textContent = payload.block_number;
    element("chain").textContent = payload.chain_id;
    starts = [...starts, timestamp_ns / 1e9].slice(-20);
    const seconds = starts.at(-1) - starts[0];
    if (seconds > 0) element("rate").textContent = ((starts.length - 1) / seconds).toFixed(1);
  },
  BlockEnd({ payload }) {
    if (current !== undefined) current.children[3].textContent = payload.gas_used.toLocaleString("en");
  },
  BlockFinalized({ payload, commit_stage }) {
    const cells = blocks.get(payload.block_id);
    if (cells !== undefined) setStage(cells, commit_stage);
  },
};

/** A page cannot send Pings, and who says nothing for a minute is taken for gone. */
const SIGN_OF_LIFE_MS = 20_000;

function connect() {
  const socket = new WebSocket(`${address}?subscribe=BlockStart,BlockEnd,BlockFinalized`);
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.Hello !== undefined) {
      element("state").textContent = `connected · protocol ${frame.Hello.protocol_version}`;
      element("source").textContent = frame.Hello.source;
    }
    for (const event of frame.Events ?? []) handlers[event.event_name]?.(event);
    if (frame.Warning !== undefined) element("state").textContent = `gap: ${frame.Warning.reason}`;
  };
  const alive = setInterval(() => {
    const hello = { protocol_version: 1, client_name: "page", client_version: "1" };
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ hello }));
  }, SIGN_OF_LIFE_MS);
  socket.onclose = ({ reason }) => {
    clearInterval(alive);
    element("state").textContent = `disconnected${reason ? `: ${reason}` : ""}; trying again…`;
    setTimeout(connect, 1000 + Math.random() * 1000);
  };
}

connect();
