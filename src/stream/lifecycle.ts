// Which blocks are on their way to finality and which have ended, from the log's Lifecycle entries: for snapshots, REST
// and for where a held subscription must begin to look. pump.ts moves it on; a few objects per block, none per event.

import {
  afterSeq,
  endsBlock,
  entryText,
  GAP_TYPE,
  isRestart,
  LIFECYCLE_TYPE,
  type Log,
  STAGE,
  TPS_TYPE,
  TYPE,
} from "./log.ts";
import { STAGES } from "./protocol.ts";

/** Finished blocks that REST shows. Source: protocol section 16. */
const MAX_FINISHED = 128;
/** Blocks that are followed at most; the oldest are given up, which no chain that finalizes anything sees. */
const MAX_ACTIVE = 4096;

/** What is known of one proposal. */
export interface Block {
  /** Ordinal of the block id. */
  readonly proposal: number;
  /** The block id. */
  readonly blockHash: string;
  /** The number that it has or would get. */
  readonly blockNumber: number;
  /** Entry that it begins with. */
  readonly first: number;
  /** Newest stage, as in STAGE. */
  stage: number;
  /** When each stage was reached, µs since 1970, by stage; 0 for stages that it did not have. */
  readonly reachedUs: number[];
  /** Entry by which each stage was reached, by stage; 0 before. */
  readonly reachedAt: number[];
  /** When its BlockEnd was recorded; 0 before. */
  endedUs: number;
  /** Entry that said so; Infinity before. */
  endedAt: number;
  /** From BlockStart. */
  txnCount: number;
  /** Once known. */
  gasUsed: number | undefined;
  /** Once known. */
  ethBlockHash: string | undefined;
  /** Its newest Lifecycle message, from behind the seq. */
  message: string;
}

/** All proposals of late. */
export class Lifecycle {
  readonly #log: Log;
  readonly #active = new Map<number, Block>();
  readonly #finished: Block[] = [];
  #open: Block | undefined;
  /** The next entry to be looked at. */
  next: number;

  /** Follows `log` from its oldest entry on. */
  constructor(log: Log) {
    this.#log = log;
    this.next = log.oldest;
  }

