import fc from "fast-check";
import { expect, test } from "vitest";
import { safeFileName } from "./file-name.ts";

test("a plain name in lower case stays as it is", () => {
  for (const name of ["kernel-forward", "scan-count-time.dims-2", "a", "0"]) expect(safeFileName(name)).toBe(name);
});

test.each(["../../PWN", "/etc/passwd", "a/b", "a\\b", "a\0b", "..", ".", "", ".hidden", "con", "NUL.csv", "com1.txt"])(
  "%j becomes a name of letters, digits and dashes",
  (name) => expect(safeFileName(name)).toMatch(/^([a-z0-9]+-)*[0-9a-f]{8}$/),
);

test("names that differ in case, in a control character or beyond the longest name get different files", () => {
  const long = "x".repeat(300);
  const names = ["A", "a", "a\u0001", "a\u0002", long, `${long}y`, "ä", "a\u0308", "\uD800", "\uD801"];
  const files = names.map(safeFileName);
  expect(new Set(files).size).toBe(names.length);
  expect(files[0]).toMatch(/^a-/);
});

test("any text gives a short name that every file system takes, and stays itself when named again", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
      const name = safeFileName(text);
      expect(name).toMatch(/^[a-z0-9][a-z0-9._-]{0,159}$/);
      expect(name).not.toContain("..");
      expect(safeFileName(name)).toBe(name);
    }),
  );
});
