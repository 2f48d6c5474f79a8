// The page as files: page and worker bundled by esbuild from the same code that Node runs, its document and style, the
// kernels, and the WebAssembly of tfjs. What is Node's alone is replaced by file; whatever else names a module of Node is
// an error.

import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { host } from "#host/current";
import { packageRoot } from "#host/package";
import { codeHash, type Work } from "#runner/code-hash";
import { ABOUT_FILE, LIBRARY_FILES, nameOf, OWN_FILES, type About } from "./assets.ts";
import { HEADERS } from "./headers.ts";
import { PAGE_ENGINES } from "./page/choices.ts";
import { pageDocument } from "./page/document.ts";
import { APP_STYLE } from "./page/style.ts";

/** Files of src/, without their endings, and what takes their place in a page. One list. */
const REPLACED: Readonly<Record<string, string>> = {
  "host/current": "host/page/current",
  "engine/webgpu/dawn": "engine/webgpu/navigator",
  "engine/tensorflow/engine": "web/absent/tensorflow",
  "data/sets/filed": "web/absent/datasets",
  "runner/child-process": "web/counterparts/child-process",
  "runner/code-hash": "web/counterparts/code-hash",
  "runner/modules": "web/absent/modules",
  "runner/slots": "web/counterparts/slots",
  "runner/workloads/programs": "web/absent/programs",
  "tasks/image-generation/inception-features": "web/absent/inception",
  "tasks/image-generation/sample-grid": "web/absent/pictures",
};

/** Packages whose build for browsers has another name. */
const BROWSER_BUILDS = {
  "csv-parse/sync": "csv-parse/browser/esm/sync",
  "csv-stringify/sync": "csv-stringify/browser/esm/sync",
};

const WASM_PACKAGE = "@tensorflow/tfjs-backend-wasm";
const ASKED_PACKAGES = ["@tensorflow/tfjs", WASM_PACKAGE, "@tensorflow/tfjs-backend-webgpu"];
const PAGE_WORK: readonly Work[] = ["operator", "decode", "training", "gate"];

const here = fileURLToPath(import.meta.url);
const extension = here.endsWith(".ts") ? "ts" : "js";
const source = dirname(dirname(here));

export interface PageFile {
  readonly name: string;
  readonly content: Uint8Array;
}

export interface PageBundle {
  readonly files: readonly PageFile[];
  /** every module whose code went in, by its path from the package's folder */
  readonly modules: readonly string[];
}

/** @throws {Error} the code does not bundle, such as where it names a module of Node */
export async function bundlePage(): Promise<PageBundle> {
  const { build } = await import("esbuild");
  const root = packageRoot();
  const { outputFiles, metafile } = await build({
    entryPoints: {
      page: join(source, "web", "page", `main.${extension}`),
      worker: join(source, "web", `worker.${extension}`),
    },
    outdir: join(root, "page"),
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: extension === "ts" ? ["source"] : [],
    alias: BROWSER_BUILDS,
    tsconfigRaw: {}, // its paths would lead from compiled files back to the sources
    legalComments: "none",
    logLevel: "silent",
    plugins: [replacing],
  });
  const bundled = outputFiles.map(({ path, contents }) => ({ name: nameOf(path), content: contents }));
  return {
    files: [...bundled, ...texts(), ...assets()],
    modules: Object.keys(metafile.inputs).filter((path) => otherFor(join(root, path)) === undefined),
  };
}

/** What takes the place of a file of src/, by its path. */
function otherFor(path: string): string | undefined {
  return REPLACED[relative(source, path).replace(/[.][jt]s$/, "")];
}

const replacing: Plugin = {
  name: "replaced in a page",
  setup(build) {
    build.onLoad({ filter: /[.][jt]s$/ }, ({ path }) => {
      const other = otherFor(path);
      if (other === undefined) return undefined;
      return { contents: `export * from ${JSON.stringify(join(source, `${other}.${extension}`))};`, loader: "js" };
    });
  },
};

function texts(): PageFile[] {
  const about: About = {
    installed: Object.fromEntries(ASKED_PACKAGES.map((name) => [name, host.packages.version(name)])),
    versions: host.packages.versions(),
    commit: host.packages.commit(),
    codeHashes: Object.fromEntries(
      PAGE_ENGINES.flatMap((engine) => PAGE_WORK.map((kind) => [`${kind} ${engine}`, codeHash({ kind, engine })])),
    ),
  };
  const encoder = new TextEncoder();
  return Object.entries({
    "index.html": pageDocument(),
    "page.css": APP_STYLE,
    [ABOUT_FILE]: JSON.stringify(about),
    _headers: `/*\n${Object.entries(HEADERS)
      .map(([name, value]) => `  ${name}: ${value}\n`)
      .join("")}`, // as several hosts of plain files read it
  }).map(([name, text]) => ({ name, content: encoder.encode(text) }));
}

function assets(): PageFile[] {
  const own = OWN_FILES.map((path) => ({ name: nameOf(path), content: host.packages.ownFile(path) }));
  const ofTfjs = `${WASM_PACKAGE}/dist/tfjs-backend-wasm-simd.wasm`;
  const libraries = LIBRARY_FILES.map((path) => {
    const [name, file] = path.split("/") as [string, string];
    return { name: nameOf(path), content: new TextEncoder().encode(host.packages.sourceOf(name, file)) };
  });
  return [...own, ...libraries, { name: nameOf(ofTfjs), content: readFileSync(host.packages.resolve(ofTfjs)) }];
}
