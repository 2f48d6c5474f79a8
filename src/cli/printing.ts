// All that a command prints passes here. Names come from files of other people: whatever would steer the terminal is shown
// instead of obeyed. And output that cannot be written is told: a closed pipe is quiet, a full disk is not.

import { Console } from "node:console";
import { Writable } from "node:stream";
import { EXIT } from "#base/errors";

/** Control characters but tab and line feed, and those that turn the direction of text. */
// eslint-disable-next-line no-control-regex
const STEERING = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** Text with its control characters written out, as JSON writes them: `\u001b[2J`. */
export function visible(text: string): string {
  return text.replace(STEERING, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Makes `console` print visible text only, and the process say so when its output could not be written. */
export function guardOutput(): void {
  globalThis.console = new Console({ stdout: through(process.stdout), stderr: through(process.stderr) });
  process.stdout.on("error", complain);
  process.stderr.on("error", () => undefined); // nobody is left to be told
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
