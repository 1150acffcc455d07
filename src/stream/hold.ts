// What min_stage holds back: entry numbers by proposal, until its block has ended and has the stage (protocol section 7),
// and what becomes lost meanwhile. Used by matcher.ts; costs a number per held entry and no copy of anything.

import { endsBlock, GAP_TYPE, gapReason, LIFECYCLE_TYPE, type Log, RESTARTED, STAGE, TYPE } from "./log.ts";
import type { Loss } from "./loss.ts";

/** Most proposals whose release is remembered; a node has a handful in the air, and they are decided in order. */
const MAX_REMEMBERED = 4096;

/** What became of an entry. */
export type Fate =
  | "held" // until its proposal has the stage, or for ever
  | "free" // it is delivered like any other
  | "release"; // its proposal has ended and has the stage now: `take` gives what was held

/** What waits of one proposal. */
interface Held {
  readonly blockNumber: number;
  /** In the order in which they were kept. */
  readonly entries: number[];
  /** The smallest of them; Infinity without one. */
  first: number;
  /** Newest stage, as in STAGE. */
  stage: number;
  /** Why events may be missing that decided it; undefined if none are. */
  doubt: string | undefined;
  /** Whether the window has lost some of it, so that the rest is lost as well. */
  isDoomed: boolean;
}

/** Entries that wait for a stage. */
export class Hold {
  readonly #log: Log;
  readonly #minStage: number;
  readonly #held = new Map<number, Held>();
  readonly #released = new Set<number>();
  /** Proposals that were rejected or abandoned before they had the stage. */
  readonly #dead = new Set<number>();
  /** Proposal of the block between its start and its end; 0 outside. */
  #open = 0;
  /** What became lost and was not taken yet. */
  #losses: Loss[] = [];

  /** Holds entries of `log` until their proposals have `minStage`. */
  constructor(log: Log, minStage: number) {
    this.#log = log;
    this.#minStage = minStage;
  }

