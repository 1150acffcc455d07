// A block as Ethereum's JSON-RPC shows it, put together from the events that the window still holds of it.
// ethereum.ts chooses the block. Source: monad-rpc §8.2 (fields and their order).

import { entryText, type Log, TYPE } from "../stream/log.ts";

/** The fields of an event, each of the type that protocol section 5 gives it. */
// deno-lint-ignore no-explicit-any -- one type for the payloads of all events
type Payload = Record<string, any>;

/** Bytes that the header's `size` counts besides the extra data. */
const HEADER_SIZE = 768;
const ZERO_WORD = `0x${"0".repeat(64)}`;

/** Number of a block as it is written in hexadecimal, without leading zeros. */
export function quantity(value: number | bigint | string): string {
  return typeof value === "string" ? value : `0x${value.toString(16)}`;
}

/**
 * The block whose events begin at entry `first`; undefined unless all of it is held.
 *
 * @param isFull Whether transactions are objects, or hashes alone.
 */
export function blockObject(log: Log, first: number, isFull: boolean): Record<string, unknown> | undefined {
  const proposal = log.proposal(first);
  if (first < log.oldest || log.type(first) !== TYPE.blockStart) return undefined;
  const headers: Payload[] = [];
  const accessLists = new Map<number, unknown[]>();
  const authorizations = new Map<number, unknown[]>();
  for (let entry = first; entry < log.head && log.proposal(entry) === proposal; entry++) {
    switch (log.type(entry)) {
      case TYPE.txnHeaderStart:
        headers.push(payloadOf(log, entry));
        break;
      case TYPE.txnAccessListEntry: {
        const { txn_index, address, storage_keys } = payloadOf(log, entry);
        append(accessLists, txn_index!, { address, storageKeys: storage_keys });
        break;
      }
      case TYPE.txnAuthListEntry: {
        const { txn_index, chain_id, address, nonce, y_parity, r, s } = payloadOf(log, entry);
        const yParity = quantity(Number(y_parity));
        append(authorizations, txn_index!, { chainId: chain_id, address, nonce: quantity(nonce!), yParity, r, s });
        break;
      }
      case TYPE.blockEnd: {
        const header = headerObject(payloadOf(log, first), payloadOf(log, entry));
        if (headers.length !== payloadOf(log, first)["txn_count"]) return undefined;
        headers.sort((a, b) => a["txn_index"]! - b["txn_index"]!);
        const transactions = headers.map((txn) => {
          if (!isFull) return txn["txn_hash"];
          const index = txn["txn_index"]!;
          return txnObject(txn, header, accessLists.get(index) ?? [], authorizations.get(index) ?? []);
        });
        return { ...header, uncles: [], transactions };
      }
    }
  }
  return undefined;
}

function append(lists: Map<number, unknown[]>, index: number, item: unknown): void {
  const list = lists.get(index);
  if (list === undefined) lists.set(index, [item]);
  else list.push(item);
}

/** The payload of an event; integers that a double cannot hold are bigints. */
function payloadOf(log: Log, entry: number): Payload {
  const exact = (_key: string, value: unknown, context: { source?: string }) => {
    const isUnsafe = typeof value === "number" && !Number.isSafeInteger(value) && /^\d+$/.test(context.source ?? "");
    return isUnsafe ? BigInt(context.source!) : value;
  };
  return JSON.parse(entryText(log, entry), exact as (key: string, value: unknown) => unknown).payload;
}

function headerObject(start: Payload, end: Payload): Record<string, string> {
  const extraBytes = start["extra_data"]!.length / 2 - 1;
  return {
    hash: end["eth_block_hash"]!,
    parentHash: start["parent_eth_hash"]!,
    sha3Uncles: start["ommers_hash"]!,
    miner: start["beneficiary"]!,
    stateRoot: end["state_root"]!,
    transactionsRoot: start["transactions_root"]!,
    receiptsRoot: end["receipts_root"]!,
    logsBloom: end["logs_bloom"]!,
    difficulty: quantity(start["difficulty"]!),
    number: quantity(start["block_number"]!),
    gasLimit: quantity(start["gas_limit"]!),
    gasUsed: quantity(end["gas_used"]!),
    timestamp: quantity(start["timestamp"]!),
    extraData: start["extra_data"]!,
    mixHash: start["prev_randao"]!,
    nonce: start["nonce"]!,
    baseFeePerGas: start["base_fee_per_gas"]!,
    ...(start["withdrawals_root"] === undefined ? {} : { withdrawalsRoot: start["withdrawals_root"] }),
    blobGasUsed: "0x0",
    excessBlobGas: "0x0",
    parentBeaconBlockRoot: ZERO_WORD,
    requestsHash: ZERO_WORD,
    totalDifficulty: "0x0",
    size: quantity(HEADER_SIZE + extraBytes),
  };
}

function txnObject(
  txn: Payload,
  header: Record<string, string>,
  accessList: unknown[],
  authorizationList: unknown[],
): Record<string, unknown> {
  const type = txn["txn_type"]!;
  const maxFee = BigInt(txn["max_fee_per_gas"]!);
  const tip = BigInt(txn["max_priority_fee_per_gas"]!);
  const base = BigInt(header["baseFeePerGas"]!);
  const paid = type < 2 ? maxFee : maxFee < base + tip ? maxFee : base + tip;
  const yParity = Number(txn["y_parity"]!);
  const chainId = txn["chain_id"]!;
  const isReplayable = BigInt(chainId) === 0n;
  const v = type > 0 ? BigInt(yParity) : BigInt(yParity) + (isReplayable ? 27n : 35n + 2n * BigInt(chainId));
  return {
    type: quantity(type),
    ...(isReplayable ? {} : { chainId }),
    nonce: quantity(txn["nonce"]!),
    ...(type < 2 ? { gasPrice: quantity(maxFee) } : {}),
    gas: quantity(txn["gas_limit"]!),
    ...(type < 2 ? {} : { maxFeePerGas: quantity(maxFee), maxPriorityFeePerGas: quantity(tip) }),
    to: txn["is_contract_creation"] ? null : txn["to"],
    value: txn["value"],
    ...(type === 0 ? {} : { accessList }),
    ...(type === 3
      ? { blobVersionedHashes: txn["blob_versioned_hashes"], maxFeePerBlobGas: txn["max_fee_per_blob_gas"] }
      : {}),
    ...(type === 4 ? { authorizationList } : {}),
    input: txn["data"],
    r: txn["r"],
    s: txn["s"],
    ...(type === 0 ? {} : { yParity: quantity(yParity) }),
    v: quantity(v),
    hash: txn["txn_hash"],
    blockHash: header["hash"],
    blockNumber: header["number"],
    transactionIndex: quantity(txn["txn_index"]!),
    from: txn["sender"],
    ...(type < 2 ? {} : { gasPrice: quantity(paid) }),
    blockTimestamp: header["timestamp"],
  };
}
