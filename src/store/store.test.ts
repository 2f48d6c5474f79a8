import { appendFileSync, chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { EnvironmentError, StoreError } from "#base/errors";
import { fixtureRun } from "#testing/fixture-records";
import { effectiveRecords, finishedKeys } from "./atoms.ts";
import { findRun } from "./layout.ts";
import { loadRun } from "./load.ts";
import type { RunRecord } from "./record.ts";
import { RunWriter } from "./writer.ts";

const fixture = fixtureRun();
const [first, second] = atomsOf(fixture.records) as [RunRecord[], RunRecord[]];
let folder: string;
let records: string;

/** The fixture's lines, one array an atom; only the last line of an atom is final. */
function atomsOf(lines: readonly RunRecord[]): RunRecord[][] {
  const atoms = new Map<string, RunRecord[]>();
  for (const line of lines) {
    const name = `${line.matchup}/${line.process}`;
    atoms.set(name, [...(atoms.get(name) ?? []), line]);
  }
  return [...atoms.values()].map((atom) => atom.map((line, index) => ({ ...line, final: index === atom.length - 1 })));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "store-"));
  records = join(folder, "records.jsonl");
});

function write(...atoms: readonly RunRecord[][]): void {
  const writer = RunWriter.open(folder);
  writer.writeManifest(fixture.manifest);
  for (const atom of atoms) writer.appendAtom(atom);
  writer.close();
}

test("what is appended is read back", () => {
  write(first, second);
  const run = loadRun(folder);
  expect(run.manifest).toEqual(fixture.manifest);
  expect(run.records).toEqual([...first, ...second]);
  expect(run.warnings).toEqual([]);
});

test("a line cut off by a kill is left out with a warning, and removed before the next append", () => {
  write(first);
  appendFileSync(records, '{"schema":1,"caseId":"half');
  const cut = loadRun(folder);
  expect(cut.records).toEqual(first);
  expect(cut.warnings).toEqual([expect.stringMatching(/last line is incomplete/)]);
  write(second);
  expect(loadRun(folder)).toMatchObject({ records: [...first, ...second], warnings: [] });
});

test("damage elsewhere names file and line", () => {
  write(first, second);
  const lines = readFileSync(records, "utf8").split("\n");
  lines[1] = "{ not json";
  writeFileSync(records, lines.join("\n"));
  expect(() => loadRun(folder)).toThrow(new RegExp(`records.jsonl:2: is not valid JSON`));
});

test("a record that breaks the schema names file, line and field", () => {
  write(first);
  writeFileSync(records, readFileSync(records, "utf8").replace('"process":0', '"process":-1'));
  expect(() => loadRun(folder)).toThrow(/records.jsonl:1: does not follow the schema[\s\S]*process/);
});

test("a run of another schema version is refused and says which", () => {
  write(first);
  writeFileSync(records, readFileSync(records, "utf8").replace('"schema":1', '"schema":99'));
  expect(() => loadRun(folder)).toThrow(/schema version 99; this version of lightnet-bench reads 1/);
});

test("a second writer is refused while the first is alive", () => {
  writeFileSync(join(folder, "lock"), String(process.ppid));
  expect(() => RunWriter.open(folder)).toThrow(StoreError);
  writeFileSync(join(folder, "lock"), "999999999"); // nobody has this number
  RunWriter.open(folder).close();
});

test.skipIf(process.getuid?.() === 0)("an unwritable folder is named", () => {
  chmodSync(folder, 0o500);
  expect(() => RunWriter.open(folder)).toThrow(EnvironmentError);
});

test("a folder that cannot be made is named", () => {
  writeFileSync(join(folder, "file"), "");
  expect(() => RunWriter.open(join(folder, "file", "run"))).toThrow(
    /cannot be written .* Choose another folder with --out/,
  );
});

test("lines of an unfinished atom do not count, and a later atom replaces an earlier one", () => {
  const open = first.map((record) => ({ ...record, final: false }));
  expect(effectiveRecords([...open.slice(0, 1), ...second])).toEqual(second);
  const again = first.map((record) => ({ ...record, startedAt: "2026-12-01T00:00:00.000Z" }));
  expect(effectiveRecords([...first, ...second, ...again])).toEqual([...again, ...second]);
  expect(finishedKeys([...open, ...second]).size).toBe(1);
});

test("a run is found by folder; a missing one says what to do", () => {
  write(first);
  expect(findRun(folder)).toBe(folder);
  expect(() => findRun("no-such-run")).toThrow(/neither a run folder .* nor the name of one/);
  expect(() => findRun(undefined, folder)).toThrow(/holds no run yet/);
});
