// Waits for conditions, never for time: a test goes on as soon as what it waits for is true.

/** Longest wait before a test gives up; far above anything that works. */
const GIVE_UP_MS = 30_000;

/** Resolves when `isTrue` says so; fails with what was waited for. */
export async function deadline(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + GIVE_UP_MS;
  while (!await isTrue()) {
    if (performance.now() > end) throw new Error(`Gave up waiting until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
