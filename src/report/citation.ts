// How to cite a run: BibTeX that names it, its command and the code that made it.

import type { Manifest } from "#store/record";
import { escapeLatex } from "./tables/latex-text.ts";

/** One entry a run. */
export function citationOf(manifests: readonly Manifest[]): string {
  return manifests.map(entryOf).join("\n\n");
}

function entryOf({ run, command, scale, startedAt, environments }: Manifest): string {
  const [environment] = Object.values(environments);
  const commit =
    environment?.gitCommit === undefined
      ? []
      : [`commit ${environment.gitCommit}${environment.gitDirty === true ? " with uncommitted changes" : ""}`];
  const note = [`run ${run}`, `scale ${scale}`, `command ${command}`, ...commit].join(", ");
  const fields = {
    author: "{{The lightnet-bench authors}}",
    title: "{lightnet-bench: a benchmark and reproduction harness for {LightNet} (arXiv:2405.21022)}",
    year: `{${startedAt.slice(0, 4)}}`,
    note: `{${escapeLatex(note)}}`,
  };
  const lines = Object.entries(fields).map(([name, value]) => `  ${name.padEnd(6)} = ${value}`);
  return `@misc{lightnet-bench-${run.replace(/[^A-Za-z0-9-]+/g, "-")},\n${lines.join(",\n")}\n}`;
}
