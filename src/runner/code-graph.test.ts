import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { hashOfGraph, modulesOf } from "./code-graph.ts";

const FILES = {
  "work/main":
    'import { f } from "#parts/f";\nimport { g } from "../parts/g.ts";\nexport const run = () => f() / g(); // the work',
  "parts/f": "export const f = () => 1;",
  "parts/g": 'import "tinybench";\nexport const g = () => 2;',
  "parts/unused": "export const h = () => 3;",
  "words/errors": "export const oops = 1;",
};

function hashOf(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), "graph-"));
  for (const [path, text] of Object.entries({ ...FILES, ...changes })) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, `${path}.ts`), text);
  }
  const options = { root, extension: ".ts", isLeftOut: (path: string) => path.startsWith("words/") } as const;
  const { files } = modulesOf(["work/main"], options);
  expect(files).not.toContain("parts/unused");
  return hashOfGraph(["work/main"], options);
}

const before = hashOf();

test.each([
  ["a comment", { "parts/f": "/* why */ export const f = () => 1; // because" }],
  ["formatting", { "parts/f": "export const f =\n    () => 1;" }],
  ["a module that nothing imports", { "parts/unused": "export const h = () => 4;" }],
  [
    "a move of a file to another folder and name",
    {
      "parts/f": undefined,
      "elsewhere/one": FILES["parts/f"],
      "work/main": FILES["work/main"].replace("#parts/f", "#elsewhere/one"),
    },
  ],
  ["what a module that is left out says", { "words/errors": "export const oops = 2;" }],
])("%s changes no hash", (_what, changes) => {
  expect(hashOf(changes)).toBe(before);
});

test.each([
  ["code that is imported", { "parts/g": 'import "tinybench";\nexport const g = () => 2.5;' }],
  ["another package", { "parts/g": 'import "zod";\nimport "pure-rand";\nexport const g = () => 2;' }],
  [
    "an import of another module of the same graph",
    {
      "work/main": FILES["work/main"].replace("#parts/f", "#parts/x").replace("../parts/g.ts", "../parts/f.ts"),
      "parts/x": FILES["parts/g"],
    },
  ],
])("%s changes the hash", (_what, changes) => {
  expect(hashOf(changes)).not.toBe(before);
});

test("addresses of downloads do not count, nor does another mirror", () => {
  const withAddress = (text: string) =>
    hashOf({ "parts/f": `const urls = [${text}]; export const f = () => urls.length;` });
  const one = withAddress('"https://example.org/a"');
  expect(withAddress('"https://example.net/b", "https://example.org/a"')).toBe(one);
  expect(withAddress('"a"')).not.toBe(one);
});
