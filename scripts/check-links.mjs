// Every link of a Markdown file that points into the repository leads to a file or a folder, and every anchor to a
// heading. Links to other hosts are not followed: the check needs no network.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(root, file)));

const problems = files.flatMap(brokenLinks);
for (const problem of problems) console.error(problem);
console.log(`links: ${problems.length === 0 ? "ok" : `${problems.length} broken`} in ${files.length} files`);
process.exit(problems.length === 0 ? 0 : 1);

function brokenLinks(file) {
  return linksOf(readFileSync(join(root, file), "utf8")).flatMap(({ target, line }) => {
    const [path, anchor] = decodeURI(target).split("#");
    const to = path === "" ? file : join(dirname(file), path);
    const where = `${file}:${line}: ${target}`;
    if (to.startsWith("..")) return [`${where}: leaves the repository`];
    if (!existsSync(join(root, to))) return [`${where}: there is no ${to}`];
    if (anchor === undefined || anchor === "" || statSync(join(root, to)).isDirectory()) return [];
    return to.endsWith(".md") && !anchorsOf(to).has(anchor) ? [`${where}: ${to} has no heading for #${anchor}`] : [];
  });
}

function linksOf(text) {
  return proseLines(text).flatMap(({ line, number }) =>
    [...line.replaceAll(/`[^`]*`/g, "").matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)]
      .map(([, target]) => ({ target, line: number }))
      .filter(({ target }) => !/^[a-z][a-z0-9+.-]*:/i.test(target)),
  );
}

/** The anchors that GitHub gives to headings: lower case, spaces to hyphens, no punctuation; repeated ones numbered. */
function anchorsOf(file) {
  const seen = new Map();
  return new Set(
    proseLines(readFileSync(join(root, file), "utf8")).flatMap(({ line }) => {
      const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
      if (heading === undefined) return [];
      const slug = heading
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(/\s/g, "-");
      const times = seen.get(slug) ?? 0;
      seen.set(slug, times + 1);
      return [times === 0 ? slug : `${slug}-${times}`];
    }),
  );
}

/** Lines outside fenced code, with their numbers. */
function proseLines(text) {
  let fenced = false;
  return text.split("\n").flatMap((line, index) => {
    if (/^\s*(```|~~~)/.test(line)) {
      fenced = !fenced;
      return [];
    }
    return fenced ? [] : [{ line, number: index + 1 }];
  });
}
