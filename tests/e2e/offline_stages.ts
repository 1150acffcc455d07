// What min_stage holds back and when it comes, computed from the parsed events and gaps of a firehose (protocol section 7,
// 10.2); the second half of offline.ts. No code of the gateway's is used.

import type { AnyEvent } from "../harness/client.ts";
import { endsBlock, type Numbered, order, type Piece } from "./offline.ts";

const STAGES = ["Proposed", "Voted", "Finalized", "Verified"];
const CONSENSUS = ["BlockQC", "BlockFinalized", "BlockVerified"];

/** Blocks come when they have the stage, and those that lost before never. */
export function holdBack(everything: readonly Numbered[], pieces: readonly Piece[][], asked: AnyEvent): Piece[] {
  const least = STAGES.indexOf(asked.min_stage ?? "Proposed");
  const finish = (piece: Piece, stage?: string): Piece => ({
    ...piece,
    events: piece.events.map((event) => present(event, asked.block_ids === true, stage)),
  });
  if (least === 0) return pieces.flat().map((piece) => finish(piece));
  const blocks = new Blocks();
  return everything.flatMap(({ seq, event, gap }, i) => {
    const own = pieces[i]!;
    if (gap !== undefined) blocks.cut(gap.reason === "source_restarted");
    const id = event?.block_id;
    if (id === undefined) return own.map((piece) => finish(piece));
    const held = blocks.see(event);
    if (held === "released") return own.map((piece) => finish(piece));
    held?.push(...own.flatMap(({ seq, events }) => events.map((event) => ({ seq, event }))));
    const stage = blocks.stageOf(id);
    const isDecisive = CONSENSUS.includes(event.event_name) || event.event_name === "BlockEnd";
    if (held === undefined || !isDecisive || blocks.open === id || stage < least) return [];
    const votes = blocks.release(id) ? {} : { votes: held.map((one) => one.seq) };
    const events = held.map((one) => one.event).sort((a, b) => order(a) - order(b));
    return [finish({ seq, events, ...votes }, STAGES[stage])];
  });
}

/** The blocks of one ring, as the events tell of them. */
class Blocks {
  readonly #held = new Map<string, Numbered[]>();
  /** Blocks that have begun and were not cut. */
  readonly #begun = new Set<string>();
  readonly #released = new Set<string>();
  readonly #lost = new Set<string>();
  /** Number of each block that was neither finalized nor lost. */
  readonly #undecided = new Map<string, number>();
  readonly #stages = new Map<string, number>();
  /** The block between its start and its end. */
  open: string | undefined;
  #newestFinalized = -1;

  /** Half a block is no block, and another ring continues none. */
  cut(isRestart: boolean): void {
    if (this.open !== undefined) {
      this.#held.delete(this.open);
      this.#begun.delete(this.open);
    }
    this.open = undefined;
    if (!isRestart) return;
    for (const kept of [this.#held, this.#begun, this.#released, this.#lost, this.#undecided, this.#stages]) {
      kept.clear();
    }
    this.#newestFinalized = -1;
  }

  /** Takes an event of a block: what was held of the block, if this event may be too; whether it was released. */
  see(event: AnyEvent): Numbered[] | "released" | undefined {
    const { event_name, block_id: id, block_number, commit_stage } = event;
    const isConsensus = CONSENSUS.includes(event_name);
    this.#stages.set(id, Math.max(this.stageOf(id), STAGES.indexOf(commit_stage)));
    if (event_name === "BlockStart") {
      this.open = id;
      this.#begun.add(id);
      // What was released before its execution were its votes alone.
      this.#released.delete(id);
    }
    if (endsBlock(event)) this.open = undefined;
    if (isConsensus || event_name === "BlockStart") {
      if (!this.#held.has(id)) this.#held.set(id, []);
      if (!["Finalized", "Verified"].includes(commit_stage)) this.#undecided.set(id, block_number);
    }
    if (event_name === "BlockFinalized") {
      this.#undecided.delete(id);
      this.#newestFinalized = Math.max(this.#newestFinalized, block_number);
    }
    for (const [other, number] of this.#undecided) if (number <= this.#newestFinalized) this.#lose(other);
    if (commit_stage === "Rejected") this.#lose(id);
    if (this.#released.has(id)) return "released";
    return this.#lost.has(id) ? undefined : this.#held.get(id);
  }

  /** The highest stage that a block had, as an index of STAGES. */
  stageOf(id: string): number {
    return this.#stages.get(id) ?? -1;
  }

  /** Notes that a block is released; whether its start is in the stream. */
  release(id: string): boolean {
    this.#released.add(id);
    this.#held.delete(id);
    return this.#begun.has(id);
  }

  #lose(id: string): void {
    this.#undecided.delete(id);
    this.#held.delete(id);
    this.#lost.add(id);
  }
}

/** An event as the subscription gets it. */
function present(event: AnyEvent, withBlockId: boolean, stage?: string): AnyEvent {
  const { block_id, ...rest } = event;
  const staged = stage === undefined ? rest : { ...rest, commit_stage: stage };
  return withBlockId && block_id !== undefined ? { ...staged, block_id } : staged;
}
