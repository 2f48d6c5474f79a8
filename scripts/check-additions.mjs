// Proves the lists "To add …" of CONTRIBUTING.md: adds a toy operator, a toy encoding, a toy task and a suite in a scratch
// copy of the committed tree, at the places that the lists name and at no other, and runs a case of each.
//
//   npm run check:additions

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const TOYS = join(root, "scripts", "check-additions");

/** Places in files that exist: after the line that contains `after`, a line more. */
const PLACES = [
  // an operator
  ["src/case/operator-spec.ts", "const OPERATOR_TRAITS = {", `  "toy-product": STATE,`],
  [
    "src/ops/registry.ts",
    `from "./softmax/declaration.ts";`,
    `import { toyProduct } from "./toy-product/declaration.ts";`,
  ],
  ["src/ops/registry.ts", "[additive, multiplicative, efficientAttention, softmax", ", toyProduct", "inline"],
  [
    "src/ops/operator-vectors.ts",
    `  "efficient-attention": z.strictObject(common),`,
    `  "toy-product": z.strictObject(common),`,
  ],
  ["src/weights/layer.ts", `    case "softmax":`, `    case "toy-product":`],
  ["src/models/mixer.ts", `    case "softmax":`, `    case "toy-product":`],
  // a contender
  [
    "src/catalogue/contenders.ts",
    `new Registry<Contender>("contender", [`,
    `  { id: "toy-product", label: "toy", family: "order-free", spec: { op: "toy-product", causal: false }, strategy: "default", varies: "all" },`,
  ],
  // an encoding
  ["src/case/model-spec.ts", "export const ENCODINGS = [", `  "toy-places",`],
  [
    "src/encodings/registry.ts",
    `new Registry<EncodingDeclaration>("encoding", [`,
    `  { id: "toy-places", title: "toy", kind: "absolute", widening: 1, impossible: always, load: async () => (await import("./toy-places.ts")).toyPlaces },`,
  ],
  ["src/catalogue/models.ts", `  learned: "`, `  "toy-places": "toy",`],
  // a task
  [
    "src/catalogue/tasks.ts",
    `new Registry<Task>("task", [`,
    `  { id: "toy-recall", title: "toy", datasetKind: "sequences", metric: { name: "accuracy", better: "higher" }, margin: { by: 0.1, of: "absolute" } },`,
  ],
  ["src/tasks/registry.ts", `from "./recall/objective.ts";`, `import { toyRecall } from "./toy-recall/objective.ts";`],
  ["src/tasks/registry.ts", `new Registry<Objective>("task", [`, "  toyRecall,"],
  // a suite
  ["suites/index.ts", `from "./recall.ts";`, `import { toy } from "./toy.ts";`],
  ["suites/index.ts", "  recall,", "  toy,"],
];

const scratch = mkdtempSync(join(tmpdir(), "lightnet-additions-"));
try {
  const archive = execFileSync("git", ["archive", "HEAD"], { cwd: root, maxBuffer: 2 ** 30 });
  execFileSync("tar", ["-x", "-C", scratch], { input: archive });
  symlinkSync(join(root, "node_modules"), join(scratch, "node_modules"));
  for (const folder of ["src", "suites"]) cpSync(join(TOYS, folder), join(scratch, folder), { recursive: true });
  for (const place of PLACES) addLine(...place);
  run("types", process.execPath, [join("node_modules", "typescript", "bin", "tsc"), "--noEmit", "-p", "tsconfig.json"]);
  run("layers", process.execPath, [
    join("node_modules", "dependency-cruiser", "bin", "dependency-cruise.mjs"),
    ...["--config", ".dependency-cruiser.mjs", "src", "suites"],
  ]);
  const out = join(scratch, "results", "toy");
  run("cases", process.execPath, [
    join("bin", "lightnet-bench.js"),
    ...["run", "toy", "--engine", "wasm", "--out", out],
  ]);
  const records = readFileSync(join(out, "records.jsonl"), "utf8").trim().split("\n").map(JSON.parse);
  for (const contender of ["toy-product", "additive-global"]) {
    const own = records.filter((record) => record.case.contender === contender);
    if (own.length === 0 || own.some(({ status }) => status !== "ok")) fail(`no result of ${contender}`);
  }
  const files = readdirSync(TOYS, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
  const changed = new Set(PLACES.map(([file]) => file)).size;
  console.log(`additions: ok (${files} new files, ${PLACES.length} lines in ${changed} others)`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function addLine(file, after, line, how) {
  const path = join(scratch, file);
  const text = readFileSync(path, "utf8");
  const at = text.indexOf(after);
  if (at < 0) fail(`${file} has no line with ${after}: mend this script and CONTRIBUTING.md`);
  const end = how === "inline" ? at + after.length : text.indexOf("\n", at) + 1;
  writeFileSync(path, text.slice(0, end) + (how === "inline" ? line : `${line}\n`) + text.slice(end));
}

function run(title, command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: scratch, encoding: "utf8" });
  if (status !== 0) fail(`${title}: exit code ${status}\n${stdout}\n${stderr}`);
}

function fail(text) {
  rmSync(scratch, { recursive: true, force: true });
  console.error(`additions: ${text}`);
  process.exit(1);
}
