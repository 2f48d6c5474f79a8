// A data folder held against what is known of its data sets. Subsets are allowed where their names say so.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { namesIn } from "../sets/content.ts";
import { checkDataFile, type FileFinding } from "./check-file.ts";
import { checkImageTree } from "./check-images.ts";
import { checkLatents } from "./check-latents.ts";
import type { DataSource, KnownFile } from "./source.ts";

export interface SourceCheck {
  readonly source: string;
  readonly findings: readonly FileFinding[];
  /** files of the complete set of which neither the whole nor a subset is here */
  readonly absent: readonly string[];
}

/** Checks the files of a source that are in the data folder; no finding where there are none. */
export async function checkSource(source: DataSource, dataDir: string): Promise<SourceCheck> {
  const sums = readSums(dataDir);
  const findings: FileFinding[] = [];
  const seen = new Set<KnownFile>();
  for (const folder of [source.folder, ...(source.otherFolders ?? [])]) {
    for (const name of namesIn(join(dataDir, folder))) {
      const match = matchOf(source, name);
      if (match === undefined) continue;
      seen.add(match.known);
      const path = `${folder}/${name}`;
      findings.push(await checkDataFile({ path, absolutePath: join(dataDir, path), ...match, listed: sums.get(path) }));
    }
  }
  const trees = (source.images?.folders ?? []).filter((folder) => existsSync(join(dataDir, folder)));
  for (const folder of trees) findings.push(...(await checkImageTree({ dataDir, folder, sums }, source.images!)));
  if (source.latents?.dataset.find(dataDir).available === true)
    findings.push(...checkLatents(source.latents.dataset, source.latents.counts, dataDir));
  const absent = source.files.filter((known) => !seen.has(known)).map(({ name }) => name);
  return { source: source.id, findings, absent: findings.length === 0 ? [] : absent };
}

function matchOf({ files }: DataSource, stored: string): { known: KnownFile; subset?: string } | undefined {
  const name = stored.replace(/\.gz$/, "");
  for (const known of files) {
    if (name === known.name || name === known.alias) return { known };
    const word = known.subset?.exec(name)?.[1];
    if (word !== undefined) return { known, subset: word };
  }
  return undefined;
}

/** Lines of `sha256sum`: checksums of stored files, made by whoever put the folder together. */
function readSums(dataDir: string): ReadonlyMap<string, string> {
  const path = join(dataDir, "SHA256SUMS");
  if (!existsSync(path)) return new Map();
  const lines = readFileSync(path, "utf8").matchAll(/^([0-9a-f]{64}) [ *](?:\.\/)?(.+)$/gm);
  return new Map([...lines].map(([, hex, name]) => [name!, hex!]));
}