  /** Blocks that are neither Verified, Rejected nor Abandoned, by number and then by first seen. */
  active(): Block[] {
    return [...this.#active.values()].sort((a, b) => a.blockNumber - b.blockNumber || a.proposal - b.proposal);
  }

  /** The newest finished blocks, the newest first. */
  finished(): readonly Block[] {
    return this.#finished;
  }

  /** Number of the newest block with at least a stage, and its proposal; undefined before the first. */
  newestWith(stage: number): Block | undefined {
    let newest: Block | undefined;
    for (const block of [...this.#finished, ...this.#active.values()]) {
      const has = block.reachedAt[stage] !== 0 && block.stage <= STAGE.verified;
      if (has && (newest === undefined || block.blockNumber >= newest.blockNumber)) newest = block;
    }
    return newest;
  }

  /**
   * The first entry of the oldest block that at entry `at` has begun and is not decided for `minStage`; `at` if none.
   * A block whose first entry is not held any more is not delivered (protocol 7.3).
   */
  oldestUndecided(at: number, minStage: number): number {
    const undecided = this.#begun(at).filter((block) => !isDecided(block, at, minStage));
    return undecided.reduce((oldest, { first }) => Math.min(oldest, first), at);
  }

  /** The first entry of the newest block that has begun before entry `at`, whose transactions may go on there; `at` if none. */
  newestBegun(at: number): number {
    const begun = this.#begun(at).map(({ first }) => first);
    return begun.length === 0 ? at : begun.reduce((newest, first) => Math.max(newest, first));
  }

  /** Blocks that have begun before entry `at` and are held from their first entry on. */
  #begun(at: number): Block[] {
    const blocks = [...this.#finished, ...this.#active.values()];
    return blocks.filter(({ first }) => first < at && first >= this.#log.oldest);
  }

  /** Looks at everything new; `see` gets every metric entry. */
  advance(see: (entry: number, type: number) => void): void {
    const log = this.#log;
    for (; this.next < log.head; this.next++) {
      const type = log.type(this.next);
      if (type < TPS_TYPE) continue;
      if (type === LIFECYCLE_TYPE) this.#take(this.next);
      else if (type === GAP_TYPE) this.#cut(this.next);
      else see(this.next, type);
      if (this.#open !== undefined && endsBlock(log, this.next, type)) {
        [this.#open.endedUs, this.#open.endedAt] = [log.recordedUs(this.next), this.next];
        this.#open = undefined;
      }
    }
  }

  #take(entry: number): void {
    const log = this.#log;
    const stage = log.stage(entry);
    const proposal = log.proposal(entry);
    let block = this.#active.get(proposal);
    if (block === undefined) {
      block = this.#begin(entry, proposal);
      this.#open = stage === STAGE.proposed ? block : this.#open;
    }
    const at = log.keysAt(entry);
    const { keys } = log;
    block.stage = stage;
    block.reachedAt[stage] = entry;
    block.reachedUs[stage] = log.recordedUs(entry);
    block.txnCount = keys[at + 10]!;
    if ((keys[at + 11]! & 1) !== 0) block.gasUsed = keys[at + 12]! + keys[at + 13]! * 2 ** 32;
    if ((keys[at + 11]! & 2) !== 0) block.ethBlockHash = hexOf(keys, at + 14, 8);
    block.message = afterSeq(entryText(log, entry));
    if (stage >= STAGE.verified) this.#finish(block);
  }

  #begin(entry: number, proposal: number): Block {
    const log = this.#log;
    const isBehindStart = entry > log.oldest && log.type(entry - 1) === TYPE.blockStart &&
      log.proposal(entry - 1) === proposal;
    const block: Block = {
      proposal,
      blockHash: hexOf(log.keys, log.keysAt(entry), 8),
      blockNumber: log.blockNumber(entry),
      first: isBehindStart ? entry - 1 : entry,
      stage: STAGE.proposed,
      reachedUs: [0, 0, 0, 0, 0, 0, 0],
      reachedAt: [0, 0, 0, 0, 0, 0, 0],
      endedUs: 0,
      endedAt: Infinity,
      txnCount: 0,
      gasUsed: undefined,
      ethBlockHash: undefined,
      message: "",
    };
    this.#active.set(proposal, block);
    for (const oldest of this.#active.keys()) {
      if (this.#active.size <= MAX_ACTIVE) break;
      this.#active.delete(oldest);
    }
    return block;
  }

  #finish(block: Block): void {
    if (block === this.#open) this.#open = undefined;
    this.#active.delete(block.proposal);
    this.#finished.unshift(block);
    if (this.#finished.length > MAX_FINISHED) this.#finished.pop();
  }

  /** Half a block is forgotten; a new ring continues nothing (protocol 10.2). */
  #cut(entry: number): void {
    if (isRestart(this.#log, entry)) this.#active.clear();
    else if (this.#open !== undefined) this.#active.delete(this.#open.proposal);
    this.#open = undefined;
  }
}

/** Whether entries before `at` say that a block is delivered at `minStage`, or never will be (protocol 7.1, 7.3). */
function isDecided({ reachedAt, endedAt }: Block, at: number, minStage: number): boolean {
  const has = (from: number, to: number) => reachedAt.slice(from, to + 1).some((entry) => entry !== 0 && entry < at);
  return (endedAt < at && has(minStage, STAGE.verified)) || has(STAGE.rejected, STAGE.abandoned);
}

/** Words of keys as the hexadecimal text of their bytes. */
function hexOf(keys: Uint32Array, at: number, words: number): string {
  let text = "0x";
  for (let word = at; word < at + words; word++) {
    const value = keys[word]!;
    const swapped = ((value & 0xff) << 24 | (value & 0xff00) << 8 | value >>> 8 & 0xff00 | value >>> 24) >>> 0;
    text += swapped.toString(16).padStart(8, "0");
  }
  return text;
}

/** A block as REST shows it. Source: protocol section 16. */
export function lifecycleRecord(block: Block): Record<string, unknown> {
  const proposedUs = block.reachedUs[STAGE.proposed]!;
  const timings: Record<string, number> = {};
  for (let stage = STAGE.voted; stage <= STAGE.abandoned; stage++) {
    const reachedUs = block.reachedUs[stage]!;
    if (reachedUs !== 0) timings[STAGES[stage - 1]!] = msBetween(proposedUs, reachedUs);
  }
  const times = Object.values(timings);
  return {
    block_hash: block.blockHash,
    block_number: block.blockNumber,
    current_stage: STAGES[block.stage - 1],
    txn_count: block.txnCount,
    ...(block.gasUsed === undefined ? {} : { gas_used: block.gasUsed }),
    ...(block.ethBlockHash === undefined ? {} : { eth_block_hash: block.ethBlockHash }),
    stage_timings_ms: timings,
    ...(block.endedUs === 0 ? {} : { execution_time_ms: msBetween(proposedUs, block.endedUs) }),
    ...(times.length === 0 ? {} : { total_age_ms: Math.max(...times) }),
  };
}

function msBetween(fromUs: number, toUs: number): number {
  return Math.max(0, Math.round(toUs - fromUs) / 1000);
}
