// The JSON-RPC methods that the socket answers (protocol 12.1). stream/json_rpc.ts has the envelopes, block_object.ts
// the blocks; session.ts hands requests over.

import { answerRequest, invalidParams, type RpcMethods } from "../stream/json_rpc.ts";
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

/** The answer to a request or batch as JSON text; undefined if none is due. */
export function answerRpc(request: unknown, gateway: Gateway): string | undefined {
  return answerRequest(request, methodsOf(gateway));
}

function methodsOf(gateway: Gateway): RpcMethods {
  return {
    eth_getBlockByNumber: (params) => {
      if (params.length === 0) return { number: quantity(gateway.source.status().blockNumber) };
      const [tag, isFull] = params;
      if (params.length !== 2 || typeof isFull !== "boolean" || typeof tag !== "string") {
        throw invalidParams("expected no params, or a tag or number in hexadecimal and a boolean");
      }
      const block = findBlock(gateway, tag);
      return block === undefined ? null : blockObject(gateway.log, block.first, isFull) ?? null;
    },
  };
}

/** The block that a tag or number names: of several proposals the one that came furthest, then the newest. */
function findBlock({ lifecycle }: Gateway, tag: string): Block | undefined {
  const stage = STAGE_OF_TAG[tag];
  const isNumber = /^0x(0|[1-9a-f][0-9a-f]{0,15})$/i.test(tag);
  if (stage === undefined && !isNumber && tag !== "earliest") {
    throw invalidParams(`${JSON.stringify(tag.slice(0, 64))} is neither a number in hexadecimal nor a tag`);
  }
  const blocks = [...lifecycle.finished(), ...lifecycle.active()].filter((block) => {
    return block.endedUs !== 0 && block.stage <= STAGE.verified;
  });
  const number = Number(tag);
  const candidates = blocks.filter((block) => stage === undefined ? block.blockNumber === number : block.stage >= stage);
  const rank = (block: Block) => stage === undefined ? block.stage : block.blockNumber;
  candidates.sort((a, b) => rank(b) - rank(a) || b.proposal - a.proposal);
  return candidates[0];
}
