// What a page loads, as files: the worker bundled by esbuild from the same code that Node runs, the kernels, and the
// WebAssembly of tfjs. What is Node's alone is replaced by file; whatever else names a module of Node is an error.

import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { host } from "#host/current";
import { packageRoot } from "#host/package";
import { nameOf, OWN_FILES, VERSIONS_FILE } from "./assets.ts";

/** Files of src/, without their endings, and what takes their place in a page. One list. */
const REPLACED: Readonly<Record<string, string>> = {
  "host/current": "host/page/current",
  "engine/webgpu/dawn": "engine/webgpu/navigator",
  "engine/tensorflow/engine": "web/absent/tensorflow",
  "runner/workloads/programs": "web/absent/programs",
  "runner/workloads/training": "web/absent/training",
};

const WASM_PACKAGE = "@tensorflow/tfjs-backend-wasm";
const COMPUTING_PACKAGES = ["@tensorflow/tfjs", WASM_PACKAGE, "@tensorflow/tfjs-backend-webgpu"];

const here = fileURLToPath(import.meta.url);
const extension = here.endsWith(".ts") ? "ts" : "js";
const source = dirname(dirname(here));

export interface PageFile {
  readonly name: string;
  readonly content: Uint8Array;
}

export interface PageBundle {
  readonly files: readonly PageFile[];
  /** every module that went in, by its path from the package's folder */
  readonly modules: readonly string[];
}

/** @throws {Error} the code does not bundle, such as where it names a module of Node */
export async function bundlePage(): Promise<PageBundle> {
  const { build } = await import("esbuild");
  const root = packageRoot();
  const { outputFiles, metafile } = await build({
    entryPoints: { worker: join(source, "web", `worker.${extension}`) },
    outdir: join(root, "page"),
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: extension === "ts" ? ["source"] : [],
    legalComments: "none",
    logLevel: "silent",
    plugins: [replacing],
  });
  const bundled = outputFiles.map(({ path, contents }) => ({ name: nameOf(path), content: contents }));
  return { files: [...bundled, ...assets()], modules: Object.keys(metafile.inputs) };
}

const replacing: Plugin = {
  name: "replaced in a page",
  setup(build) {
    build.onLoad({ filter: /[.][jt]s$/ }, ({ path }) => {
      const other = REPLACED[relative(source, path).replace(/[.][jt]s$/, "")];
      if (other === undefined) return undefined;
      return { contents: `export * from ${JSON.stringify(join(source, `${other}.${extension}`))};`, loader: "js" };
    });
  },
};

function assets(): PageFile[] {
  const own = OWN_FILES.map((path) => ({ name: nameOf(path), content: host.packages.ownFile(path) }));
  const ofTfjs = `${WASM_PACKAGE}/dist/tfjs-backend-wasm-simd.wasm`;
  const versions = Object.fromEntries(COMPUTING_PACKAGES.map((name) => [name, host.packages.version(name)]));
  return [
    ...own,
    { name: nameOf(ofTfjs), content: readFileSync(host.packages.resolve(ofTfjs)) },
    { name: VERSIONS_FILE, content: new TextEncoder().encode(JSON.stringify(versions)) },
  ];
}
