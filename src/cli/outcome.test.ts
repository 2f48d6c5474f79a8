import { expect, test } from "vitest";
import type { OkRecord, RunRecord } from "#store/record";
import { operatorCase, simulateRecords, trainingRecord } from "#testing/simulated-records";
import { countsOf, exitCodeOf } from "./outcome.ts";

const measured = simulateRecords([operatorCase("additive-global", 64)], { seconds: () => 1e-3, processes: 2 });

/** The same atoms, ended without a result. */
function ended(status: "failed" | "oom" | "timeout" | "skipped"): RunRecord[] {
  return measured
    .filter(({ round }) => round === 0)
    .map(({ schema, key, caseId, codeHash, matchup, process, round, startedAt, environment, case: item }) => ({
      ...{ schema, key, caseId, codeHash, matchup, process, round, startedAt, environment, case: item },
      ...{ final: true, status, reason: "for the test" },
    }));
}

function trained(of: { readonly beaten: boolean }): RunRecord {
  const record = trainingRecord({ seed: 1, top1: 0.5 }) as OkRecord;
  const floor = { score: "top1", reached: 0.5, limit: 0.5, ...of };
  return { ...record, training: { ...record.training!, floor } };
}

test.each([
  ["everything measured", measured, 0, 0],
  ["work left", measured, 3, 5],
  ["nothing measured, work left", [], 3, 5],
  ["a failed case", ended("failed"), 0, 2],
  ["a failed case, and work left", ended("failed"), 3, 2],
  ["a failed case that was run again with success", [...ended("failed"), ...measured], 0, 0],
  ["a case that failed when it was run again", [...measured, ...ended("failed")], 0, 2],
  ["a failed case whose repetition was cut off", [...ended("failed"), ...measured.slice(0, 1)], 0, 2],
  ["out of memory", ended("oom"), 0, 0],
  ["out of time", ended("timeout"), 0, 0],
  ["skipped", ended("skipped"), 0, 0],
  ["a training above what guessing gives", [trained({ beaten: true })], 0, 0],
  ["a training that is no better than guessing", [trained({ beaten: false })], 0, 2],
])("%s", (_what, records, leftOver, code) => {
  expect(exitCodeOf(records, leftOver)).toBe(code);
});

test("results that are no times are counted once per case, by status", () => {
  expect(countsOf([...ended("oom"), ...ended("oom")])).toEqual(["1 case: oom"]);
  expect(countsOf(measured)).toEqual([]);
});
