"""Holds every TopAccesses frame (protocol 8.3) against exact counts, from the frames of a client, one a line on stdin.

A Space-Saving sketch of capacity c counts up to c keys exactly. Of more it counts each key that it lists between its
true count and n/c more after n accesses, and no key above what it lists last is missing. Prints "ok KIND KEYS ACCESSES"
for each list, or what is wrong. Nothing but the standard library. Counting begins anew with a ring and goes on behind any
other gap (10.2): what was seen was accessed. The stream must be shorter than the five minutes after which it restarts.
"""

import json
import sys
from collections import Counter

CAPACITY = 1000
LISTED = 10

def key_of(row):
    return tuple(row["key"]) if isinstance(row["key"], list) else row["key"]


def fault(counts, rows):
    slack = sum(counts.values()) // CAPACITY if len(counts) > CAPACITY else 0
    listed = {key_of(row): row["count"] for row in rows}
    if len(listed) != min(LISTED, len(counts)) or list(listed.values()) != sorted(listed.values(), reverse=True):
        return f"{len(rows)} rows of {len(counts)} keys, or out of order"
    for key, count in listed.items():
        if not counts[key] <= count <= counts[key] + slack:
            return f"{key} is counted {count}, not {counts[key]}"
    least = min(listed.values(), default=0)
    missing = (key for key, count in counts.items() if count > least and key not in listed)
    return next((f"{key} with {counts[key]} is missing" for key in missing), None)


class TopAccesses:
    def __init__(self):
        self.exact = {"account": Counter(), "storage": Counter()}

    def take(self, frame):
        """Yields what is to be said of a frame of the client."""
        if frame.get("Warning", {}).get("reason") == "source_restarted":
            self.__init__()
        for event in frame.get("Events", []):
            payload = event["payload"]
            if event["event_name"] == "AccountAccess":
                self.exact["account"][payload["address"]] += 1
            if event["event_name"] == "StorageAccess":
                self.exact["storage"][payload["address"], payload["key"]] += 1
        for kind, rows in frame.get("TopAccesses", {}).items():
            counts = self.exact[kind]
            yield fault(counts, rows) or f"ok {kind} {len(counts)} {sum(counts.values())}"


if __name__ == "__main__":
    top_accesses = TopAccesses()
    for frame in map(json.loads, sys.stdin):
        for line in top_accesses.take(frame):
            print(line)
