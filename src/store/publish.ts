// The form in which runs are published: manifest.json and records.jsonl.gz, nothing that `report` can make again.

import { UsageError } from "#base/errors";
import { host } from "#host/current";
import { writable, writeFileAtomic } from "./files.ts";
import { runPaths } from "./layout.ts";
import { LONGEST_LINE, recordFiles, type LoadedRun } from "./load.ts";
import { inStore } from "./validate.ts";

/** What stands against publishing a run: a reader must be able to check out the code that measured all of it. */
export function objections({ manifest, records }: LoadedRun): string[] {
  const used = new Set(records.map(({ environment }) => environment));
  const environments = Object.entries(manifest.environments).filter(([hash]) => used.has(hash));
  const codeOf = new Map<string, string>();
  const mixed = records.find(({ caseId, codeHash }) => {
    const known = codeOf.get(caseId) ?? codeHash;
    codeOf.set(caseId, known);
    return known !== codeHash;
  });
  return [
    ...(records.length === 0 ? ["it holds no records"] : []),
    ...environments.flatMap(([hash, { gitCommit, gitDirty }]) => {
      if (gitDirty === true) return [`environment ${hash} is of a working tree with changes that no commit holds`];
      return gitCommit === undefined ? [`environment ${hash} names no commit`] : [];
    }),
    ...(mixed === undefined
      ? []
      : [
          `${mixed.case.suite} ${mixed.case.contender} (case ${mixed.caseId}) was measured by code ${codeOf.get(mixed.caseId)} and again by ${mixed.codeHash}`,
        ]),
  ];
}

/** Commits that the records of a run name. */
export function commitsOf({ manifest, records }: LoadedRun): string[] {
  const used = new Set(records.map(({ environment }) => environment));
  const commits = Object.entries(manifest.environments).flatMap(([hash, { gitCommit }]) =>
    used.has(hash) && gitCommit !== undefined ? [gitCommit] : [],
  );
  return [...new Set(commits)];
}

/**
 * Writes a run in its published form into a new folder.
 *
 * @throws {UsageError} there is something already
 */
export function publish(folder: string, target: string): void {
  const [from, to] = [runPaths(folder), runPaths(target)];
  if (inStore(to.folder, () => host.files.kind(to.folder)) !== undefined)
    throw new UsageError(`${to.folder} is there already; choose another --out.`);
  packRecords(from.folder, to.folder);
  const manifest = inStore(from.manifest, () => host.files.readBytes(from.manifest, LONGEST_LINE));
  writeFileAtomic(to.manifest, new TextEncoder().encode(withoutFolders(new TextDecoder().decode(manifest))));
}

/** Absolute paths, of the command line, of flags and of stacks, by their last part: a reader has folders of their own. */
function withoutFolders(json: string): string {
  return json.replaceAll(/(?<=["'`\s=(:,]|\\n)(?:file:\/\/)?\/(?:[^\s"/]+\/)+(?=[^\s"/])/g, "");
}

/** What a run folder holds beside manifest and records: made from them, or of use while it runs only. */
const DERIVED = ["csv", "charts", "tables", "report.html", "samples", "logs", "checkpoints", "lock", "records.jsonl"];

/**
 * Brings every run folder at and below a folder into the published form, in place and unchecked. A self-test's folder has
 * records and no manifest: what else it holds is its own and stays.
 *
 * @returns the folders converted
 */
export function convert(folder: string): string[] {
  return inStore(folder, () => convertBelow(folder));
}

function convertBelow(folder: string): string[] {
  const { manifest, records } = runPaths(folder);
  if (host.files.kind(folder) !== "folder") return [];
  if (host.files.kind(records) === undefined)
    return host.files.list(folder).flatMap((name) => convert(host.files.join(folder, name)));
  packRecords(folder, folder);
  const derived = host.files.kind(manifest) === undefined ? ["records.jsonl"] : DERIVED;
  for (const name of derived) host.files.remove(host.files.join(folder, name));
  return [folder];
}

function packRecords(folder: string, target: string): void {
  const files = recordFiles(runPaths(folder));
  const { packedRecords } = runPaths(target);
  writable(packedRecords, "Check the folder's rights and the room on the disk.", () =>
    host.files.pack(packedRecords, textsOf(files)),
  );
}

/** Lines as they stand, but for folders in what a failure says; a last one that a kill cut off is left out. */
function* textsOf(files: readonly string[]): Generator<string> {
  for (const file of files)
    for (const { text, whole } of host.files.lines(file, LONGEST_LINE))
      if (whole) yield `${text.includes('"reason":') ? withoutFolders(text) : text}\n`;
}
