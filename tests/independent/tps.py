"""TPS in the order in which it is told (protocol 8.1), from the frames of a client, one a line on stdin.

Prints one number a line; uses nothing but the standard library. What ended before a gap counts towards nothing behind
it (10.2). Two seconds without a block are those of the gateway's clock, which no event tells: that TPS falls is taken
from the frames, once for every TPS above 0; but where a ring ends it must have fallen.
"""

import json
import sys

SECOND_NS = 1_000_000_000
TIMER_SLOT = 15


def rate(ended):
    """Of blocks in the order of their ends: (number, time of BlockEnd in ns, transactions)."""
    now = ended[-1][1]
    before = [index for index, (_, then, _) in enumerate(ended) if now - then >= SECOND_NS]
    if not before:
        return 0
    last = {number: txn_count for number, _, txn_count in ended[before[-1] + 1 :]}
    span_ns = now - ended[before[-1]][1]
    return (2 * SECOND_NS * sum(last.values()) + span_ns) // (2 * span_ns)


class Tps:
    def __init__(self):
        self.ended = []
        self.txn_count = None  # of the open block
        self.told = 0

    def take(self, frame):
        """Yields what a frame of the client leads to."""
        warning = frame.get("Warning", {})
        if warning.get("type") == "gap":
            self.ended, self.txn_count = [], None
        is_fall = "TPS" in frame and frame["seq"] % 16 == TIMER_SLOT
        if self.told > 0 and (is_fall or warning.get("reason") == "source_restarted"):
            self.told = 0
            yield self.told
        for event in frame.get("Events", []):
            if event["event_name"] == "BlockStart":
                self.txn_count = event["payload"]["txn_count"]
            elif event["event_name"] == "BlockEnd" and self.txn_count is not None:
                self.ended.append((event["block_number"], event["timestamp_ns"], self.txn_count))
                self.txn_count = None
                self.told = rate(self.ended)
                yield self.told


if __name__ == "__main__":
    tps = Tps()
    for frame in map(json.loads, sys.stdin):
        for line in tps.take(frame):
            print(line)
