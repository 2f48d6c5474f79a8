import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  copyFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { EnvironmentError, StoreError } from "#base/errors";
import { fixtureRun } from "#testing/fixture-records";
import { findRun, runNames } from "./layout.ts";
import { loadRun } from "./load.ts";
import { SCHEMA_VERSION, type RunRecord } from "./record.ts";
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
  writeFileSync(records, readFileSync(records, "utf8").replace(`"schema":${SCHEMA_VERSION}`, '"schema":99'));
  expect(() => loadRun(folder)).toThrow(/schema version 99; this version of lightnet-bench reads 1/);
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

test("a run is found by folder; a missing one says what to do", () => {
  write(first);
  expect(findRun(folder)).toBe(folder);
  expect(() => findRun("no-such-run")).toThrow(/neither a run folder .* nor the name of one/);
  expect(() => findRun(undefined, folder)).toThrow(/holds no run yet/);
  const runs = join(folder, "results", "runs");
  for (const name of ["20260101-smoke", "20260102-smoke", "before"]) {
    mkdirSync(join(runs, name), { recursive: true });
    copyFileSync(join(folder, "manifest.json"), join(runs, name, "manifest.json"));
  }
  expect(findRun("bef", folder)).toBe(join(runs, "before"));
  expect(findRun("20260102", folder)).toBe(join(runs, "20260102-smoke"));
  expect(() => findRun("2026010", folder)).toThrow(/begins the names of 2 runs: 20260101-smoke, 20260102-smoke/);
  expect(runNames(runs)).toContain(findRun("latest", folder).slice(runs.length + 1));
});

describe("what a run folder may hold instead of a run ends in one line, never in a trace", () => {
  const manifestFile = () => join(folder, "manifest.json");
  const swap = (path: string, make: (path: string) => void) => {
    rmSync(path, { recursive: true, force: true });
    make(path);
  };
  const line = () => readFileSync(records, "utf8").split("\n")[0]!;
  const cases: readonly (readonly [string, () => void, RegExp])[] = [
    ["no manifest", () => rmSync(manifestFile()), /manifest\.json: does not exist/],
    [
      "a manifest that is a folder",
      () => swap(manifestFile(), (path) => mkdirSync(path)),
      /manifest\.json: is a folder/,
    ],
    ["records that are a folder", () => swap(records, (path) => mkdirSync(path)), /records\.jsonl: is a folder/],
    ["records that are a pipe", () => swap(records, (path) => execFileSync("mkfifo", [path])), /is no regular file/],
    ["a link to /dev/zero", () => swap(manifestFile(), (path) => symlinkSync("/dev/zero", path)), /is no regular file/],
    [
      "records linked to /dev/zero",
      () => swap(records, (path) => symlinkSync("/dev/zero", path)),
      /is no regular file/,
    ],
    ["a circle of links", () => swap(records, (path) => symlinkSync("records.jsonl", path)), /circle of links/],
    ["deep JSON in the manifest", () => writeFileSync(manifestFile(), "[".repeat(1e6)), /manifest\.json: /],
    ["deep JSON in a record", () => writeFileSync(records, `${"[".repeat(1e5)}${"]".repeat(1e5)}\n`), /jsonl:1: /],
    [
      "deep flags",
      () => writeFileSync(manifestFile(), `{"schema":1,"flags":${'{"a":'.repeat(5000)}1${"}".repeat(5000)}}`),
      /nested deeper/,
    ],
    ["a huge manifest", () => writeFileSync(manifestFile(), Buffer.alloc(5 * 2 ** 20, " ")), /larger than 4 MiB/],
    [
      "bytes that are no text",
      () => writeFileSync(records, Buffer.from([0xff, 0xfe, 0x0a])),
      /not UTF-8 text in line 1/,
    ],
    ["zeros, as a crash of the system leaves", () => writeFileSync(records, Buffer.alloc(4096)), /incomplete/],
    [
      "half of a surrogate pair",
      () => writeFileSync(records, `${line().replace('"suite":"', '"suite":"\\ud800')}\n`),
      /jsonl:1: case\.suite holds half/,
    ],
    [
      "a number whose square overflows",
      () => writeFileSync(records, `${line().replace(/"round":\d+/, '"round":1e308')}\n`),
      /jsonl:1: round is beyond/,
    ],
    [
      "a name without end",
      () => writeFileSync(records, `${line().replace('"contender":"', `"contender":"${"x".repeat(200_000)}`)}\n`),
      /longer than 100000 letters/,
    ],
    [
      "an environment called constructor",
      () => writeFileSync(records, `${line().replace(/"environment":"[^"]+"/, '"environment":"constructor"')}\n`),
      /jsonl:1: names environment "constructor"/,
    ],
    [
      "damaged gzip",
      () => swap(records, (path) => writeFileSync(path, gzipSync(readFileSync("package.json")).subarray(0, 40))),
      /damaged gzip/,
    ],
  ];
  test.each(cases)("%s", (_, damage, message) => {
    write(first, second);
    damage();
    let found: unknown;
    try {
      const { warnings } = loadRun(folder);
      found = new StoreError(folder, warnings.join());
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(StoreError);
    const { message: text } = found as StoreError;
    expect(text).toMatch(message);
    expect(text).not.toContain("\n");
  });

  test("a folder name that no file system takes", () => {
    expect(() => loadRun("x".repeat(5000))).toThrow(/has a name that is too long/);
    expect(() => findRun("x".repeat(5000))).toThrow(StoreError);
    expect(() => findRun(join(records, "below-a-file"))).toThrow(/neither a run folder/);
  });
});

test("a published run holds its records packed; what a resumed one appended comes after them", () => {
  write(first);
  const packed = gzipSync(readFileSync(records));
  writeFileSync(`${records}.gz`, packed);
  rmSync(records);
  expect(loadRun(folder).records).toEqual(first);
  write(second);
  expect(loadRun(folder).records).toEqual([...first, ...second]);
  writeFileSync(records, Buffer.concat([packed, gzipSync(`${JSON.stringify(first[0])}\n`)])); // two members, wrong name
  expect(loadRun(folder).records).toEqual([...first, ...first, first[0]]);
  expect(() => write(second)).toThrow(/packed with gzip, and nothing can be appended/);
});

test("records are read in parts: a line may lie across them, and a line of 64 MiB is refused", () => {
  write(first, second);
  const long = { ...first[0]!, secondsSamples: Array.from({ length: 50_000 }, (_, index) => 1 / (index + 3)) };
  writeFileSync(records, `${JSON.stringify(long)}\n${JSON.stringify(first[0])}\n`);
  expect(loadRun(folder).records).toEqual([long, first[0]]);
  writeFileSync(records, Buffer.alloc(65 * 2 ** 20, "x"));
  expect(() => loadRun(folder)).toThrow(/has a line longer than 64 MiB, line 1/);
});

test("what repeats from line to line is held once: lines of one case share it", () => {
  write(first, second);
  const loaded = loadRun(folder).records;
  const cases = new Set(loaded.map((record) => record.case));
  expect(cases.size).toBe(new Set(loaded.map(({ caseId }) => caseId)).size);
  expect(cases.size).toBeLessThan(loaded.length);
});
