// Reading a run: every line is parsed, migrated and validated; damage names file and line.

import { StoreError } from "#base/errors";
import { host } from "#host/current";
import { runPaths, type RunPaths } from "./layout.ts";
import { manifestSchema, recordSchema, type Manifest, type RunRecord } from "./record.ts";
import { inStore, parseStored } from "./validate.ts";

export interface LoadedRun {
  readonly folder: string;
  readonly manifest: Manifest;
  /** all whole records, in file order */
  readonly records: readonly RunRecord[];
  /** things a person should know, such as a last line that was left out */
  readonly warnings: readonly string[];
}

const LARGEST_MANIFEST = 4 * 2 ** 20;
export const LONGEST_LINE = 64 * 2 ** 20;

/** @throws {StoreError} no manifest, another schema version, or damage (file and line named) */
export function loadRun(folder: string): LoadedRun {
  const paths = runPaths(folder);
  const manifest = loadManifest(folder);
  const records: RunRecord[] = [];
  const warnings: string[] = [];
  const shared = sharing();
  for (const path of recordFiles(paths)) readRecords(path, manifest, { records, warnings, shared });
  return { folder: paths.folder, manifest, records, warnings };
}

/** @throws {StoreError} none, or one that cannot be understood */
export function loadManifest(folder: string): Manifest {
  const { manifest: path } = runPaths(folder);
  return parseStored(
    path,
    manifestSchema,
    inStore(path, () => host.files.readText(path, LARGEST_MANIFEST)),
  );
}

/** Files of records that exist. A published run holds packed ones; what a resumed one appends comes after them. */
export function recordFiles({ packedRecords, records }: RunPaths): string[] {
  return [packedRecords, records].filter((path) => inStore(path, () => host.files.kind(path)) !== undefined);
}

function readRecords(
  path: string,
  { environments }: Manifest,
  into: {
    readonly records: RunRecord[];
    readonly warnings: string[];
    readonly shared: (record: RunRecord) => RunRecord;
  },
): void {
  inStore(path, () => {
    for (const { text, number, whole } of host.files.lines(path, LONGEST_LINE)) {
      if (!whole) {
        into.warnings.push(`${path}: the last line is incomplete (${text.length} characters) and was left out`);
        continue;
      }
      const record = parseStored(`${path}:${number}`, recordSchema, text);
      if (!Object.hasOwn(environments, record.environment))
        throw new StoreError(
          `${path}:${number}`,
          `names environment "${record.environment}", which manifest.json does not have. The two files belong to different runs, or one was edited`,
        );
      into.records.push(into.shared(record));
    }
  });
}

/** Cases and names repeat from line to line, and are most of what a line holds beside its samples: each is kept once. */
function sharing(): (record: RunRecord) => RunRecord {
  const cases = new Map<string, RunRecord["case"]>();
  const names = new Map<string, string>();
  const once = <T>(known: Map<string, T>, key: string, value: T): T => {
    const first = known.get(key);
    if (first === undefined) known.set(key, value);
    return first ?? value;
  };
  const name = (value: string) => once(names, value, value);
  return (record) =>
    Object.assign(record, {
      case: once(cases, JSON.stringify(record.case), record.case),
      caseId: name(record.caseId),
      key: name(record.key),
      codeHash: name(record.codeHash),
      matchup: name(record.matchup),
      environment: name(record.environment),
      startedAt: name(record.startedAt),
    });
}
