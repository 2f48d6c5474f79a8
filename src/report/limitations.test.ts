import { expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import type { OkRecord } from "#store/record";
import { buildReport } from "./build.ts";

const { manifest, records, suites } = fixtureRun({ processes: 2, trainingSeeds: 1 });
const decode = records.filter(({ case: item }) => item.suite === "decode");

/** The report of the decode suite, its first rounds told to carry these facts. */
function reportWith(facts: Partial<OkRecord>) {
  const told = decode.map((record) =>
    record.round === 0 && record.status === "ok" ? { ...record, ...facts } : record,
  );
  const { data } = buildReport({ runs: [{ manifest, records: told }], suites });
  return { limitations: data.limitations.join("\n"), notes: data.suites[0]!.tables[0]!.notes.join("\n") };
}

test("a load above half of the cores at the start of a case is a limitation, one below is none", () => {
  expect(reportWith({ load: { before: 1.4, after: 0.2 } }).limitations).toContain(
    "15 of 15 cases began while the machine's 1-minute load was above half of its cores (1.4 at most)",
  );
  expect(reportWith({ load: { before: 0.9, after: 5 } }).limitations).not.toContain("1-minute load");
});

test("the overhead of a sample is printed beside the shortest case, and a limitation above 1 % of it", () => {
  const little = reportWith({ overheadSeconds: 1e-8 });
  expect(little.notes).toMatch(
    /Measuring .* takes 10 ns per sample: 0\.\d+ % of the shortest case, [\d.]+ µs \(decode · /,
  );
  expect(little.limitations).not.toContain("Measuring");
  expect(reportWith({ overheadSeconds: 1e-6 }).limitations).toMatch(
    /takes 1 µs per sample: \d+ % of the shortest case/,
  );
});

test("a GPU held down by heat is a limitation and a note of its cases", () => {
  const { limitations } = reportWith({ gpuState: [{ clockLimits: ["hardware thermal slowdown"] }] });
  expect(limitations).toContain("In 15 cases power or heat held a GPU's clocks down");
});
