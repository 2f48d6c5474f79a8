// Who may import whom. The one table of layers: a folder of src/ imports strictly lower layers, type-only imports
// included, and there are no circles. `npm run check:layers` enforces it; CONTRIBUTING.md shows the same table.

/** Layers of src/, lowest first. Folders of one layer do not import each other. */
export const LAYERS = [
  ["base"],
  ["host"],
  ["stats", "case"],
  ["weights"],
  ["catalogue", "engine", "data"],
  ["ops", "measure", "store"],
  ["encodings", "evidence", "programs"],
  ["models", "report"],
  ["training"],
  ["tasks"],
  ["runner"],
  ["web"],
  ["cli"],
  ["library"],
];

const TEST = "[.]test[.]ts$";
const folders = LAYERS.flat();

function oneOf(names) {
  return `(${names.join("|")})`;
}

/** One rule per layer: its folders may not import each other, nor anything above. */
const upward = LAYERS.map((names, level) => ({
  name: `layer-${level}`,
  comment: `${names.join(", ")}: import lower layers only (table in .dependency-cruiser.mjs)`,
  severity: "error",
  from: { path: `^src/${oneOf(names)}/` },
  to: { path: `^src/${oneOf(LAYERS.slice(level).flat())}/`, pathNot: "^src/$1/" },
}));

export default {
  forbidden: [
    ...upward,
    {
      name: "no-circles",
      comment: "move what both files need to a file below both",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "every-folder-has-a-layer",
      comment: "add the folder to LAYERS in .dependency-cruiser.mjs",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/${oneOf([...folders, "testing"])}/` },
      to: {},
    },
    {
      name: "across-folders-by-name",
      comment: "across folders write #folder/file, not a relative path",
      severity: "error",
      from: { path: "^(src/[^/]+|suites|scripts)/" },
      to: { path: "^src/", pathNot: "^$1/", dependencyTypesNot: ["aliased"] },
    },
    {
      name: "inside-a-folder-relative",
      comment: "inside a folder write a relative path, not #folder/file",
      severity: "error",
      from: { path: "^src/([^/]+)/" },
      to: { path: "^src/$1/", dependencyTypes: ["aliased"] },
    },
    {
      name: "testing-is-for-tests",
      comment: "only tests import #testing",
      severity: "error",
      from: { path: "^(src|suites|scripts)/", pathNot: ["^src/testing/", TEST] },
      to: { path: "^src/testing/" },
    },
    {
      name: "suites-declare",
      comment: "suites import #case and #catalogue only",
      severity: "error",
      from: { path: "^suites/", pathNot: TEST },
      to: { pathNot: "^(suites|src/case|src/catalogue)/" },
    },
    {
      name: "suites-are-read-by-programs",
      comment: "only src/cli and src/web import suites/",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/(cli|web)/", TEST] },
      to: { path: "^suites/" },
    },
    {
      name: "scripts-are-on-top",
      comment: "nothing in src/ or suites/ imports scripts/",
      severity: "error",
      from: { path: "^(src|suites)/" },
      to: { path: "^scripts/" },
    },
    {
      name: "node-behind-host",
      comment: "what a browser loads takes files, processes and the machine from #host/current, not from Node",
      severity: "error",
      from: {
        path: `^src/${oneOf(["base", "stats", "case", "weights", "catalogue", "engine", "ops", "measure", "store", "encodings", "evidence", "models", "report", "training", "tasks"])}/`,
        pathNot: ["^src/engine/tensorflow/", "^src/report/charts/render[.]ts$", "/fixtures/", TEST],
      },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "tensor-library-in-engine",
      comment: "only src/engine names a package of @tensorflow",
      severity: "error",
      from: { pathNot: "^src/engine/" },
      to: { path: "@tensorflow/" },
    },
    {
      name: "resolvable",
      comment: "the import leads nowhere",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^@webgpu/types$" } /* has no code, only types */,
    },
    {
      name: "declared-packages",
      comment: "name the package in package.json; code that is shipped needs it under dependencies",
      severity: "error",
      from: { path: "^(src|suites)/", pathNot: ["^src/testing/", TEST] },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(src/engine/wasm/assembly|scripts/check-additions)/" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ["source", "import", "node", "default", "types"],
      exportsFields: ["exports"],
    },
  },
};
