// The headers that the page asks of whoever serves it.

import { POLICY } from "./page/document.ts";

/** They isolate the page from others, for which browsers give it a finer clock, and let it load nothing from elsewhere. */
export const HEADERS = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy": `${POLICY}; frame-ancestors 'none'`,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** Whether a file is named after its content, as parts that esbuild splits off are. */
export function isPart(name: string): boolean {
  return /^[\w.]+-[A-Z0-9]{8}[.]js$/.test(name);
}

/** A worker is started for each atom: what never changes need not be asked for again. */
export function cachingOf(name: string): string {
  return isPart(name) ? "public, max-age=31536000, immutable" : "no-cache";
}
