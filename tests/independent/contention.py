"""ContentionData after every BlockEnd (protocol 8.2), from the frames of a client, one a line on stdin.

Prints one JSON object a line; uses nothing but the standard library. Of a block that a gap cuts there is none (10.2).
"""

import json
import sys
from collections import defaultdict
from itertools import combinations


def ratio(part, whole):
    """With 4 decimals, halves away from zero."""
    return (20_000 * part + whole) // (2 * whole) / 10_000 if whole else 0


class Block:
    def __init__(self, start):
        self.start = start
        self.headers = {}
        self.txn_ns = 0
        self.by_slot = defaultdict(list)  # (address, slot): [(transaction, is modified)]

    def take(self, event):
        payload, now = event["payload"], event["timestamp_ns"]
        if event["event_name"] == "TxnHeaderStart":
            self.headers[event["txn_idx"]] = now
        elif event["event_name"] == "TxnEnd":
            self.txn_ns += max(0, now - self.headers.pop(event["txn_idx"]))
        elif event["event_name"] == "StorageAccess" and "txn_idx" in event and not payload["transient"]:
            self.by_slot[payload["address"], payload["key"]].append((event["txn_idx"], payload["modified"]))

    def report(self, end):
        # A clock that was set back meanwhile makes no time less than none.
        wall_ns = max(0, end["timestamp_ns"] - self.start["timestamp_ns"])
        txns = {slot: {txn for txn, _ in accesses} for slot, accesses in self.by_slot.items()}
        contended = {slot: accesses for slot, accesses in self.by_slot.items() if len(txns[slot]) > 1}
        contracts = defaultdict(list)
        touched = defaultdict(set)
        for address, slot in self.by_slot:
            contracts[address].append((address, slot))
            touched[address] |= txns[address, slot]
        hot = []
        for address, slots in contracts.items():
            contested = sum(slot in contended for slot in slots)
            if contested:
                hot.append({
                    "address": address,
                    "total_slots": len(slots),
                    "contended_slots": contested,
                    "total_accesses": sum(len(self.by_slot[slot]) for slot in slots),
                    "contention_score": ratio(contested, len(slots)),
                })
        by_txn = defaultdict(set)
        for address, txns_of_it in touched.items():
            for txn in txns_of_it:
                by_txn[txn].add(address)
        shared = defaultdict(int)
        for addresses in by_txn.values():
            for pair in combinations(sorted(addresses), 2):
                shared[pair] += 1
        slots = [
            {"address": slot[0], "slot": slot[1], "txn_count": len(txns[slot]), "access_count": len(accesses)}
            for slot, accesses in contended.items()
        ]
        edges = [{"contract_a": a, "contract_b": b, "shared_txn_count": n} for (a, b), n in shared.items()]
        return {
            "block_number": end["block_number"],
            "block_wall_time_ns": wall_ns,
            "total_tx_time_ns": self.txn_ns,
            "parallel_efficiency_pct": ratio(100 * max(0, self.txn_ns - wall_ns), self.txn_ns),
            "total_unique_slots": len(self.by_slot),
            "contended_slot_count": len(contended),
            "contention_ratio": ratio(len(contended), len(self.by_slot)),
            "total_txn_count": self.start["payload"]["txn_count"],
            "top_contended_slots": sorted(slots, key=lambda row: (-row["txn_count"], row["address"], row["slot"]))[:20],
            "top_contended_contracts": sorted(hot, key=lambda row: (-row["contended_slots"], row["address"]))[:15],
            "contract_edges": sorted(
                edges, key=lambda row: (-row["shared_txn_count"], row["contract_a"], row["contract_b"])
            )[:15],
            "write_contended_slot_count": sum(
                any(is_modified for _, is_modified in accesses) for accesses in contended.values()
            ),
        }


class ContentionData:
    def __init__(self):
        self.block = None

    def take(self, frame):
        """Yields what a frame of the client leads to."""
        if frame.get("Warning", {}).get("type") == "gap":
            self.block = None
        for event in frame.get("Events", []):
            if event["event_name"] == "BlockStart":
                self.block = Block(event)
            elif self.block is None:
                continue  # the client came in the middle of it, or the event is of no block
            elif event["event_name"] == "BlockEnd":
                yield json.dumps(self.block.report(event))
                self.block = None
            else:
                self.block.take(event)


if __name__ == "__main__":
    contention = ContentionData()
    for frame in map(json.loads, sys.stdin):
        for line in contention.take(frame):
            print(line)
