// What min_stage holds back: entry numbers by proposal, until its block has ended and has the stage (protocol section 7).
// Used by matcher.ts; costs a number per held entry and no copy of anything.

import { endsBlock, GAP_TYPE, isRestart, LIFECYCLE_TYPE, type Log, STAGE, TYPE } from "./log.ts";

/** Most proposals whose release is remembered; a node has a handful in the air, and they are decided in order. */
const MAX_REMEMBERED = 4096;

/** What became of an entry. */
export type Held =
  | "held" // until its proposal has the stage, or for ever
  | "free" // it is delivered like any other
  | "release"; // its proposal has ended and has the stage now: `take` gives what was held

/** Entries that wait for a stage. */
export class Hold {
  readonly #log: Log;
  readonly #minStage: number;
  readonly #held = new Map<number, number[]>();
  readonly #released = new Set<number>();
  /** Proposals that were rejected or abandoned before they had the stage. */
  readonly #dead = new Set<number>();
  /** Proposal of the block between its start and its end; 0 outside. */
  #open = 0;
  /** Its stage, and behind its end that which it ended with, by Lifecycle entries: its own have the one it began with. */
  #openStage = 0;

  /** Holds entries of `log` until their proposals have `minStage`. */
  constructor(log: Log, minStage: number) {
    this.#log = log;
    this.#minStage = minStage;
  }

  /** Looks at every entry, wanted or not, and says what becomes of it. */
  look(entry: number, type: number): Held {
    const log = this.#log;
    if (type === GAP_TYPE) {
      this.#cut(isRestart(log, entry));
      return "free";
    }
    if (endsBlock(log, entry, type)) this.#open = 0;
    const proposal = log.proposal(entry);
    if (proposal === 0) return "free";
    if (type === LIFECYCLE_TYPE) return this.#lifecycle(proposal, log.stage(entry));
    if (type === TYPE.blockStart) this.#begin(proposal);
    if (this.#released.has(proposal)) return "free";
    return this.#isDecisive(type, proposal) && this.#isReached(entry, proposal) ? "release" : "held";
  }

  /** Keeps an entry that is wanted and held. */
  keep(entry: number): void {
    const proposal = this.#log.proposal(entry);
    if (this.#dead.has(proposal)) return;
    const held = this.#held.get(proposal);
    if (held !== undefined) held.push(entry);
    else if (proposal !== this.#open && isConsensus(this.#log.type(entry))) this.#held.set(proposal, [entry]);
  }

  /** Whether the entry's proposal was released before. */
  isReleased(entry: number): boolean {
    return this.#released.has(this.#log.proposal(entry));
  }

  /** The stage that the entry's proposal has at a release by it. */
  stageAt(entry: number): number {
    const stage = this.#log.stage(entry);
    return this.#log.type(entry) === TYPE.blockEnd ? Math.max(stage, this.#openStage) : stage;
  }

  /** What was held of the entry's proposal, in ring order; from here on its entries are free. */
  take(entry: number): number[] {
    const proposal = this.#log.proposal(entry);
    const held = this.#held.get(proposal) ?? [];
    this.#held.delete(proposal);
    remember(this.#released, proposal);
    return held.sort((a, b) => a - b);
  }

  /** Takes what fell out of the window, of each proposal the entries that were held; the oldest comes first. */
  takeLost(): number[][] {
    const { oldest } = this.#log;
    const lost: number[][] = [];
    for (const [proposal, held] of this.#held) {
      if (held.length === 0 || held[0]! >= oldest) continue;
      this.#held.delete(proposal);
      lost.push(held);
    }
    return lost;
  }

  /** Whether an entry of this type can release its proposal, if that has the stage: nothing can while it is executed. */
  #isDecisive(type: number, proposal: number): boolean {
    // A block whose start is not in the window is not delivered (protocol 7.3).
    if (type === TYPE.blockEnd) return this.#held.has(proposal);
    return isConsensus(type) && proposal !== this.#open;
  }

  #isReached(entry: number, proposal: number): boolean {
    const stage = this.stageAt(entry);
    return stage >= this.#minStage && stage <= STAGE.verified && !this.#dead.has(proposal);
  }

  /** What was released of a proposal before it is executed were its votes alone: the block itself is held. */
  #begin(proposal: number): void {
    [this.#open, this.#openStage] = [proposal, STAGE.proposed];
    this.#released.delete(proposal);
    if (!this.#held.has(proposal)) this.#held.set(proposal, []);
  }

  #lifecycle(proposal: number, stage: number): Held {
    if (stage === STAGE.proposed) this.#begin(proposal);
    if (proposal === this.#open) this.#openStage = stage;
    if (stage !== STAGE.rejected && stage !== STAGE.abandoned) return "free";
    this.#held.delete(proposal);
    if (!this.#released.has(proposal)) remember(this.#dead, proposal);
    if (proposal === this.#open) this.#open = 0;
    return "free";
  }

  /** Half a block is no block; and another ring continues none. */
  #cut(isRestart: boolean): void {
    if (isRestart) this.#held.clear();
    else this.#held.delete(this.#open);
    this.#open = 0;
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
