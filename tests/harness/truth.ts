// Reads the truth that node-sim writes: what each block contained, which id won, and when the node heard of it.

/** A proposal, as node-sim's truth has it. */
export interface Proposal {
  readonly block_number: number;
  readonly block_id: string;
  readonly first_seqno: number;
  readonly last_seqno: number;
  readonly events: Readonly<Record<string, number>>;
  readonly outcome: "ended" | "rejected" | "failed" | "cut";
  readonly winner: boolean | null;
  readonly ring: number;
}

/** A vote, finality or verification. */
export interface Consensus {
  readonly consensus: "BlockQC" | "BlockFinalized" | "BlockVerified";
  readonly ring: number;
  readonly seqno: number;
  readonly block_number: number;
  readonly block_id?: string;
}

/** The truth of one run. */
export interface Truth {
  readonly proposals: readonly Proposal[];
  readonly consensus: readonly Consensus[];
  readonly faults: readonly { readonly fault: string; readonly ring: number; readonly seqno: number }[];
}

/** Reads a truth file. */
export function readTruth(path: string): Truth {
  const lines = Deno.readTextFileSync(path).trimEnd().split("\n").map((line) => JSON.parse(line));
  return {
    proposals: lines.filter((line) => "outcome" in line),
    consensus: lines.filter((line) => "consensus" in line),
    faults: lines.filter((line) => "fault" in line),
  };
}
