// The JSON-RPC methods that the socket answers (protocol 12.1). stream/json_rpc.ts has the envelopes, block_object.ts
// the blocks; session.ts hands requests over.

import { answerJsonRpc, invalidParams, type RpcMethod, type RpcMethods, type RpcOutcome } from "../stream/json_rpc.ts";
import type { Block } from "../stream/lifecycle.ts";
import { STAGE } from "../stream/log.ts";
import { blockObject, quantity } from "./block_object.ts";
import type { Gateway } from "./gateway.ts";

/** The least stage of a block that a tag names. Source: monad-facts §2.2. */
const STAGE_OF_TAG: Readonly<Record<string, number>> = {
  latest: STAGE.proposed,
  pending: STAGE.proposed,
  safe: STAGE.voted,
  finalized: STAGE.finalized,
};

/** A number or a tag of a block. The earliest block is never held, and answered like any other that is not. */
const TAG = /^(0x(0|[1-9a-f][0-9a-f]{0,15})|latest|pending|safe|finalized|earliest)$/i;
const EXPECTED = "none, or a block's tag or number in hexadecimal and whether its transactions are objects (boolean)";

/** The answer to a request or batch as JSON text; undefined if none is due. */
export function answerRpc(request: unknown, gateway: Gateway): string | undefined {
  return answerJsonRpc(request, methodsOf(gateway));
}

function methodsOf(gateway: Gateway): RpcMethods {
  return new Map([["eth_getBlockByNumber", (params) => getBlockByNumber(gateway, params)]]);
}

function getBlockByNumber(gateway: Gateway, params: Parameters<RpcMethod>[0]): RpcOutcome {
  if (!Array.isArray(params)) return invalidParams(EXPECTED);
  if (params.length === 0) return { result: { number: quantity(gateway.source.status().blockNumber) } };
  const [tag, isFull] = params;
  if (params.length !== 2 || typeof isFull !== "boolean" || typeof tag !== "string" || !TAG.test(tag)) {
    return invalidParams(EXPECTED);
  }
  const block = findBlock(gateway, tag);
  return { result: block === undefined ? null : blockObject(gateway.log, block.first, isFull) ?? null };
}

/** The block that a tag or number names: of several proposals the one that came furthest, then the newest. */
function findBlock({ lifecycle }: Gateway, tag: string): Block | undefined {
  const stage = STAGE_OF_TAG[tag];
  const blocks = [...lifecycle.finished(), ...lifecycle.active()].filter((block) => {
    return block.endedUs !== 0 && block.stage <= STAGE.verified;
  });
  const number = Number(tag);
  const candidates = blocks.filter((block) =>
    stage === undefined ? block.blockNumber === number : block.stage >= stage
  );
  const rank = (block: Block) => stage === undefined ? block.stage : block.blockNumber;
  candidates.sort((a, b) => rank(b) - rank(a) || b.proposal - a.proposal);
  return candidates[0];
}
