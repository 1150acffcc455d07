"""A client written with Python's websockets: `smoke.py ws://HOST:PORT/v1/ws` prints as JSON what it got, step by step.

tests/e2e/smoke_test.ts judges it; tests/e2e/smoke_page.ts does the same in a browser.
"""

import json
import sys

from websockets.sync.client import connect

PATIENCE = 30  # seconds; far above anything that works
FILTER = {"event_name": "TxnHeaderStart", "field_filters": [{"field": "txn_index", "filter": {"min": 1, "max": 1}}]}


def take(client, is_enough):
    """Takes frames until they are enough."""
    frames = []
    while not is_enough(frames):
        frames.append(json.loads(client.recv(timeout=PATIENCE)))
    return frames


def of_blocks(count):
    """Whether frames have events of so many blocks."""
    return lambda frames: len({one["block_number"] for frame in frames for one in frame.get("Events", [])}) >= count


def ends_with(key):
    """Whether the last frame has a key."""
    return lambda frames: frames != [] and key in frames[-1]


def send_in_pieces(client, message):
    """Sends a text as fragments of 7 bytes, which end in the middle of characters."""
    data = json.dumps(message, ensure_ascii=False).encode()
    pieces = [data[at : at + 7] for at in range(0, len(data), 7)]
    for index, piece in enumerate(pieces):
        with client.send_context():
            send = client.protocol.send_text if index == 0 else client.protocol.send_continuation
            send(piece, fin=index == len(pieces) - 1)


with connect(sys.argv[1]) as client:
    said = {}
    send_in_pieces(client, {"subscribe": {"events": ["BlockStart", "TxnLog", "BlockEnd"], "id": "größte €-Summe 𝄞𝄞𝄞"}})
    said["first"] = take(client, of_blocks(3))
    client.send(json.dumps({"subscribe": {"events": ["TxnHeaderStart"], "filters": [FILTER], "id": 2}}))
    said["switch"] = take(client, ends_with("Subscribed"))
    said["filtered"] = take(client, of_blocks(3))
    client.send('{"subscribe":')
    said["refused"] = take(client, ends_with("Error"))
    said["after"] = take(client, of_blocks(3))
    said["ponged"] = client.ping(b"are you there?").wait(PATIENCE)
    client.close(1000)
    said["closed"] = client.close_code
print(json.dumps(said))
