// The script of the page: one WebSocket to the gateway it came from, and a table of the newest blocks.
// Everything that comes from the chain goes through textContent, never through HTML.

const SHOWN_BLOCKS = 12;
/** A page cannot send Pings, and who says nothing for a minute is taken for gone. */
const SIGN_OF_LIFE_MS = 20_000;
/** No chain is that slow: the page says so. */
const SILENCE_MS = 5_000;
/** How long a gap is told of. */
const NOTICE_MS = 10_000;
const COLUMNS = ["number", "id", "txns", "gas", "stage"];

const element = (id) => document.getElementById(id);
const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/v1/ws`;
const blocks = new Map(); // block id → its cells by column, the oldest first
let starts = []; // number and time of late blocks, for the rate
let open; // cells of the newest block, which BlockEnd is about
let heardMs = performance.now();
let noticeUntilMs = 0;
let socket;

element("connect").textContent = `websocat '${address}?subscribe=BlockStart,TxnLog,TPS'`;

function setState(text, kind) {
  element("state").textContent = text;
  element("state").dataset.kind = kind;
}

function cellsOf(id, number) {
  const known = blocks.get(id);
  if (known !== undefined) return known;
  // Far below what is shown is another chain: of a node that began anew.
  if (number < Number(element("block").textContent) - SHOWN_BLOCKS) clear();
  const row = document.createElement("tr");
  const cells = Object.fromEntries(COLUMNS.map((name) => {
    const cell = row.appendChild(document.createElement("td"));
    cell.className = name;
    return [name, cell];
  }));
  cells.number.textContent = number;
  cells.id.textContent = `${id.slice(0, 18)}…`;
  cells.id.title = id;
  element("blocks").prepend(row);
  blocks.set(id, cells);
  if (blocks.size > SHOWN_BLOCKS) {
    element("blocks").lastElementChild.remove();
    blocks.delete(blocks.keys().next().value);
  }
  element("block").textContent = number;
  return cells;
}

function clear() {
  element("blocks").replaceChildren();
  blocks.clear();
  starts = [];
}

function setStage(cells, stage) {
  cells.stage.textContent = stage;
  cells.stage.dataset.stage = stage;
}

function setGas(cells, gas) {
  cells.gas.textContent = gas.toLocaleString("en");
}

function addStart(number, timeNs) {
  starts = [...starts, { number, seconds: timeNs / 1e9 }].slice(-20);
  const [first, last] = [starts[0], starts.at(-1)];
  const seconds = last.seconds - first.seconds;
  // Competing proposals have one number and are one block.
  if (seconds > 0) element("rate").textContent = (Math.max(0, last.number - first.number) / seconds).toFixed(1);
}

const events = {
  BlockStart({ payload, commit_stage, timestamp_ns }) {
    heardMs = performance.now();
    open = cellsOf(payload.block_id, payload.block_number);
    open.txns.textContent = payload.txn_count;
    setStage(open, commit_stage);
    element("chain").textContent = payload.chain_id;
    addStart(payload.block_number, timestamp_ns);
  },
  BlockEnd({ payload, block_number }) {
    if (open?.number.textContent === `${block_number}`) setGas(open, payload.gas_used);
  },
};

const messages = {
  Hello({ protocol_version, source, chain_id }) {
    setState(`connected · protocol ${protocol_version}`, "good");
    element("source").textContent = source;
    if (chain_id !== 0) element("chain").textContent = chain_id;
  },
  Events(list) {
    for (const event of list) events[event.event_name]?.(event);
  },
  /** Those before the first event are the blocks under way; later ones may be of blocks that are not shown any more. */
  Lifecycle({ block_hash, block_number, to_stage, txn_count, gas_used }) {
    const cells = starts.length === 0 ? cellsOf(block_hash, block_number) : blocks.get(block_hash);
    if (cells === undefined) return;
    cells.txns.textContent = txn_count;
    if (gas_used !== undefined) setGas(cells, gas_used);
    setStage(cells, to_stage);
  },
  /** What a gap took of the open block will not come. */
  Warning({ reason = "too slow" }) {
    open = undefined;
    noticeUntilMs = performance.now() + NOTICE_MS;
    setState(`connected · gap: ${reason.replaceAll("_", " ")}`, "bad");
  },
  Error({ message }) {
    setState(message, "bad");
  },
};

function connect() {
  heardMs = performance.now();
  socket = new WebSocket(`${address}?subscribe=BlockStart,BlockEnd,Lifecycle`);
  socket.onmessage = ({ data }) => {
    const [kind, body] = Object.entries(JSON.parse(data))[1];
    messages[kind]?.(body);
  };
  const alive = setInterval(() => {
    const hello = { protocol_version: 1, client_name: "page", client_version: "1" };
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ hello }));
  }, SIGN_OF_LIFE_MS);
  socket.onclose = ({ reason }) => {
    clearInterval(alive);
    setState(`disconnected${reason ? `: ${reason}` : ""}; trying again…`, "bad");
    element("rate").textContent = "–";
    setTimeout(connect, 1000 + Math.random() * 1000);
  };
}

setInterval(() => {
  if (socket.readyState !== WebSocket.OPEN) return;
  const silenceMs = performance.now() - heardMs;
  if (silenceMs > SILENCE_MS) {
    setState(`connected · no block for ${Math.round(silenceMs / 1000)} s`, "bad");
    element("rate").textContent = "0.0";
  } else if (blocks.size > 0 && performance.now() > noticeUntilMs) setState("connected", "good");
}, 1000);

connect();
