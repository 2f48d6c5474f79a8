import { expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { citationOf } from "./citation.ts";

test("a BibTeX entry says what the run is, and names it, its command and commit, and LaTeX can set it", () => {
  const { manifest } = fixtureRun();
  const [environment] = Object.values(manifest.environments);
  const entry = citationOf([
    {
      ...manifest,
      run: "2026_run",
      scale: "small",
      suites: ["decode"],
      command: "lightnet-bench run a_b --filter x=50%",
      environments: { e: { ...environment!, gitCommit: "abc123", gitDirty: true } },
    },
  ]);
  expect(entry).toMatch(/^@misc\{lightnet-bench-2026-run,$/m);
  expect(entry).toMatch(/^ {2}author = \{\{The lightnet-bench authors\}\},$/m);
  expect(entry).toContain(
    "run 2026\\_run, decode at scale small, wasm on Fixture CPU $<$model$>$, 2 cores, command lightnet-bench run a\\_b -{}-filter x=50\\%, commit abc123 with uncommitted changes",
  );
  expect(entry.split("{").length).toBe(entry.split("}").length);
});

test("several runs give an entry each", () => {
  const { manifest } = fixtureRun();
  expect(citationOf([manifest, { ...manifest, run: "other" }]).match(/@misc/g)).toHaveLength(2);
});
