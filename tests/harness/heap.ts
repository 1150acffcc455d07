// Heap snapshots of a gateway that was started with --inspect, taken over the inspector's own protocol.

import { deadline } from "./condition.ts";

/** What a heap snapshot holds: number of nodes, and how many strings begin like the text of an event. */
export interface Heap {
  readonly nodes: number;
  readonly eventTexts: number;
}

/** Takes a heap snapshot through the inspector that listens on this port. */
export async function takeHeap(port: number): Promise<Heap> {
  const targets = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  const socket = new WebSocket(targets[0].webSocketDebuggerUrl);
  const chunks: string[] = [];
  let isDone = false;
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.method === "HeapProfiler.addHeapSnapshotChunk") chunks.push(message.params.chunk);
    if (message.id === 1) isDone = true;
  };
  await deadline("the inspector answers", () => socket.readyState === WebSocket.OPEN);
  socket.send(JSON.stringify({ id: 1, method: "HeapProfiler.takeHeapSnapshot", params: { reportProgress: false } }));
  await deadline("the heap snapshot is complete", () => isDone);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
  const snapshot = JSON.parse(chunks.join(""));
  const strings: string[] = snapshot.strings;
  return {
    nodes: snapshot.snapshot.node_count,
    eventTexts: strings.filter((text) => text.startsWith('{"event_name"')).length,
  };
}
