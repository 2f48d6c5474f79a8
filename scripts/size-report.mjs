// Lines per folder, and the rule that no source file is longer than 400 lines.

import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const LIMIT = 400;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const files = ["src", "suites", "scripts"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(ts|mjs)$/.test(path))
    .map((path) => ({
      path: `${folder}/${path}`,
      lines: readFileSync(join(root, folder, path), "utf8").split("\n").length - 1,
    })),
);

const folders = new Map();
for (const { path, lines } of files) {
  const name = path
    .split("/")
    .slice(0, path.startsWith("src/") ? 2 : 1)
    .join("/");
  folders.set(name, [...(folders.get(name) ?? []), lines]);
}
for (const [name, counts] of [...folders].sort()) {
  const sorted = counts.sort((a, b) => a - b);
  const total = sorted.reduce((sum, lines) => sum + lines, 0);
  console.log(
    `${name.padEnd(16)} ${String(sorted.length).padStart(4)} files  median ${String(sorted[sorted.length >> 1]).padStart(4)}  max ${String(sorted.at(-1)).padStart(4)}  lines ${total}`,
  );
}
const tooLong = files.filter(({ lines }) => lines > LIMIT);
for (const { path, lines } of tooLong) console.error(`${path}: ${lines} lines, the limit is ${LIMIT}`);
process.exit(tooLong.length === 0 ? 0 : 1);
