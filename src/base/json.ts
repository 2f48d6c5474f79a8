// The canonical text of JSON values (RFC 8785) and the hash that names cases, environments and code; computed alike in Node and in a browser.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import canonicalizeModule from "canonicalize";

// The package's types describe its CommonJS form; under ES modules the default export is the function.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/** Canonical JSON text: sorted keys, no white space, shortest numbers. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("only JSON values have a canonical form");
  return text;
}

/** First 16 hexadecimal digits of the sha256 of a text or of bytes. */
export function shortHash(content: string | Uint8Array): string {
  return bytesToHex(sha256(typeof content === "string" ? utf8ToBytes(content) : content)).slice(0, 16);
}

/** Short hash of the canonical JSON of a value: equal values, equal hashes, whatever the key order. */
export function hashJson(value: unknown): string {
  return shortHash(canonicalJson(value));
}
