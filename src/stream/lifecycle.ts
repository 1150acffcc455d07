// Which blocks are on their way to finality and which have ended, from the log's Lifecycle entries: for snapshots, REST
// and for where a held subscription must begin to look. pump.ts moves it on; a few objects per block, none per event.

import { Begun } from "./begun.ts";
import { afterSeq, endsBlock, entryText, GAP_TYPE, gapReason, LIFECYCLE_TYPE, type Log } from "./log.ts";
import { RESTARTED, STAGE, TPS_TYPE, TYPE } from "./log.ts";
import { STAGES } from "./protocol.ts";

/** Finished blocks that REST shows. Source: protocol section 16. */
const MAX_FINISHED = 128;
/** Undecided blocks that are followed although their start has left the window; the oldest are given up. */
const MAX_ACTIVE = 4096;
/** Stands behind all stages for begun.ts: nothing more will be heard of the block. */
const GIVEN_UP = 7;

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
  /** Its row in begun.ts. */
  readonly row: number;
  /** Newest stage, as in STAGE. */
  stage: number;
  /** When each stage was reached, µs since 1970, by stage; 0 for stages that it did not have. */
  readonly reachedUs: number[];
  /** Whether a gap may have swallowed what decided it. */
  isDoubtful: boolean;
  /** When its BlockEnd was recorded; 0 before. */
  endedUs: number;
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
  readonly #begun = new Begun();
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

  /** Blocks whose first entry is still held. */
  get begunCount(): number {
    return this.#begun.size;
  }

  /** The first entry of the oldest block that at entry `at` has begun and is not decided for `minStage`; `at` if none. */
  oldestUndecided(at: number, minStage: number): number {
    this.#begun.forget(this.#log.oldest);
    return this.#begun.oldestUndecided(at, minStage);
  }

  /** The first entry of the newest block that has begun before entry `at`, whose transactions may go on there; `at` if none. */
  newestBegun(at: number): number {
    this.#begun.forget(this.#log.oldest);
    return this.#begun.newestBefore(at);
  }

  /** Looks at everything new; `see` gets every metric entry. */
  advance(see: (entry: number, type: number) => void): void {
    const log = this.#log;
    this.#begun.forget(log.oldest);
    for (; this.next < log.head; this.next++) {
      const type = log.type(this.next);
      if (type < TPS_TYPE) {
        if (type === TYPE.blockFinalized || type === TYPE.blockVerified) this.#decide(this.next);
        if (type !== TYPE.blockEnd) continue;
      } else if (type === LIFECYCLE_TYPE) this.#take(this.next);
      else if (type === GAP_TYPE) this.#cut(this.next);
      else see(this.next, type);
      if (this.#open !== undefined && endsBlock(log, this.next, type)) {
        this.#open.endedUs = log.recordedUs(this.next);
        this.#begun.end(this.#open.row, this.next);
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
    block.reachedUs[stage] = log.recordedUs(entry);
    block.txnCount = keys[at + 10]!;
    if ((keys[at + 11]! & 1) !== 0) block.gasUsed = keys[at + 12]! + keys[at + 13]! * 2 ** 32;
    if ((keys[at + 11]! & 2) !== 0) block.ethBlockHash = hexOf(keys, at + 14, 8);
    block.message = afterSeq(entryText(log, entry));
    this.#begun.decide(block.row, stage, entry);
    if (stage >= STAGE.verified) this.#finish(block);
    this.#decide(entry);
  }

  /** Gives up the doubtful blocks below a number that is finalized or verified: theirs was in the gap, or never came. */
  #decide(entry: number): void {
    const stage = this.#log.stage(entry);
    if (stage !== STAGE.finalized && stage !== STAGE.verified) return;
    const blockNumber = this.#log.blockNumber(entry);
    for (const block of this.#active.values()) {
      if (block.isDoubtful && block.stage < stage && block.blockNumber < blockNumber) this.#giveUp(block, entry);
    }
  }

  #giveUp(block: Block, entry: number): void {
    this.#active.delete(block.proposal);
    this.#begun.decide(block.row, GIVEN_UP, entry);
  }

  #begin(entry: number, proposal: number): Block {
    const log = this.#log;
    const isBehindStart = entry > log.oldest && log.type(entry - 1) === TYPE.blockStart &&
      log.proposal(entry - 1) === proposal;
    const first = isBehindStart ? entry - 1 : entry;
    const block: Block = {
      proposal,
      blockHash: hexOf(log.keys, log.keysAt(entry), 8),
      blockNumber: log.blockNumber(entry),
      first,
      row: this.#begun.add(first),
      stage: STAGE.proposed,
      reachedUs: [0, 0, 0, 0, 0, 0, 0],
      isDoubtful: false,
      endedUs: 0,
      txnCount: 0,
      gasUsed: undefined,
      ethBlockHash: undefined,
      message: "",
    };
    this.#active.set(proposal, block);
    for (const oldest of this.#active.values()) {
      if (this.#active.size <= MAX_ACTIVE || oldest.first >= log.oldest) break;
      this.#active.delete(oldest.proposal);
    }
    return block;
  }

  #finish(block: Block): void {
    if (block === this.#open) this.#open = undefined;
    this.#active.delete(block.proposal);
    this.#finished.unshift(block);
    if (this.#finished.length > MAX_FINISHED) this.#finished.pop();
  }

  /** Half a block is forgotten, a new ring continues nothing, and what decides the others may be lost (protocol 10.2). */
  #cut(entry: number): void {
    const isRestart = gapReason(this.#log, entry) === RESTARTED;
    for (const block of this.#active.values()) {
      if (isRestart || block === this.#open) this.#giveUp(block, entry);
      else block.isDoubtful = true;
    }
    this.#open = undefined;
  }
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
