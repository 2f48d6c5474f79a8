// How to cite a run: BibTeX that says what it is and names it, its command and the code that made it.

import type { Manifest } from "#store/record";
import { runTitle } from "./run-title.ts";
import { escapeLatex } from "./tables/latex-text.ts";

/** One entry a run. */
export function citationOf(manifests: readonly Manifest[]): string {
  return manifests.map(entryOf).join("\n\n");
}

function entryOf({ run, command, scale, suites, startedAt, environments }: Manifest): string {
  const [environment] = Object.values(environments);
  const what = runTitle({ suites, scales: [scale], environments: Object.values(environments) });
  const commit =
    environment?.gitCommit === undefined
      ? []
      : [`commit ${environment.gitCommit}${environment.gitDirty === true ? " with uncommitted changes" : ""}`];
  const note = [`run ${run}`, what, `command ${command}`, ...commit].join(", ");
  const fields = {
    author: "{{The lightnet-bench authors}}",
    title: "{lightnet-bench: a benchmark and reproduction harness for {LightNet} (arXiv:2405.21022)}",
    year: `{${startedAt.slice(0, 4)}}`,
    note: `{${escapeLatex(note)}}`,
  };
  const lines = Object.entries(fields).map(([name, value]) => `  ${name.padEnd(6)} = ${value}`);
  return `@misc{lightnet-bench-${run.replace(/[^A-Za-z0-9-]+/g, "-")},\n${lines.join(",\n")}\n}`;
}
