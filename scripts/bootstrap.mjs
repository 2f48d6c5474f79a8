// Makes a fresh clone ready: installs packages when the lock file changed, builds when a source changed.
// Depends on nothing but Node, so that it can be the first thing that runs. Says on stderr what it does.
//
//   node scripts/bootstrap.mjs                 install and build what is missing or out of date

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const INSTALL_STAMP = join(root, "node_modules", ".lightnet-bench-install");
const BUILD_STAMP = join(root, "dist", ".stamp");
const KERNELS_STAMP = join(root, "dist", "kernels", ".stamp");
const SOURCES = [
  "src",
  "suites",
  "scripts",
  "tsconfig.json",
  "tsconfig.build.json",
  "package.json",
  "package-lock.json",
];
const KERNEL_SOURCES = ["src/engine/wasm/assembly", "scripts/build-kernels.mjs", "package-lock.json"];
const MINIMUM_NODE = [20, 19];

/**
 * Installs and builds if needed. Does nothing in an installed package, which carries dist/ and no sources.
 *
 * @param options `kernels: false` leaves out those of the wasm engine: help and lists answer without
 */
export function bootstrap({ kernels = true } = {}) {
  if (!existsSync(join(root, "src")) || !existsSync(join(root, "package-lock.json"))) return;
  requireNode();
  try {
    install();
    build();
    if (kernels) buildKernels();
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    console.error(`lightnet-bench: ${error.message}. Mend the error above and run the same command again.`);
    process.exit(4);
  }
}

class StepError extends Error {}

function install() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (readStamp(INSTALL_STAMP) === lock) return;
  step("installing packages (npm ci)", "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(INSTALL_STAMP, lock);
}

// Builds beside dist/ and puts it in place whole, so that a build that fails or is cut off leaves the old one.
function build() {
  const sources = fingerprint(SOURCES);
  if (readStamp(BUILD_STAMP) === sources) return;
  inScratch((target) => {
    step("compiling TypeScript", process.execPath, [
      join("node_modules", "typescript", "bin", "tsc"),
      "-p",
      "tsconfig.build.json",
      "--outDir",
      target,
    ]);
    writeFileSync(join(root, target, ".stamp"), sources);
    if (existsSync(KERNELS_STAMP)) renameSync(join(root, "dist", "kernels"), join(root, target, "kernels"));
    rmSync(join(root, "dist"), { recursive: true, force: true });
    renameSync(join(root, target), join(root, "dist"));
  });
}

function buildKernels() {
  const sources = fingerprint(KERNEL_SOURCES);
  if (readStamp(KERNELS_STAMP) === sources) return;
  inScratch((target) => {
    step("compiling WebAssembly kernels", process.execPath, [join("scripts", "build-kernels.mjs"), target]);
    writeFileSync(join(root, target, "kernels", ".stamp"), sources);
    rmSync(join(root, "dist", "kernels"), { recursive: true, force: true });
    renameSync(join(root, target, "kernels"), join(root, "dist", "kernels"));
  });
}

function inScratch(work) {
  const target = `dist.building-${process.pid}`;
  try {
    work(target);
  } finally {
    rmSync(join(root, target), { recursive: true, force: true });
  }
}

function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])) return;
  console.error(`lightnet-bench needs Node ${MINIMUM_NODE.join(".")} or newer; this is ${process.versions.node}.`);
  process.exit(4);
}

function step(title, command, args) {
  const start = performance.now();
  console.error(`lightnet-bench: ${title} …`);
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (signal === "SIGINT" || signal === "SIGTERM") {
    console.error(`lightnet-bench: stopped while ${title}`);
    process.exit(signal === "SIGINT" ? 130 : 143);
  }
  if (status !== 0) throw new StepError(`${title} failed${error ? ` (${error.message})` : ""}`);
  console.error(`lightnet-bench: ${title} took ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

function readStamp(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

// Names, sizes and times of change: reading every source on every start would cost more than it is worth.
function fingerprint(sources) {
  const hash = createHash("sha256");
  const visit = (path) => {
    const stats = statSync(join(root, path));
    if (stats.isDirectory()) {
      for (const name of readdirSync(join(root, path)).sort()) visit(`${path}/${name}`);
    } else if (!path.endsWith(".md")) {
      hash.update(`${path} ${stats.size} ${stats.mtimeMs}\n`);
    }
  };
  sources.forEach(visit);
  return hash.digest("hex");
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) bootstrap();
