// Names come from files of other people. Whatever in them would steer a terminal is shown instead of obeyed.

/** Control characters but tab and line feed, and those that turn the direction of text. */
// eslint-disable-next-line no-control-regex
const STEERING = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** Text with its control characters written out, as JSON writes them: `\u001b[2J`. */
export function visible(text: string): string {
  return text.replace(STEERING, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