  /** Looks at every entry, wanted or not, and says what becomes of it. */
  look(entry: number, type: number): Fate {
    const log = this.#log;
    if (type === GAP_TYPE) {
      this.#cut(gapReason(log, entry));
      return "free";
    }
    if (endsBlock(log, entry, type)) this.#close(type);
    const proposal = log.proposal(entry);
    if (proposal === 0) return "free";
    if (type === LIFECYCLE_TYPE) {
      this.#lifecycle(entry, proposal);
      return "free";
    }
    if (type === TYPE.blockStart) this.#begin(entry, proposal);
    else if (isConsensus(type)) this.#advance(proposal, log.blockNumber(entry), log.stage(entry));
    if (this.#released.has(proposal)) return "free";
    return this.#isDecisive(type, proposal) && this.#isReached(entry, proposal) ? "release" : "held";
  }

  /** Keeps an entry that is wanted and held. */
  keep(entry: number): void {
    const log = this.#log;
    const proposal = log.proposal(entry);
    if (this.#dead.has(proposal)) return;
    const isOutside = isConsensus(log.type(entry)) && proposal !== this.#open;
    const held = this.#held.get(proposal) ?? (isOutside ? this.#add(entry, proposal) : this.#doom(entry, proposal));
    held.entries.push(entry);
    held.first = Math.min(held.first, entry);
  }

  /** Whether the entry's proposal was released before. */
  isReleased(entry: number): boolean {
    return this.#released.has(this.#log.proposal(entry));
  }

  /** The stage that the entry's proposal has at a release by it: entries of a block have the one that it began with. */
  stageAt(entry: number): number {
    const stage = this.#log.stage(entry);
    if (this.#log.type(entry) !== TYPE.blockEnd) return stage;
    return Math.max(stage, this.#held.get(this.#log.proposal(entry))?.stage ?? stage);
  }

  /** What was held of the entry's proposal, in ring order; from here on its entries are free. */
  take(entry: number): number[] {
    const proposal = this.#log.proposal(entry);
    const entries = this.#held.get(proposal)?.entries ?? [];
    this.#held.delete(proposal);
    remember(this.#released, proposal);
    return entries.sort((a, b) => a - b);
  }

  /** Gives up what will have left the window when it begins at entry `start`. */
  lose(start: number): void {
    const lost = [...this.#held].filter(([, { first }]) => first < start);
    for (const [proposal, held] of lost) {
      this.#lose([[proposal, held]], "window");
      // What still comes of the open block is lost with it, and counted when it has come.
      if (proposal === this.#open) this.#doom(held.first, proposal, held.blockNumber);
    }
  }

  /** What became lost since the last call. */
  takeLosses(): readonly Loss[] {
    const losses = this.#losses;
    if (losses.length > 0) this.#losses = [];
    return losses;
  }

  /** Whether an entry of this type can release its proposal, if that has the stage: nothing can while it is executed. */
  #isDecisive(type: number, proposal: number): boolean {
    if (isConsensus(type)) return proposal !== this.#open;
    // A block whose start is not in the window is not delivered (protocol 7.3).
    return type === TYPE.blockEnd && this.#held.get(proposal)?.isDoomed === false;
  }

  #isReached(entry: number, proposal: number): boolean {
    const stage = this.stageAt(entry);
    return stage >= this.#minStage && stage <= STAGE.verified && !this.#dead.has(proposal);
  }

  /** What was released of a proposal before it is executed were its votes alone: the block itself is held. */
  #begin(entry: number, proposal: number, blockNumber = this.#log.blockNumber(entry)): Held {
    this.#open = proposal;
    this.#released.delete(proposal);
    return this.#held.get(proposal) ?? this.#add(entry, proposal, blockNumber);
  }

  /** Takes that the window has lost the beginning of the open block. */
  #doom(entry: number, proposal: number, blockNumber = this.#log.blockNumber(entry)): Held {
    const held = this.#begin(entry, proposal, blockNumber);
    held.isDoomed = true;
    return held;
  }

  #add(entry: number, proposal: number, blockNumber = this.#log.blockNumber(entry)): Held {
    const stage = this.#log.stage(entry);
    const held: Held = { blockNumber, entries: [], first: Infinity, stage, doubt: undefined, isDoomed: false };
    this.#held.set(proposal, held);
    return held;
  }

  /** The open block has ended. What the window took of it is told behind its BlockEnd, which is lost as well. */
  #close(type: number): void {
    this.#open = 0;
    if (type === TYPE.blockEnd) return;
    const doomed = [...this.#held].filter(([, { isDoomed }]) => isDoomed);
    if (doomed.length > 0) this.#lose(doomed, "window");
  }

  #lifecycle(entry: number, proposal: number): void {
    const stage = this.#log.stage(entry);
    if (stage === STAGE.proposed) this.#begin(entry, proposal);
    if (stage <= STAGE.verified) return this.#advance(proposal, this.#log.blockNumber(entry), stage);
    if (proposal === this.#open) this.#close(LIFECYCLE_TYPE);
    this.#kill(proposal);
  }

  /** Takes that a proposal has come to a stage, which decides others: numbers are finalized and verified in order. */
  #advance(proposal: number, blockNumber: number, stage: number): void {
    const own = this.#held.get(proposal);
    if (own !== undefined) own.stage = Math.max(own.stage, stage);
    if (stage !== STAGE.finalized && stage !== STAGE.verified) return;
    const unknown = new Map<string, [number, Held][]>();
    for (const [other, held] of this.#held) {
      if (other === proposal || held.stage >= stage || held.blockNumber > blockNumber) continue;
      if (held.doubt === undefined || held.blockNumber === blockNumber) {
        if (held.stage < STAGE.finalized) this.#kill(other);
      } else unknown.set(held.doubt, [...unknown.get(held.doubt) ?? [], [other, held]]);
    }
    for (const [reason, lost] of unknown) this.#lose(lost, reason);
  }

  #kill(proposal: number): void {
    this.#held.delete(proposal);
    if (!this.#released.has(proposal)) remember(this.#dead, proposal);
  }

  /** Half a block is no block; another ring continues none; and what decided the others may be in the gap. */
  #cut(reason: string): void {
    const isLost = ([proposal]: [number, Held]) => reason === RESTARTED || proposal === this.#open;
    this.#lose([...this.#held].filter(isLost), reason);
    this.#open = 0;
    for (const held of this.#held.values()) held.doubt = reason;
  }

  #lose(lost: readonly (readonly [number, Held])[], reason: string): void {
    for (const [proposal] of lost) this.#held.delete(proposal);
    const entries = lost.flatMap(([, held]) => held.entries);
    if (entries.length > 0) this.#losses.push({ entries, reason });
  }
}

/** Votes and finality stand outside blocks; everything else of a proposal is inside. */
function isConsensus(type: number): boolean {
  return type >= TYPE.blockQc && type <= TYPE.blockVerified;
}

/** Adds a proposal; the oldest are forgotten. */
function remember(proposals: Set<number>, proposal: number): void {
  proposals.add(proposal);
  for (const oldest of proposals) {
    if (proposals.size <= MAX_REMEMBERED) break;
    proposals.delete(oldest);
  }
}
