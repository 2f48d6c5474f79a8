// The layer rule: a folder of src/ imports strictly lower layers, across folders always as #folder/file;
// suites/ import #case and #catalogue only; only src/cli imports suites/; only src/engine names a tfjs package.

import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const LAYERS = [
  ["base", "host"],
  ["stats", "case"],
  ["weights"],
  ["catalogue", "engine", "data"],
  ["ops", "measure", "store"],
  ["encodings", "evidence"],
  ["models", "report"],
  ["training"],
  ["tasks"],
  ["runner"],
  ["web", "cli"],
]; // lowest first
const SAME_LAYER = new Set([]);
const rank = new Map(LAYERS.flatMap((names, level) => names.map((name) => [name, level])));
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const problems = [];

for (const file of sources("src")) checkSource(file);
for (const file of sources("suites")) checkSuite(file);

for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? "layers: ok" : `layers: ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);

function sources(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".ts") && !path.startsWith("src/engine/wasm/assembly/"));
}

function importsOf(file) {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g)].map(([, specifier]) => specifier);
}

function checkSource(file) {
  const [, from] = file.split("/");
  if (!rank.has(from) && from !== "testing") problems.push(`${file}: folder ${from} has no layer`);
  for (const specifier of importsOf(file)) {
    if (specifier.startsWith("@tensorflow/") && from !== "engine")
      problems.push(`${file}: only src/engine names ${specifier}`);
    if (specifier.startsWith("#")) checkArrow(file, from, specifier.slice(1).split("/")[0]);
    if (specifier.startsWith(".")) checkRelative(file, from, specifier);
  }
}

function checkArrow(file, from, to) {
  if (from === "testing" || to === from) {
    if (to === from) problems.push(`${file}: inside ${from} write a relative path, not #${to}/…`);
    return;
  }
  if (to === "testing") {
    if (!file.endsWith(".test.ts")) problems.push(`${file}: only tests import #testing`);
    return;
  }
  if (!rank.has(to)) problems.push(`${file}: imports unknown folder #${to}`);
  else if (rank.get(to) >= rank.get(from) && !SAME_LAYER.has(`${from}→${to}`))
    problems.push(`${file}: ${from} may not import ${to}`);
}

function checkRelative(file, from, specifier) {
  const target = join(dirname(file), specifier).replaceAll("\\", "/");
  if (target.startsWith("suites/")) {
    if (from !== "cli") problems.push(`${file}: only src/cli imports suites/`);
  } else if (target.split("/")[1] !== from) {
    problems.push(`${file}: write #${target.split("/")[1]}/…, not a relative path, across folders`);
  }
}

function checkSuite(file) {
  for (const specifier of importsOf(file)) {
    const allowed = specifier.startsWith("#case/") || specifier.startsWith("#catalogue/") || specifier.startsWith("./");
    if (!allowed && !file.endsWith(".test.ts"))
      problems.push(`${file}: suites import #case and #catalogue only, not ${specifier}`);
  }
}
