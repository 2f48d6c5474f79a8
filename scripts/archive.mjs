// A release as one file to deposit: the committed tree, published records included, with its checksum.
//
//   npm run archive        → lightnet-bench-<version>.tar.gz and .sha256, in the current folder

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 30 }).trim();

const { name, version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const cited = /^version: (.+)$/m.exec(readFileSync(new URL("../CITATION.cff", import.meta.url), "utf8"))?.[1];
if (cited !== version) fail(`package.json says version ${version}, CITATION.cff ${cited}.`);
if (git("status", "--porcelain") !== "")
  fail("There are uncommitted changes: commit them, since an archive is of a commit.");

const file = `${name}-${version}.tar.gz`;
execFileSync(
  "git",
  ["archive", "--format=tar.gz", `--prefix=${name}-${version}/`, `--output=${process.cwd()}/${file}`, "HEAD"],
  { cwd: root },
);
const sum = createHash("sha256").update(readFileSync(file)).digest("hex");
writeFileSync(`${file}.sha256`, `${sum}  ${file}\n`);
console.log(`${file}: commit ${git("rev-parse", "HEAD")}, sha256 ${sum}`);

function fail(reason) {
  console.error(`archive: ${reason}`);
  process.exit(3);
}
