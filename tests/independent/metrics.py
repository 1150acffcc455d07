"""All metrics at once (protocol section 8), from the frames of a client that was there from a node's first event on.

Reads one frame a line on stdin; prints lines of a metric's name and what a computation beside this file says of it.
Nothing but the standard library.
"""

import json
import sys

sys.dont_write_bytecode = True  # the tests leave nothing in the repository

from contention import ContentionData  # noqa: E402
from top_accesses import TopAccesses  # noqa: E402
from top_accesses_due import TopAccessesDue  # noqa: E402
from tps import Tps  # noqa: E402

computations = [Tps(), ContentionData(), TopAccesses(), TopAccessesDue()]
for frame in map(json.loads, sys.stdin):
    for computation in computations:
        for line in computation.take(frame):
            print(type(computation).__name__, line)
