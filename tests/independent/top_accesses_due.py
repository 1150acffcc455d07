"""When TopAccesses is told (protocol 8.3), from the frames of a client: the seq of each frame.

At the first BlockEnd of a ring, and at the first one whose time is a second or more away from that of the frame before,
in whichever direction a clock was set. Used by metrics.py; nothing but the standard library.
"""

SECOND_NS = 1_000_000_000
SLOT = 4


class TopAccessesDue:
    def __init__(self):
        self.told_ns = None

    def take(self, frame):
        """Yields what a frame of the client leads to."""
        if frame.get("Warning", {}).get("reason") == "source_restarted":
            self.told_ns = None
        for event in frame.get("Events", []):
            now = event["timestamp_ns"]
            is_due = self.told_ns is None or abs(now - self.told_ns) >= SECOND_NS
            if event["event_name"] == "BlockEnd" and is_due:
                self.told_ns = now
                # A frame that a metric follows ends with the event that caused it (3.4).
                yield frame["seq"] + SLOT
