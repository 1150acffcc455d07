// Drives Debian's Chromium, headless, over its DevTools protocol: opens a page, evaluates in it, takes pictures.
// An independent client of the gateway; no code of the gateway's is used.

import { deadline } from "./condition.ts";

const BINARY = "/usr/bin/chromium";
const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"],
  ...["--remote-debugging-port=0", "--remote-allow-origins=*", "--window-size=1200,900"],
];

/** A message of the DevTools protocol. */
// deno-lint-ignore no-explicit-any -- the shapes are Chromium's, and tests look into few
type Message = any;

/** A browser with one page. */
export class Browser implements AsyncDisposable {
  /** What the page complained about: uncaught exceptions, refused resources, errors on the console. */
  readonly complaints: string[] = [];
  readonly #child: Deno.ChildProcess;
  readonly #directory: string;
  readonly #reading: Promise<void>;
  readonly #answers = new Map<number, Message>();
  #said = "";
  #socket: WebSocket | undefined;
  #asked = 0;
  #session: string | undefined;
  #isLoaded = false;

  private constructor() {
    this.#directory = Deno.makeTempDirSync({ prefix: "ringcast-test-" });
    this.#child = new Deno.Command(BINARY, {
      args: [...FLAGS, `--user-data-dir=${this.#directory}/profile`, "about:blank"],
      env: { HOME: this.#directory },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#reading = this.#read();
  }

  /** Starts a browser and waits until it has a page. */
  static async start(): Promise<Browser> {
    const browser = new Browser();
    try {
      await browser.#connect();
    } catch (error) {
      await browser[Symbol.asyncDispose]();
      throw error;
    }
    return browser;
  }

  /** Opens an address and waits until it is loaded. */
  async open(url: string): Promise<void> {
    this.#isLoaded = false;
    const { errorText } = await this.#ask("Page.navigate", { url });
    if (errorText !== undefined) throw new Error(`Chromium cannot open ${url}: ${errorText}.`);
    await deadline(`${url} is loaded`, () => this.#isLoaded);
  }

  /** The value of an expression in the page; a promise is waited for. */
  async evaluate(expression: string): Promise<Message> {
    const { result, exceptionDetails } = await this.#ask("Runtime.evaluate", {
      ...{ expression, awaitPromise: true, returnByValue: true },
    });
    if (exceptionDetails === undefined) return result.value;
    throw new Error(`Chromium says ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
  }

  /** Gives the page a size and a color scheme. */
  async show(width: number, height: number, scheme: "light" | "dark"): Promise<void> {
    await this.#ask("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    await this.#ask("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
  }

  /** The page as PNG. */
  async picture(): Promise<Uint8Array> {
    const { data } = await this.#ask("Page.captureScreenshot", { format: "png" });
    return Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ id: 0, method: "Browser.close" }));
      await deadline("the DevTools close", () => this.#socket?.readyState === WebSocket.CLOSED);
    }
    try {
      this.#child.kill("SIGTERM");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
    await this.#child.status;
    await this.#reading;
    // Its helpers end a moment later, and write until then.
    await deadline(`${this.#directory} is removed`, () => {
      return Deno.remove(this.#directory, { recursive: true }).then(() => true, () => false);
    });
  }

  async #connect(): Promise<void> {
    let hasEnded = false;
    this.#child.status.then(() => hasEnded = true);
    const address = () => /^DevTools listening on (ws:\S+)$/m.exec(this.#said)?.[1];
    await deadline("Chromium listens", () => {
      if (hasEnded) throw new Error(`Chromium ended: ${this.#said}`);
      return address() !== undefined;
    });
    const socket = new WebSocket(address()!);
    this.#socket = socket;
    socket.onerror = (event) => event.preventDefault();
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    await deadline("the DevTools answer", () => socket.readyState === WebSocket.OPEN);
    const { targetInfos } = await this.#ask("Target.getTargets");
    const { targetId } = targetInfos.find(({ type }: Message) => type === "page");
    this.#session = (await this.#ask("Target.attachToTarget", { targetId, flatten: true })).sessionId;
    for (const domain of ["Page", "Runtime", "Log"]) await this.#ask(`${domain}.enable`);
  }

  async #ask(method: string, params: Message = {}): Promise<Message> {
    const id = ++this.#asked;
    this.#socket!.send(JSON.stringify({ id, method, params, sessionId: this.#session }));
    await deadline(`Chromium answers to ${method}`, () => this.#answers.has(id));
    const { result, error } = this.#answers.get(id);
    this.#answers.delete(id);
    if (error !== undefined) throw new Error(`Chromium refused ${method}: ${error.message}`);
    return result;
  }

  #take({ id, method, params, ...answer }: Message): void {
    if (id !== undefined) this.#answers.set(id, answer);
    if (method === "Page.loadEventFired") this.#isLoaded = true;
    if (method === "Runtime.exceptionThrown") this.complaints.push(params.exceptionDetails.exception.description);
    if (method === "Log.entryAdded" && params.entry.level === "error") this.complaints.push(params.entry.text);
    if (method === "Runtime.consoleAPICalled" && params.type === "error") {
      this.complaints.push(JSON.stringify(params.args));
    }
  }

  async #read(): Promise<void> {
    for await (const chunk of this.#child.stderr.pipeThrough(new TextDecoderStream())) this.#said += chunk;
  }
}
