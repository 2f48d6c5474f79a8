// All that a command prints passes here. Names come from files of other people: whatever would steer the terminal is shown
// instead of obeyed. And output that cannot be written is told: a closed pipe is quiet, a full disk is not.

import { Console } from "node:console";
import { Writable } from "node:stream";
import { EXIT } from "#base/errors";
import { visible } from "#base/visible";

/** Makes `console` print visible text only, and the process say so when its output could not be written. */
export function guardOutput(): void {
  globalThis.console = new Console({ stdout: through(process.stdout), stderr: through(process.stderr) });
  process.stdout.on("error", complain);
  process.stderr.on("error", () => undefined); // nobody is left to be told
  // A limit on file sizes (ulimit -f) would end the process without a word; with a listener the write fails, and is told.
  if (process.listenerCount("SIGXFSZ") === 0) process.on("SIGXFSZ", () => undefined);
}

/** Writes at once: what is printed before `process.exit` is not lost. */
function through(target: NodeJS.WritableStream): Writable {
  return new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      target.write(visible(text));
      done();
    },
  });
}

/** A reader that has seen enough (`| head`) is no fault. */
function complain({ code, message }: NodeJS.ErrnoException): void {
  if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED") return;
  process.stderr.write(`output cannot be written (${message})\n`);
  process.on("exit", () => (process.exitCode = EXIT.environment));
}
