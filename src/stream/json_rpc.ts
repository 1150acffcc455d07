// JSON-RPC 2.0 on the stream's socket: envelopes in, one text of answers out (protocol 12.1).
// subscription.ts recognises the messages; serve/ gives the methods and sends the text.

import { escapeNonAscii, isObject } from "./json.ts";

/** Codes of errors. Source: jsonrpc.org, EIP-1474. */
export const ERROR_CODES = {
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  limitExceeded: -32005,
} as const;

/** Most requests of a batch. */
export const MAX_BATCH = 100;

/** Once the answers to a batch are this long, the rest of it is answered with limitExceeded. */
export const MAX_BATCH_ANSWER_CHARS = 1 << 20;

/** Why a method did not give a result. */
export interface RpcError {
  /** One of ERROR_CODES or the method's own. */
  readonly code: number;
  /** For people. */
  readonly message: string;
}

/** What a method gives. */
export type RpcOutcome =
  | { readonly result: unknown; readonly error?: undefined }
  | { readonly result?: undefined; readonly error: RpcError };

/** Serves one method; `params` is what the request says, an empty list if it says nothing. */
export type RpcMethod = (params: readonly unknown[] | Readonly<Record<string, unknown>>) => RpcOutcome;

/** The methods that are served, by name. */
export type RpcMethods = ReadonlyMap<string, RpcMethod>;

/** The outcome for params that a method does not take; `expected` says which it takes. */
export function invalidParams(expected: string): RpcOutcome {
  return failure("invalidParams", `Invalid params: ${expected}`);
}

/**
 * The answer to a request or a batch as one ASCII text, or undefined if it holds nothing but notifications. A notification
 * is served all the same.
 *
 * @param request Any JSON value.
 */
export function answerJsonRpc(request: unknown, methods: RpcMethods): string | undefined {
  if (!Array.isArray(request)) return answerOne(request, () => serve(request, methods));
  if (request.length === 0) return answer(null, failure("invalidRequest", "Invalid Request: the batch is empty"));
  if (request.length > MAX_BATCH) {
    const message = `Invalid Request: the batch holds ${request.length} requests, at most ${MAX_BATCH} are served`;
    return answer(null, failure("invalidRequest", message));
  }
  const answers: string[] = [];
  let chars = 0;
  for (const one of request) {
    const text = answerOne(one, () => {
      return chars < MAX_BATCH_ANSWER_CHARS ? serve(one, methods) : failure(
        "limitExceeded",
        "Limit exceeded: the batch's answers are too long; ask for this one again in a smaller batch",
      );
    });
    if (text === undefined) continue;
    answers.push(text);
    chars += text.length;
  }
  return answers.length === 0 ? undefined : `[${answers.join()}]`;
}

/** A notification has no id; whatever is no request at all is answered with id null. */
function answerOne(request: unknown, outcome: () => RpcOutcome): string | undefined {
  const fault = requestFault(request);
  if (fault !== undefined) {
    return answer(isObject(request) && isId(request["id"]) ? request["id"] : null, failure("invalidRequest", fault));
  }
  const { id } = request as { id?: string | number | null };
  const given = outcome();
  return id === undefined ? undefined : answer(id, given);
}

function serve(request: unknown, methods: RpcMethods): RpcOutcome {
  const { method: name, params = [] } = request as { method: string; params?: unknown };
  const method = methods.get(name);
  if (method === undefined) return failure("methodNotFound", "Method not found");
  if (!Array.isArray(params) && !isObject(params)) return invalidParams("params is a list or an object");
  return method(params);
}

/** Why this is no request, or undefined if it is one. */
function requestFault(request: unknown): string | undefined {
  if (!isObject(request)) return "Invalid Request: a request is an object";
  if (request["jsonrpc"] !== "2.0") return 'Invalid Request: jsonrpc is "2.0"';
  if (typeof request["method"] !== "string") return "Invalid Request: method is the name of a method";
  if (Object.hasOwn(request, "id") && !isId(request["id"])) {
    return "Invalid Request: id is a text, a number within 2^53 - 1, or null";
  }
  return undefined;
}

/** Ids that can be repeated as they came; a larger number would come back as another one. */
function isId(id: unknown): id is string | number | null {
  return id === null || typeof id === "string" || (typeof id === "number" && Math.abs(id) <= Number.MAX_SAFE_INTEGER);
}

function answer(id: string | number | null, { result, error }: RpcOutcome): string {
  const outcome = error === undefined ? { result: result ?? null } : { error };
  return escapeNonAscii(JSON.stringify({ jsonrpc: "2.0", ...outcome, id }));
}

function failure(kind: keyof typeof ERROR_CODES, message: string): RpcOutcome {
  return { error: { code: ERROR_CODES[kind], message } };
}
