// A source's files held against what is known of them: its loaders read them to their end, and checksums that lie in the
// data folder (SHA256SUMS, lines of `sha256sum`) are compared with the stored files.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { sha256OfFile } from "./fetch/hash-file.ts";
import { readStored } from "./sets/content.ts";
import type { DataSource, Finding } from "./source.ts";

const MOST_SUMS = 256 * 2 ** 20;

export interface SourceCheck {
  readonly source: string;
  readonly layout: string;
  /** none where nothing of the source is here */
  readonly findings: readonly Finding[];
}

export async function checkSource(source: DataSource, dataDir: string): Promise<SourceCheck> {
  const findings = await source.check(dataDir);
  const others = await changedFiles(source, dataDir);
  const known = new Set(others.map(({ path }) => path));
  return {
    source: source.id,
    layout: source.layout,
    findings: [...findings.filter(({ path }) => !known.has(path)), ...others],
  };
}

/** Listed files of a source that are here and are not the listed ones. */
async function changedFiles({ folders }: DataSource, dataDir: string): Promise<readonly Finding[]> {
  const sums = join(dataDir, "SHA256SUMS");
  if (!existsSync(sums)) return [];
  const lines = readStored(sums, MOST_SUMS)
    .toString("utf8")
    .matchAll(/^([0-9a-f]{64}) [ *](?:\.\/)?(.+)$/gm);
  const changed: Finding[] = [];
  for (const [, expected, path] of lines) {
    if (!folders.some((folder) => path!.startsWith(`${folder}/`))) continue;
    const file = join(dataDir, path!);
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true || (await sha256OfFile(file)) === expected)
      continue;
    changed.push({ path: path!, verdict: "damaged", detail: "its sha256 is not the one in SHA256SUMS" });
  }
  return changed;
}
