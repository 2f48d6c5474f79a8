// The table of layers in CONTRIBUTING.md, from the one that is enforced.

import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { markdownTable } from "#base/markdown";
import { packageRoot } from "#host/package";

/** What each folder is for, in a few words. */
const PURPOSE: Readonly<Record<string, string>> = {
  base: "errors, units, random numbers, JSON, registries",
  host: "processes, files, hashing and clocks, behind one interface",
  stats: "numbers in, numbers out",
  case: "the language: cases, shapes, recipes, suites",
  weights: "shapes and counts of weights, without tensors",
  catalogue: "what is compared, as data: contenders, sizes, tasks, claims, the paper's values",
  engine: "tensors: the one folder that names TensorFlow.js",
  data: "data sets, tokenisers, downloads",
  programs: "contenders that are programs of their own",
  ops: "one folder per operator, one conformance kit",
  measure: "sampling, memory, peaks",
  store: "records and run folders",
  encodings: "encodings of positions",
  evidence: "records → results → comparisons, claims, warnings",
  models: "the scaffold: backbone, mixers, layers",
  report: "results → charts, tables, CSV, page",
  training: "loop, optimiser, schedule, checkpoint; knows no task",
  tasks: "one folder per task: data, head, objective, metrics",
  runner: "plan, parent, child",
  web: "what runs in a browser",
  cli: "one file per command",
  library: "what the package exports",
};

export async function layerTable(): Promise<string> {
  const config = pathToFileURL(join(packageRoot(), ".dependency-cruiser.mjs")).href;
  const { LAYERS } = (await import(config)) as { LAYERS: readonly (readonly string[])[] };
  const rows = LAYERS.map((folders, level) => [String(level), folders.map(described).join(" · ")]);
  return markdownTable(["layer", "folders of src"], rows, ["right", "left"]);
}

function described(folder: string): string {
  const purpose = PURPOSE[folder];
  if (purpose === undefined) throw new Error(`say in scripts/write-docs/layers.ts what the folder ${folder} is for`);
  return `${folder}: ${purpose}`;
}
