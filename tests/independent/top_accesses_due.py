"""When TopAccesses is told (protocol 8.3), from the frames of a client, one a line on stdin: prints the seq of each frame.

At the first BlockEnd of a ring, and at the first one whose time is a second or more away from that of the frame before.
Nothing but the standard library.
"""

import json
import sys

SLOT = 4
told = None
is_open = False

for frame in map(json.loads, sys.stdin):
    warning = frame.get("Warning", {})
    if warning.get("type") == "gap":
        is_open = False
        told = None if warning["reason"] == "source_restarted" else told
    for event in frame.get("Events", []):
        if event["event_name"] == "BlockStart":
            is_open = True
        elif event["event_name"] == "BlockEnd" and is_open:
            is_open = False
            now = event["timestamp_ns"]
            if told is None or abs(now - told) >= 1_000_000_000:
                told = now
                # A frame that a metric follows ends with the event that caused it (3.4).
                print(frame["seq"] + SLOT)
