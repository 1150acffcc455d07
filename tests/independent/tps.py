"""Transactions per second after every BlockEnd (protocol 8.1), from the frames of a client, one a line on stdin.

Prints one number a line; uses nothing but the standard library.
"""

import json
import sys

ended = []  # (block number, time of BlockEnd in ns), in order
transactions = {}

for event in (event for line in sys.stdin for event in json.loads(line).get("Events", [])):
    name = event["event_name"]
    if name == "BlockStart":
        transactions[event["block_id"]] = event["payload"]["txn_count"]
    if name != "BlockEnd":
        continue
    number, now = event["block_number"], event["timestamp_ns"]
    ended = [one for one in ended if one[0] != number] + [(number, now, transactions[event["block_id"]])]
    before = [index for index, one in enumerate(ended[:-1]) if now - one[1] >= 1_000_000_000]
    if not before:
        print(0)
        continue
    first = before[-1]
    total = sum(one[2] for one in ended[first + 1 :])
    seconds = (now - ended[first][1]) / 1e9
    print(int(total / seconds + 0.5))
