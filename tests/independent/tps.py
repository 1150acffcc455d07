"""TPS in the order in which it is told (protocol 8.1), from the frames of a client, one a line on stdin.

Prints one number a line; uses nothing but the standard library. What ended before a gap counts towards nothing behind it
(10.2). Two seconds without a block are those of the gateway's clock, which no event tells: that TPS falls is taken from
the frames, once for every TPS above 0; but where a ring ends it must have fallen.
"""

import json
import sys

SECOND_NS = 1_000_000_000
TIMER_SLOT = 15
ended = []  # (block number, time of BlockEnd in ns, transactions), in order
txn_count = None  # of the open block
told = 0


def tell(tps):
    global told
    told = tps
    print(tps)


def fall():
    if told > 0:
        tell(0)


def rate():
    number, now, _ = ended[-1]
    before = [index for index, (_, then, _) in enumerate(ended) if now - then >= SECOND_NS]
    if not before:
        return 0
    window = ended[before[-1] + 1 :]
    last = {number: txns for number, _, txns in window}
    span_ns = now - ended[before[-1]][1]
    return (2 * SECOND_NS * sum(last.values()) + span_ns) // (2 * span_ns)


for frame in map(json.loads, sys.stdin):
    if frame.get("TPS") is not None and frame["seq"] % 16 == TIMER_SLOT:
        fall()
    warning = frame.get("Warning", {})
    if warning.get("type") == "gap":
        ended, txn_count = [], None
        if warning["reason"] == "source_restarted":
            fall()
    for event in frame.get("Events", []):
        if event["event_name"] == "BlockStart":
            txn_count = event["payload"]["txn_count"]
        elif event["event_name"] == "BlockEnd" and txn_count is not None:
            ended.append((event["block_number"], event["timestamp_ns"], txn_count))
            txn_count = None
            tell(rate())
