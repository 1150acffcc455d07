// The C door from this side: the only dlopen of the project and the table of the sidecar's functions.
// log.ts puts the log on top of it; rust/sidecar/src/door.rs is the other side.

/** Names, parameters and results of the exported functions. */
export const SYMBOLS = {
  ringcast_abi_version: { parameters: [], result: "u32" },
  ringcast_describe: { parameters: [/* out */ "buffer", /* out_len */ "u32"], result: "u32" },
  ringcast_last_error: { parameters: [/* out */ "buffer", /* out_len */ "u32"], result: "u32" },
  ringcast_prepare_process: { parameters: [], result: "u32" },
  ringcast_open: {
    parameters: [/* options */ "buffer", /* options_len */ "u32", /* memory */ "buffer", /* memory_len */ "f64"],
    result: "u32",
  },
  ringcast_wait: {
    parameters: [
      /* handle */ "u32",
      /* known */ "f64",
      /* timeout_ms */ "u32",
      /* pause_us */ "u32",
      /* rest_us */ "u32",
    ],
    result: "f64",
    nonblocking: true,
  },
  ringcast_release: { parameters: [/* handle */ "u32", /* entry */ "f64"], result: "u32" },
  ringcast_gather: {
    parameters: [
      /* handle */ "u32",
      /* spans */ "buffer",
      /* count */ "u32",
      /* out */ "buffer",
      /* out_len */ "u32",
    ],
    result: "f64",
  },
  ringcast_gather_entries: {
    parameters: [
      /* handle */ "u32",
      /* entries */ "buffer",
      /* count */ "u32",
      /* stage */ "u32",
      /* flags */ "u32",
      /* out */ "buffer",
      /* out_len */ "u32",
    ],
    result: "f64",
  },
  ringcast_status: { parameters: [/* handle */ "u32", /* out */ "buffer", /* out_len */ "u32"], result: "u32" },
  ringcast_source_message: { parameters: [/* handle */ "u32", /* out */ "buffer", /* out_len */ "u32"], result: "u32" },
  ringcast_play: { parameters: [/* handle */ "u32"], result: "u32" },
  ringcast_close: { parameters: [/* handle */ "u32"], result: "u32" },
  ringcast_describe_connections: { parameters: [/* out */ "buffer", /* out_len */ "u32"], result: "u32" },
  ringcast_connections: { parameters: [/* port */ "u32", /* out */ "buffer", /* out_len */ "u32"], result: "f64" },
  ringcast_cut: { parameters: [/* port */ "u32", /* targets */ "buffer", /* count */ "u32"], result: "f64" },
  ringcast_send: {
    parameters: [/* bytes */ "buffer", /* len */ "u32", /* targets */ "buffer", /* count */ "u32"],
    result: "u32",
  },
  ringcast_has_room: { parameters: [/* descriptor */ "u32", /* cookie */ "f64", /* len */ "u32"], result: "u32" },
  ringcast_raise_descriptor_limit: { parameters: [], result: "u32" },
  ringcast_busy_ms: { parameters: [], result: "f64" },
  ringcast_trim_memory: { parameters: [], result: "u32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Version of the functions and layouts that this file and log.ts are written for. */
export const ABI_VERSION = 5;

/** The sidecar's functions; see rust/sidecar/src/door.rs for what each does. */
export type SidecarSymbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** The sidecar cannot be loaded, or a call failed inside it. The message says what to do. */
export class SidecarError extends Error {
  /** Name of this class of errors. */
  override readonly name = "SidecarError";
}

/** The loaded library. Dispose of it after every log that it opened. */
export class Sidecar implements Disposable {
  /** The functions. */
  readonly symbols: SidecarSymbols;
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;

  private constructor(library: Deno.DynamicLibrary<typeof SYMBOLS>) {
    this.#library = library;
    this.symbols = library.symbols;
  }

  /**
   * Loads the library at `path` and sets the process up for it.
   *
   * @throws {SidecarError} if there is no such library, it is no sidecar, or it speaks another version.
   */
  static load(path: string): Sidecar {
    const library = dlopen(path);
    try {
      const version = library.symbols.ringcast_abi_version();
      if (version !== ABI_VERSION) {
        throw new SidecarError(
          `The sidecar ${path} has interface version ${version}, this gateway needs ${ABI_VERSION}; ` +
            "build both from the same source: deno task build.",
        );
      }
      const sidecar = new Sidecar(library);
      sidecar.check(library.symbols.ringcast_prepare_process());
      return sidecar;
    } catch (error) {
      library.close();
      throw error;
    }
  }

  /** Reads a text that the sidecar writes by `call`, which returns its whole length. */
  text(call: (out: Uint8Array<ArrayBuffer>, length: number) => number): string {
    let out = new Uint8Array(1024);
    let length = call(out, out.length);
    if (length > out.length) {
      out = new Uint8Array(length);
      length = Math.min(length, call(out, out.length));
    }
    return new TextDecoder().decode(out.subarray(0, length));
  }

  /**
   * Turns a status into an error.
   *
   * @throws {SidecarError} with the sidecar's own sentence, unless `status` is 0.
   */
  check(status: number): void {
    if (status !== 0) throw this.lastError();
  }

  /** The error that goes with the last failed call. */
  lastError(): SidecarError {
    return new SidecarError(this.text((out, length) => this.symbols.ringcast_last_error(out, length)));
  }

  /** Unloads the library; nothing of it may be called any more. */
  [Symbol.dispose](): void {
    this.#library.close();
  }
}

function dlopen(path: string): Deno.DynamicLibrary<typeof SYMBOLS> {
  try {
    return Deno.dlopen(path, SYMBOLS);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SidecarError(
      `The sidecar ${path} cannot be loaded (${reason}); build it with: deno task build.`,
      { cause },
    );
  }
}
