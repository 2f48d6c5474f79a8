import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EnvironmentError, StoreError } from "#base/errors";
import { systemClock } from "#base/clock";
import { fixtureRun } from "#testing/fixture-records";
import { effectiveAtoms, effectiveRecords } from "./atoms.ts";
import { makeRunFolder } from "./layout.ts";
import { loadRun } from "./load.ts";
import type { OkRecord, RunRecord } from "./record.ts";
import { RunWriter } from "./writer.ts";

const { manifest, records } = fixtureRun({ processes: 2, rounds: 2 });
const atoms = effectiveAtoms(records);
let top: string;
let folder: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "writer-"));
  folder = join(top, "run");
});
afterEach(() => rmSync(top, { recursive: true }));

function begun(): RunWriter {
  const writer = RunWriter.open(folder);
  writer.writeManifest(manifest);
  writer.appendAtom(atoms[0]!);
  return writer;
}

describe("a run whose files are taken away stops before it measures on for nobody", () => {
  test.each([
    ["records.jsonl deleted", () => rmSync(join(folder, "records.jsonl"))],
    [
      "records.jsonl replaced by a copy",
      () => {
        const content = readFileSync(join(folder, "records.jsonl"));
        rmSync(join(folder, "records.jsonl"));
        writeFileSync(join(folder, "records.jsonl"), content);
      },
    ],
    ["another program appended to it", () => appendFileSync(join(folder, "records.jsonl"), "{}\n")],
    ["the folder removed", () => rmSync(folder, { recursive: true })],
    ["the folder moved", () => renameSync(folder, join(top, "moved"))],
    [
      "the folder replaced by a file",
      () => {
        rmSync(folder, { recursive: true });
        writeFileSync(folder, "");
      },
    ],
  ])("%s", (_, take) => {
    const writer = begun();
    take();
    const before = readdirSync(top);
    for (const write of [() => writer.appendAtom(atoms[1]!), () => writer.writeManifest(manifest)]) {
      expect(write).toThrow(EnvironmentError);
      expect(write).toThrow(/records\.jsonl is no longer the file that this run writes to/);
    }
    writer.close();
    expect(readdirSync(top)).toEqual(before); // nothing was made anew
  });
});

test("records.jsonl that is a link out of the run, or no file, is refused", () => {
  mkdirSync(folder);
  writeFileSync(join(top, "elsewhere"), "kept");
  symlinkSync("../elsewhere", join(folder, "records.jsonl"));
  expect(() => RunWriter.open(folder)).toThrow(StoreError);
  expect(readFileSync(join(top, "elsewhere"), "utf8")).toBe("kept");
  rmSync(join(folder, "records.jsonl"));
  execFileSync("mkfifo", [join(folder, "records.jsonl")]);
  expect(() => RunWriter.open(folder)).toThrow(/is no regular file/);
  expect(readdirSync(folder)).toEqual(["records.jsonl"]); // the lock was given back
});

test("a text with half of a letter is stored as Unicode, which readers take", () => {
  const writer = RunWriter.open(folder);
  writer.writeManifest(manifest);
  const { strategy, secondsSamples, work, peak, correctness, ...common } = records[0] as OkRecord;
  const failed: RunRecord = { ...common, status: "failed", reason: "died at \ud83d", final: true };
  expect([strategy, secondsSamples, work, peak, correctness]).not.toContain(undefined);
  writer.appendAtom([failed]);
  writer.close();
  expect(loadRun(folder).records).toMatchObject([{ reason: "died at \ufffd" }]);
});

const canMount = process.platform === "linux" && process.getuid?.() === 0;

describe.skipIf(!canMount)("a full disk (needs the rights to mount one)", () => {
  const mount = (options: string) => execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", top]);
  beforeEach(() => void mount("size=64k"));
  afterEach(() => void execFileSync("umount", [top]));

  test("loses nothing that was measured, and the run completes once there is room, with nothing counted twice", () => {
    const writer = begun();
    let fit = 1;
    expect(() => {
      for (; ; fit++) writer.appendAtom(atoms[fit]!);
    }).toThrow(/cannot be written \(it does not fit on the disk.*continue with --resume/);
    writer.close();
    expect(fit).toBeLessThan(atoms.length);
    expect(loadRun(folder)).toMatchObject({ records: atoms.slice(0, fit).flat(), warnings: [] });
    mount("remount,size=4m");
    const resumed = RunWriter.open(folder);
    for (const atom of atoms.slice(fit)) resumed.appendAtom(atom);
    resumed.close();
    const found = loadRun(folder).records;
    expect(found).toEqual(atoms.flat());
    expect(effectiveRecords(found)).toEqual(found);
  });

  test("refuses a start with one line, keeps no lock, and the same start works once there is room", () => {
    writeFileSync(join(top, "fill"), Buffer.alloc(60_000));
    try {
      appendFileSync(join(top, "fill"), Buffer.alloc(10_000));
    } catch {
      // full now
    }
    expect(() => begun()).toThrow(EnvironmentError);
    expect(existsSync(join(folder, "lock"))).toBe(false);
    rmSync(join(top, "fill"));
    begun().close();
    expect(loadRun(folder).records).toEqual(atoms[0]);
  });

  test("never puts half of a file in the place of a whole one", () => {
    const writer = begun();
    const before = readFileSync(join(folder, "manifest.json"), "utf8");
    const large = { ...manifest, command: "x".repeat(90_000) };
    expect(() => writer.writeManifest(large)).toThrow(EnvironmentError);
    expect(readFileSync(join(folder, "manifest.json"), "utf8")).toBe(before);
    writer.close();
  });
});

test("runs that start in one second get a folder each", () => {
  const clock = { ...systemClock, timestamp: () => "2026-11-23T14:30:05.000Z" };
  const names = [1, 2, 3].map(() => makeRunFolder(clock, "smoke", top));
  expect(names).toEqual(["", "-2", "-3"].map((end) => join(top, "results", "runs", `20261123-143005-smoke${end}`)));
  expect(readdirSync(join(top, "results", "runs"))).toHaveLength(3);
});
