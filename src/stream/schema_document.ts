// The whole protocol as one JSON Schema, served at /schema.json and kept in schema/stream.json (protocol section 16).
// Put together from schema.ts, which also parses, schema_events.ts and schema_frames.ts; scripts/schema.ts writes it.

import { clientDefinitions } from "./schema.ts";
import { payloadDefinitions } from "./schema_events.ts";
import { frameDefinitions } from "./schema_frames.ts";

/** The document, JSON Schema 2020-12: any message of either side; each kind has its own name in `$defs`. */
export function schemaDocument(): Readonly<Record<string, unknown>> {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "ringcast stream protocol, version 1",
    description:
      "Text messages of the WebSocket endpoint: ClientMessage is what a client may send, ServerMessage what " +
      "it gets. What depends on more than one value (a filter's event must be subscribed, min is at most max) is " +
      "checked by the server only. Integers may exceed 2^53.",
    anyOf: [{ $ref: "#/$defs/ClientMessage" }, { $ref: "#/$defs/ServerMessage" }],
    $defs: { ...clientDefinitions(), ...frameDefinitions(), ...payloadDefinitions() },
  };
}
