// Ctrl-C and SIGTERM. Before the work begins they end the process with a word; then they end a run in order: the process in flight
// is dropped, everything finished stays. A second signal ends the process at once.

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

/** Until the work begins: a word, and the status that a shell expects. */
export function endOnSignals(): void {
  onSignals((exitCode) => {
    console.error("interrupted before the work began; nothing was written");
    process.exit(exitCode);
  });
}

/** Instead of what was done at these signals before. */
function onSignals(handle: (exitCode: number) => void): void {
  for (const [name, exitCode] of Object.entries(CODES)) {
    process.removeAllListeners(name);
    process.on(name, () => handle(exitCode));
  }
}
