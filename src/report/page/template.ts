// HTML that escapes by default (hono/html): only what is `Html` already goes in as it is.

import { html, raw } from "hono/html";

export { html, raw };

/** A piece of a page, safe to be put into another. */
export type Html = ReturnType<typeof html>;

/** A JSON value for a script element: no `</script`, `<!--` or line separator can appear in it. */
export function scriptJson(value: unknown): Html {
  const text = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return raw(text);
}

/** A name usable as an element's id and as a fragment. */
export function anchorOf(...parts: readonly string[]): string {
  return parts
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
