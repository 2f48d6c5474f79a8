import { describe, expect, test } from "vitest";
import { UsageError } from "#base/errors";
import { manifest, operatorCase, simulateRecords } from "#testing/simulated-records";
import { evidenceOf } from "./evidence.ts";
import { joinRuns, type Run } from "./runs.ts";

const cases = ["additive-global", "softmax-full"].map((contender) => operatorCase(contender, 256));
const recordsOf = (seed: number) => simulateRecords(cases, { seed, seconds: () => 1e-3 });
const run = (name: string, seed: number, startedAt = "2026-01-01T00:00:00Z"): Run => ({
  manifest: { ...manifest(name), startedAt },
  records: recordsOf(seed),
});
const timesOf = (runs: readonly Run[]) => evidenceOf(runs, { resamples: 200 }).results.map(({ time, n }) => [n, time]);

describe("several runs as one", () => {
  const [first, second] = [run("first", 1), run("second", 2, "2026-01-02T00:00:00Z")];

  test("processes of one machine stand beside each other, whatever the order of the runs", () => {
    expect(timesOf([first, second]).map(([n]) => n)).toEqual([6, 6]);
    expect(timesOf([second, first])).toEqual(timesOf([first, second]));
  });

  test("a run beside itself, or beside a part of itself, counts once, and a warning says so", () => {
    const copy = { ...first, manifest: { ...first.manifest, run: "copy" } };
    const part = { ...copy, records: first.records.filter(({ process }) => process > 0) };
    for (const other of [copy, part]) {
      expect(timesOf([first, other])).toEqual(timesOf([first]));
      expect(joinRuns([other, first]).warnings).toHaveLength(1);
    }
    expect(joinRuns([first, copy]).warnings).toEqual(["first repeats 3 of 3 processes, which count once"]);
  });

  test("processes that were numbered on in a joined run are still known", () => {
    const { records } = joinRuns([first, second]);
    expect(timesOf([{ manifest: manifest("joined"), records }, second])).toEqual(timesOf([first, second]));
  });

  test("one case on two machines is refused by name", () => {
    const other = { manifest: manifest("elsewhere", { cpu: "Another CPU" }), records: recordsOf(3) };
    expect(() => joinRuns([first, other])).toThrow(UsageError);
    expect(() => joinRuns([first, other])).toThrow(
      /simulated · additive-global .* was measured on Another CPU × 4.* in elsewhere and on Example CPU × 4.* in first/,
    );
  });

  test("engines and scales are other cases, and stay apart", () => {
    const paper = cases.map((item) => ({ ...item, scale: "paper" as const }));
    const other = { manifest: manifest("paper"), records: simulateRecords(paper, { seconds: () => 1 }) };
    const { results } = evidenceOf([first, other], { resamples: 200 });
    expect(results.map(({ axes, n }) => [axes["scale"], n])).toEqual([
      ["smoke", 3],
      ["smoke", 3],
      ["paper", 3],
      ["paper", 3],
    ]);
  });

  test("an environment called as every object has one is an environment like others", () => {
    const records = first.records.map((record) => ({ ...record, environment: "constructor" }));
    const { results, environments } = evidenceOf([{ manifest: manifest("odd"), records }], { resamples: 200 });
    expect(environments.get("constructor")).toBeUndefined();
    expect(results.map(({ environments: hashes }) => hashes)).toEqual([["constructor"], ["constructor"]]);
  });
});
