import { existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { buildProgram } from "./main.ts";

let printed: string[];
const here = process.cwd();
let folder: string;

beforeEach(() => {
  printed = [];
  vi.spyOn(console, "log").mockImplementation((text: string) => void printed.push(text));
  folder = mkdtempSync(join(tmpdir(), "runs-"));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(here);
  vi.restoreAllMocks();
});

function write(name: string, changes: Readonly<Record<string, unknown>> = {}): string {
  const { manifest, records } = fixtureRun({ processes: 1, rounds: 1 });
  const run = join(folder, "results", "runs", name);
  mkdirSync(run, { recursive: true });
  writeFileSync(join(run, "manifest.json"), JSON.stringify({ ...manifest, run: name, ...changes }));
  writeFileSync(join(run, "records.jsonl"), records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  return run;
}

async function run(...args: string[]): Promise<string> {
  printed = [];
  await buildProgram().parseAsync(args, { from: "user" });
  return printed.join("\n");
}

test("runs lists each run with its note, what is done and what is left; a damaged one hides no other", async () => {
  write("second", { startedAt: "2026-02-01T00:00:00.000Z", flags: { note: "new kernels" } });
  writeFileSync(join(folder, "results", "runs", "second", "headline.txt"), "LightNet 1.2× as fast\n");
  write("first", { startedAt: "2026-01-01T00:00:00.000Z" });
  writeFileSync(join(write("damaged"), "records.jsonl"), "not JSON\n");
  const rows = JSON.parse(await run("runs", "--json")) as Record<string, unknown>[];
  expect(rows.map(({ name }) => name)).toEqual(["damaged", "first", "second"]);
  expect(rows[2]).toMatchObject({
    when: "2026-02-01 00:00",
    scale: "smoke",
    engine: "wasm",
    left: 0,
    found: "LightNet 1.2× as fast",
    note: "new kernels",
  });
  expect(rows[2]!["done"]).toBeGreaterThan(10);
  expect(rows[0]!["note"]).toMatch(/cannot be read: .*records\.jsonl:1/);
});

test("a run that has not ended says what is left, and unknown where its suites are", async () => {
  write("open", { finishedAt: undefined, suites: ["decode"], flags: { seeds: 1 } });
  write("foreign", { finishedAt: undefined, suites: ["no-such-suite"] });
  const rows = JSON.parse(await run("runs", "--json")) as Record<string, unknown>[];
  const leftOf = (name: string) => rows.find((row) => row["name"] === name)!["left"];
  expect(leftOf("open")).toBeGreaterThan(0);
  expect(leftOf("foreign")).toBe("?");
});

test("show prints a run's facts, its answer and its numbers, and how to go on", async () => {
  write("before", { finishedAt: undefined, suites: ["decode"], flags: { note: "a note" } });
  const text = await run("show", "bef");
  expect(text).toMatch(/^note +a note$/m);
  expect(text).toMatch(/^go on +lightnet-bench run --resume /m);
  expect(text).toMatch(/^One LightNet layer takes .* times the time of its fastest rival/m);
  expect(text).toMatch(/additive, 1 scan \(LightNet\) +\d.* (ms|µs|s)/);
  expect(text).toMatch(/vector decay \(GLA-like\), 2 scans +.*×/);
});

test("runs rm removes a run under results/runs, a link to one without what it points to, and nothing else", async () => {
  const gone = write("gone");
  const kept = write("kept");
  const elsewhere = join(folder, "elsewhere");
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, "manifest.json"), "{}");
  await run("runs", "rm", "gone");
  expect(existsSync(gone)).toBe(false);
  await expect(run("runs", "rm", elsewhere)).rejects.toThrow(/not under results/);
  expect(existsSync(elsewhere)).toBe(true);
  symlinkSync(kept, join(folder, "results", "runs", "link"));
  await run("runs", "rm", "link");
  expect(existsSync(join(folder, "results", "runs", "link"))).toBe(false);
  expect(existsSync(join(kept, "manifest.json"))).toBe(true);
});

test("a run that a process writes to is not removed", async () => {
  const busy = write("busy");
  const { takeLock } = await import("#store/lock");
  const release = takeLock(join(busy, "lock"));
  await expect(run("runs", "rm", "busy")).rejects.toThrow(/is writing|holds/);
  release();
  await run("runs", "rm", "busy");
  expect(existsSync(busy)).toBe(false);
});
