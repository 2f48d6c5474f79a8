// Damage to a file, drawn by fast-check from a seed that is kept: the same seed does the same damage again.

import fc from "fast-check";

/** What a careless or hostile hand does to bytes. Places are parts of the whole, from 0 to 1. */
type Edit =
  | { readonly kind: "flip"; readonly at: number; readonly bit: number }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "remove"; readonly at: number; readonly length: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "repeat"; readonly at: number; readonly length: number; readonly times: number }
  | { readonly kind: "number"; readonly at: number; readonly value: string }
  | { readonly kind: "word"; readonly at: number; readonly value: string };

const NUMBERS = ["0", "-1", "1e308", "-1e308", "1e-320", "1e9", "4294967296", "9007199254740993", "0.5", "NaN", "null", '"7"', "[]"]; // prettier-ignore
const WORDS = ['""', '"__proto__"', '"constructor"', '"\\ud800"', '"../../x"', '"\\u001b[2J"', "{}", "null", "true", `"${"x".repeat(70_000)}"`, "[".repeat(5000)]; // prettier-ignore

const place = fc.double({ min: 0, max: 1, noNaN: true });
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: place, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant("cut" as const), at: place }),
  fc.record({ kind: fc.constant("remove" as const), at: place, length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant("insert" as const), at: place, bytes: fc.uint8Array({ minLength: 1, maxLength: 32 }) }),
  fc.record({ kind: fc.constant("repeat" as const), at: place, length: fc.integer({ min: 1, max: 512 }), times: fc.integer({ min: 1, max: 200 }) }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("number" as const), at: place, value: fc.constantFrom(...NUMBERS) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("word" as const), at: place, value: fc.constantFrom(...WORDS) }) },
); // prettier-ignore
const edits = fc.array(edit, { minLength: 1, maxLength: 3 });

/** The damaged file. Pure in its arguments. */
export function mutate(original: Buffer, seed: number): Buffer {
  return fc.sample(edits, { seed, numRuns: 1 })[0]!.reduce(apply, original);
}

function apply(bytes: Buffer, change: Edit): Buffer {
  const at = Math.floor(change.at * bytes.length);
  switch (change.kind) {
    case "flip": {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at]! ^= 1 << change.bit;
      return copy;
    }
    case "cut":
      return bytes.subarray(0, at);
    case "remove":
      return spliced(bytes, at, { end: at + change.length, by: Buffer.alloc(0) });
    case "insert":
      return spliced(bytes, at, { end: at, by: Buffer.from(change.bytes) });
    case "repeat": {
      const part = bytes.subarray(at, at + change.length);
      return spliced(bytes, at, { end: at, by: Buffer.concat(Array<Buffer>(change.times).fill(part)) });
    }
    case "number":
      return replaceNext(bytes, at, { pattern: /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, by: change.value });
    case "word":
      return replaceNext(bytes, at, { pattern: /"(?:[^"\\]|\\.)*"/g, by: change.value });
  }
}

function spliced(bytes: Buffer, start: number, { end, by }: { readonly end: number; readonly by: Buffer }): Buffer {
  return Buffer.concat([bytes.subarray(0, start), by, bytes.subarray(end)]);
}

/** The next match after `at` replaced, in bytes taken as Latin-1 so that others stay as they are. */
function replaceNext(
  bytes: Buffer,
  at: number,
  { pattern, by }: { readonly pattern: RegExp; readonly by: string },
): Buffer {
  const text = bytes.toString("latin1");
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  if (found === null) return spliced(bytes, at, { end: at, by: Buffer.from(by) });
  const end = found.index + found[0].length;
  return spliced(bytes, found.index, { end, by: Buffer.from(by, "latin1") });
}
