// What `deno compile` baked into a binary: the metadata in its ELF note, and how it differs from what was meant.
// Used by compile.ts; nothing of the binary is executed.

/** The part of the metadata that decides what the binary may do. */
export interface CompiledMetadata {
  /** Arguments that come before the caller's. */
  readonly argv: readonly string[];
  /** Module that is run, relative to the root of the embedded files. */
  readonly entrypoint_key: string;
  /** By `allow_…`/`deny_…`: null = flag absent, [] = flag without a list, which means everything; and `prompt`. */
  readonly permissions: Readonly<Record<string, readonly string[] | boolean | null>>;
}

/** The binary has no metadata that can be read; the message says what was expected at which place. */
export class MetadataError extends Error {}

const MAGIC = "d3n0l4nd";
const OWNER = "SUI\0";
const PT_NOTE = 4;
const latin1 = new TextDecoder("latin1");

/**
 * Finds and parses the metadata.
 *
 * The note is looked up through the program headers: the section headers of such a file do not mention it.
 * Source: reference deno "The metadata in a compiled binary"; ELF-64, little-endian.
 *
 * @throws {MetadataError} if this is no ELF file or no compiled program.
 */
export function readMetadata(binary: Uint8Array<ArrayBuffer>): CompiledMetadata {
  try {
    for (const [start, end] of noteSegments(binary)) {
      const descriptor = findNote(binary.subarray(start, end));
      if (descriptor !== undefined) return parse(descriptor);
    }
  } catch (cause) {
    if (cause instanceof MetadataError) throw cause;
    throw new MetadataError("The binary is cut short or damaged: a header points past its end.", { cause });
  }
  throw new MetadataError('The binary has no ELF note of owner "SUI"; expected the output of deno compile.');
}

/** One sentence per difference; none if the binary may do exactly what was meant. Keys that are absent mean null. */
export function differences(found: CompiledMetadata, meant: CompiledMetadata): string[] {
  const pairs: [name: string, found: unknown, meant: unknown][] = [
    ["argv", found.argv, meant.argv],
    ["entrypoint_key", found.entrypoint_key, meant.entrypoint_key],
  ];
  for (const key of new Set([...Object.keys(found.permissions), ...Object.keys(meant.permissions)])) {
    pairs.push([`permissions.${key}`, found.permissions[key] ?? null, meant.permissions[key] ?? null]);
  }
  return pairs.flatMap(([name, is, should]) => {
    const [isText, shouldText] = [JSON.stringify(is), JSON.stringify(should)];
    return isText === shouldText ? [] : [`${name} is ${isText}; expected ${shouldText}.`];
  });
}

function* noteSegments(binary: Uint8Array<ArrayBuffer>): Generator<readonly [start: number, end: number]> {
  const view = new DataView(binary.buffer, binary.byteOffset, binary.byteLength);
  const isElf64 = latin1.decode(binary.subarray(0, 6)) === "\x7fELF\x02\x01";
  if (!isElf64) throw new MetadataError("The binary is not a 64-bit little-endian ELF file.");
  const table = Number(view.getBigUint64(32, true));
  const [entrySize, count] = [view.getUint16(54, true), view.getUint16(56, true)];
  for (let i = 0; i < count; i++) {
    const entry = table + i * entrySize;
    if (view.getUint32(entry, true) !== PT_NOTE) continue;
    const start = Number(view.getBigUint64(entry + 8, true));
    yield [start, start + Number(view.getBigUint64(entry + 32, true))];
  }
}

function findNote(segment: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  for (let at = 0; at + 12 <= segment.length;) {
    const [nameSize, size] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
    const start = at + 12 + align4(nameSize);
    if (latin1.decode(segment.subarray(at + 12, at + 12 + nameSize)) === OWNER) {
      return segment.subarray(start, start + size);
    }
    at = start + align4(size);
  }
  return undefined;
}

/** Descriptor: u16 length and text of the magic, then the magic again, u64 length, JSON. */
function parse(descriptor: Uint8Array<ArrayBuffer>): CompiledMetadata {
  const view = new DataView(descriptor.buffer, descriptor.byteOffset, descriptor.byteLength);
  const body = 2 + MAGIC.length;
  const magic = latin1.decode(descriptor.subarray(body, body + MAGIC.length));
  if (magic !== MAGIC) throw new MetadataError(`The note begins with ${JSON.stringify(magic)}; expected ${MAGIC}.`);
  const start = body + MAGIC.length + 8;
  const size = Number(view.getBigUint64(start - 8, true));
  const metadata: unknown = JSON.parse(new TextDecoder().decode(descriptor.subarray(start, start + size)));
  if (typeof metadata === "object" && metadata !== null && "argv" in metadata && "permissions" in metadata) {
    return metadata as CompiledMetadata;
  }
  throw new MetadataError("The metadata has no argv and permissions; this version of deno writes it differently.");
}

function align4(size: number): number {
  return Math.ceil(size / 4) * 4;
}
