// Every field of every block that eth_getBlockByNumber answers with, for the 30-block recording, against what an
// independent exporter says of it, and of the first block's against the official RPC's own objects (fixtures: *.rpc/).

import assert from "node:assert/strict";
import { zstdDecompressSync } from "node:zlib";
import { type AnyEvent, Client } from "../harness/client.ts";
import { FIXTURES, Gateway } from "../harness/gateway.ts";

const NAME = "emn-30b-15m";
const BLOCKS = 30;
const TRANSACTIONS = 6187;

/** What no event tells: the official RPC has the same constants. Source: monad-rpc §8.2. */
const UNKNOWABLE = {
  ...{ blobGasUsed: "0x0", excessBlobGas: "0x0", totalDifficulty: "0x0" },
  ...{ parentBeaconBlockRoot: `0x${"0".repeat(64)}`, requestsHash: `0x${"0".repeat(64)}` },
};
/** Blocks of which events tell that they have no uncles, by the hash of an empty list; the list itself is in no event. */
const NO_UNCLES = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347";
/** What is in no recording of blocks without withdrawals: absent, as the ring has a root of zeros. */
const ABSENT = ["withdrawalsRoot", "withdrawals"];
/** What the official RPC estimates from its own memory, plus the extra data. Source: monad-rpc §8.2. */
const sizeOf = (extraData: string) => hex(768 + (extraData.length - 2) / 2);

const hex = (value: string | number) => `0x${BigInt(value).toString(16)}`;

/** The blocks of the recording, as the exporter has them. */
async function oracle(): Promise<AnyEvent[]> {
  const packed = await Deno.readFile(`${FIXTURES}/${NAME}.expected.json.zst`);
  const items: AnyEvent[] = JSON.parse(new TextDecoder().decode(zstdDecompressSync(packed))).slice(0, 119);
  return items.filter(({ Executed }) => Executed !== undefined).map(({ Executed }) => Executed);
}

function expectedHeader({ eth_header: header, eth_block_hash }: AnyEvent): Record<string, unknown> {
  const { gasLimit, gasUsed, number, timestamp, ...same } = header;
  return {
    ...same,
    ...{ gasLimit: hex(gasLimit), gasUsed: hex(gasUsed), number: hex(number), timestamp: hex(timestamp) },
    ...{ hash: eth_block_hash, size: sizeOf(header.extraData), ...UNKNOWABLE },
  };
}

function expectedTxn({ sender, txn_index, txn_envelope }: AnyEvent, block: AnyEvent): Record<string, unknown> {
  const { gasLimit, nonce, type, chainId, v, yParity, ...same } = txn_envelope;
  const quantities = { type, nonce, gas: gasLimit, chainId, v: v ?? yParity, yParity, transactionIndex: txn_index };
  for (const name of ["gasPrice", "maxFeePerGas", "maxPriorityFeePerGas"]) {
    if (same[name] !== undefined) same[name] = hex(same[name]);
  }
  if (same.gasPrice === undefined) {
    const most = BigInt(same.maxFeePerGas);
    const asked = BigInt(block.eth_header.baseFeePerGas) + BigInt(same.maxPriorityFeePerGas);
    same.gasPrice = `0x${(most < asked ? most : asked).toString(16)}`;
  }
  return {
    ...same,
    ...Object.fromEntries(
      Object.entries(quantities).filter(([, value]) => value !== undefined).map(([name, value]) => [name, hex(value)]),
    ),
    ...{ from: sender, blockHash: block.eth_block_hash, blockNumber: hex(block.eth_header.number) },
    blockTimestamp: hex(block.eth_header.timestamp),
  };
}

/** Answers of a gateway that has read the whole recording, by block: full objects, then hashes alone. */
async function answers(numbers: readonly string[]): Promise<AnyEvent[][]> {
  const flags = ["--ring", `${FIXTURES}/${NAME}.snapshot.zst`, "--speed", "max", "--wait-for-subscriber"];
  await using gateway = await Gateway.start(flags);
  await gateway.ready();
  await using client = await Client.connect(gateway.url("/v1/ws?subscribe=BlockStart,BlockVerified"));
  const ask = async (params: unknown[]) => {
    const from = client.frames.length;
    client.send({ jsonrpc: "2.0", method: "eth_getBlockByNumber", params, id: 1 });
    return (await client.frame("result", from)).result;
  };
  // The recording ends a few messages behind its last block, which is not verified in it.
  const isVerified = (event: AnyEvent) => event.event_name === "BlockVerified";
  await client.until("all blocks have come", ({ events }) => events.filter(isVerified).length === BLOCKS - 1);
  const both: AnyEvent[][] = [];
  for (const number of numbers) both.push([await ask([number, true]), await ask([number, false])]);
  return both;
}

Deno.test("12.1 a block has every field that the exporter and the official RPC give it, and no other", async () => {
  const blocks = await oracle();
  assert.equal(blocks.length, BLOCKS);
  const answered = await answers(blocks.map(({ eth_header }) => hex(eth_header.number)));
  let count = 0;
  for (const [i, block] of blocks.entries()) {
    const [full, short] = answered[i]!;
    const { transactions, uncles, ...header } = full;
    const number = block.eth_header.number;
    assert.deepEqual(header, expectedHeader(block), `block ${number}`);
    assert.ok(ABSENT.every((name) => !Object.hasOwn(full, name)));
    assert.deepEqual([header.sha3Uncles, uncles], [NO_UNCLES, []]);
    assert.equal(transactions.length, block.transactions.length);
    for (const [j, txn] of transactions.entries()) {
      assert.deepEqual(txn, expectedTxn(block.transactions[j], block), `transaction ${j} of block ${number}`);
      count++;
    }
    const hashes = block.transactions.map((txn: AnyEvent) => txn.txn_envelope.hash);
    assert.deepEqual(short, { ...full, transactions: hashes });
  }
  assert.equal(count, TRANSACTIONS);
  // The order of the fields too, where there are official objects to compare with.
  const official = (name: string) => Deno.readTextFile(`${FIXTURES}/${NAME}.rpc/0.${name}.json`);
  const { uncles: _, transactions, ...header } = answered[0]![0]!;
  assert.equal(JSON.stringify(header), (await official("header")).trim());
  assert.equal(JSON.stringify(transactions[0]), (await official("tx.0")).trim());
});
