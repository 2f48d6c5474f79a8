// Makes a fresh clone ready: installs packages when the lock file changed, builds when a source changed.
// Depends on nothing but Node, so that it can be the first thing that runs. Says on stderr what it does. Of two that
// start at once in one clone the second waits for the first.
//
//   node scripts/bootstrap.mjs                 install and build what is missing or out of date

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { takeBuildLock } from "./build-lock.mjs";

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
const SCRATCH = "dist.building-";
const MINIMUM_NODE = [20, 19];

/** What must be there, in this order: the stamp of each says from which sources it was made. */
const PACKAGES = { stamp: INSTALL_STAMP, sources: hashOfLockFile, make: install, isThere: isInstalled };
const PROGRAM = { stamp: BUILD_STAMP, sources: () => fingerprint(SOURCES), make: build };
const KERNELS = { stamp: KERNELS_STAMP, sources: () => fingerprint(KERNEL_SOURCES), make: buildKernels };

/**
 * Installs and builds if needed. Does nothing in an installed package, which carries dist/ and no sources.
 *
 * @param options `kernels: false` leaves out those of the wasm engine: help and lists answer without
 */
export async function bootstrap({ kernels = true } = {}) {
  if (!existsSync(join(root, "src")) || !existsSync(join(root, "package-lock.json"))) return;
  requireNode();
  const parts = [PACKAGES, PROGRAM, ...(kernels ? [KERNELS] : [])];
  if (parts.every(isCurrent)) return;
  const giveBack = await takeBuildLock(join(root, "dist.lock"));
  try {
    for (const name of readdirSync(root)) if (name.startsWith(SCRATCH)) remove(join(root, name)); // of builds that were killed
    for (const part of parts) if (!isCurrent(part)) part.make(part.sources());
  } catch (error) {
    if (!(error instanceof StepError) && error.syscall === undefined) throw error; // with it: no room, no rights
    console.error(`lightnet-bench: ${error.message}. Mend the error above and run the same command again.`);
    process.exit(4);
  } finally {
    giveBack();
  }
}

class StepError extends Error {}

function isCurrent({ stamp, sources, isThere = () => false }) {
  return (existsSync(stamp) && readFileSync(stamp, "utf8") === sources()) || isThere();
}

function hashOfLockFile() {
  return createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
}

/**
 * Someone ran `npm ci` by hand: npm keeps a list of what it installed, written last. Optional packages may be missing there,
 * those of other systems always are.
 */
function isInstalled() {
  const list = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(list)) return false;
  const [installed, wanted] = [list, join(root, "package-lock.json")].map(
    (path) => JSON.parse(readFileSync(path, "utf8")).packages ?? {},
  );
  const isSame = (path) => installed[path]?.integrity === wanted[path].integrity;
  const isOptional = (path) => wanted[path].optional === true && installed[path] === undefined;
  if (!Object.keys(wanted).every((path) => path === "" || isSame(path) || isOptional(path))) return false;
  writeFileSync(INSTALL_STAMP, hashOfLockFile());
  return true;
}

function install(sources) {
  step("installing packages (npm ci)", "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(INSTALL_STAMP, sources);
}

function build(sources) {
  const tsc = join("node_modules", "typescript", "bin", "tsc");
  makeWhole("dist", (target) => {
    step("compiling TypeScript", process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", target]);
    writeFileSync(join(root, target, ".stamp"), sources);
    if (existsSync(KERNELS_STAMP))
      cpSync(join(root, "dist", "kernels"), join(root, target, "kernels"), { recursive: true });
  });
}

function buildKernels(sources) {
  makeWhole(join("dist", "kernels"), (target) => {
    step("compiling WebAssembly kernels", process.execPath, [join("scripts", "build-kernels.mjs"), target]);
    writeFileSync(join(root, target, ".stamp"), sources);
  });
}

/** Makes a folder beside its place and puts it there whole: a build that fails or is cut off leaves the old one. */
function makeWhole(place, make) {
  const target = `${SCRATCH}${process.pid}`;
  const old = `${target}-old`;
  try {
    make(target);
    if (existsSync(join(root, place))) renameSync(join(root, place), join(root, old));
    renameSync(join(root, target), join(root, place));
  } finally {
    remove(join(root, target));
    remove(join(root, old));
  }
}

function remove(path) {
  rmSync(path, { recursive: true, force: true });
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

// Names, sizes and times of change: reading every source on every start would cost more than it is worth.
function fingerprint(sources) {
  const hash = createHash("sha256");
  const visit = (path) => {
    const stats = statSync(join(root, path));
    if (stats.isDirectory()) {
      for (const name of readdirSync(join(root, path)).sort()) visit(`${path}/${name}`);
    } else if (!/\.md$|\.test\.ts$/.test(path)) {
      hash.update(`${path} ${stats.size} ${stats.mtimeMs}\n`);
    }
  };
  sources.forEach(visit);
  return hash.digest("hex");
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await bootstrap();
