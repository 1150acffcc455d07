// The shape of the source, checked by `deno task lint`: who may import whom, what only one file may do, file sizes.
// One sentence per violation on stderr, exit code 1 if there is any.

const MAX_LINES = 300;
const FOLDERS = ["src", "std", "scripts", "tests", "examples", "rust"];
const SOURCE = /\.(ts|js|rs)$/;

/** What the files of a room under src/ may import: paths below src/ by their beginning, and packages: all, none or some. */
interface Room {
  readonly may: readonly string[];
  readonly packages: boolean | readonly string[];
  readonly rule: string;
}

const EVERYWHERE = ["config", "logging.ts", "version.ts", "stream/"];
const ROOMS: Readonly<Record<string, Room>> = {
  stream: { may: ["stream/"], packages: ["zod"], rule: "stream/ imports nothing outside stream/ but zod" },
  client: {
    may: ["client/", "stream/protocol.ts"],
    packages: false,
    rule: "client/ imports only stream/protocol.ts besides itself",
  },
  serve: {
    may: ["serve/", "dashboard/", ...EVERYWHERE],
    packages: true,
    rule: "serve/ imports stream/, dashboard/, config and logging, and gets the rest passed in",
  },
  native: {
    may: ["native/", ...EVERYWHERE],
    packages: true,
    rule: "native/ imports stream/, config and logging, and knows nothing of who reads the log",
  },
  dashboard: { may: ["dashboard/"], packages: false, rule: "dashboard/ imports nothing outside dashboard/" },
  "": { may: EVERYWHERE, packages: true, rule: "what lies in src/ itself, main.ts apart, imports only stream/" },
};

/** Calls that only one file under src/ may mention. */
const RESERVED: readonly (readonly [mention: RegExp, name: string, owner: string])[] = [
  [/\bDeno\s*\.\s*dlopen\b/, "Deno.dlopen", "src/native/ffi.ts"],
  [/\bDeno\s*\.\s*exit\b/, "Deno.exit", "src/main.ts"],
];

const IMPORT = /^(?:import|export)\b[^;"]*?\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

/** One sentence for every rule that a file below `root` breaks, in the order of the paths. */
export function violations(root: string): string[] {
  const paths = FOLDERS.flatMap((folder) => sourcesBelow(root, folder)).sort();
  return paths.flatMap((path) => {
    const text = Deno.readTextFileSync(`${root}/${path}`);
    return [
      ...shape(path, text),
      ...(path.startsWith("src/") ? [...reserved(path, text), ...imports(path, text)] : []),
    ];
  });
}

function* entriesOf(directory: string): Generator<Deno.DirEntry> {
  try {
    yield* Deno.readDirSync(directory);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
  }
}

function sourcesBelow(root: string, folder: string): string[] {
  return [...entriesOf(`${root}/${folder}`)].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return path === "rust/target" ? [] : sourcesBelow(root, path);
    return SOURCE.test(path) ? [path] : [];
  });
}

function* shape(path: string, text: string): Generator<string> {
  const lines = text.replace(/\n$/, "").split("\n").length;
  if (lines > MAX_LINES) {
    yield `${path} has ${lines} lines; at most ${MAX_LINES} fit one job, split it by what it does.`;
  }
  if (!text.startsWith("//")) {
    yield `${path} does not start with a comment; its first lines say its job and its neighbours.`;
  }
}

function* reserved(path: string, text: string): Generator<string> {
  for (const [mention, name, owner] of RESERVED) {
    if (path !== owner && mention.test(text)) yield `${path} mentions ${name}; only ${owner} may.`;
  }
}

function* imports(path: string, text: string): Generator<string> {
  const [, first = "", rest] = path.split("/");
  const name = rest === undefined ? "" : first;
  const room = path === "src/main.ts" ? undefined : ROOMS[name];
  for (const [, ...found] of text.matchAll(IMPORT)) {
    const specifier = found.find((part) => part !== undefined) ?? "";
    const target = specifier.startsWith(".") ? new URL(specifier, `file:///${path}`).pathname.slice(1) : undefined;
    const below = target?.startsWith("src/") ? target.slice("src/".length) : undefined;
    if (below === "main.ts") yield `${path} imports ${target}; nothing imports main.ts.`;
    else if (target !== undefined && below === undefined) {
      yield `${path} imports ${target}; src/ imports only from src/.`;
    } else if (room !== undefined && !allows(room, below, specifier)) {
      yield `${path} imports ${target ?? specifier}; ${room.rule}.`;
    }
  }
}

function allows({ may, packages }: Room, below: string | undefined, specifier: string): boolean {
  if (below !== undefined) return may.some((beginning) => below.startsWith(beginning));
  return typeof packages === "boolean" ? packages : packages.includes(specifier);
}

if (import.meta.main) {
  const found = violations(`${import.meta.dirname}/..`);
  for (const sentence of found) console.error(sentence);
  if (found.length > 0) Deno.exit(1);
}
