// Ctrl-C and SIGTERM end a run in order: the cell in flight is dropped, everything finished stays. A second
// signal ends the process at once.

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
  for (const [name, exitCode] of Object.entries(CODES)) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCode);
      code = exitCode;
      controller.abort();
    });
  }
  return { signal: controller.signal, exitCode: () => code };
}
