// Ctrl-C and SIGTERM. Before the work begins, and after it, they end the process with a word; in between they end a run in
// order: the process in flight is dropped, everything finished stays. A second signal ends the process at once.

import { EXIT } from "#base/errors";

const CODES = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;

export interface Interruption {
  readonly signal: AbortSignal;
  /** exit code of the signal that came */
  exitCode(): number;
}

export function abortOnSignals(): Interruption {
  const controller = new AbortController();
  let code: number = EXIT.interrupted;
  onSignals((exitCode) => {
    if (controller.signal.aborted) process.exit(exitCode);
    code = exitCode;
    controller.abort();
  });
  return { signal: controller.signal, exitCode: () => code };
}

/** Before and after the work: a word, and the status that a shell expects. */
export function endOnSignals(word: string): void {
  onSignals((exitCode) => {
    console.error(word);
    process.exit(exitCode);
  });
}

/**
 * Instead of what was done at these signals before. The new listener comes first: a moment without any would lose a signal
 * that has come and was not yet heard.
 */
function onSignals(handle: (exitCode: number) => void): void {
  for (const [name, exitCode] of Object.entries(CODES)) {
    const before = process.rawListeners(name);
    process.on(name, () => handle(exitCode));
    for (const listener of before) process.removeListener(name, listener as () => void);
  }
}
