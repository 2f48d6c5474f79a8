import { expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { buildReport } from "./build.ts";

const { manifest, records, suites } = fixtureRun({ processes: 2 });
const { data } = buildReport({ runs: [{ manifest, records }], suites });

test.each(data.suites.map((suite) => [suite.id, suite] as const))(
  "%s asks a question, and what it found has the numbers of its results",
  (_, { question, found, pictures }) => {
    expect(question).toMatch(/\?$/);
    const values = pictures.flatMap(({ series }) => series.flatMap(({ points }) => points.map(({ value }) => value)));
    const numbers = found.filter((sentence) => !sentence.startsWith("Claims that rest on this"));
    for (const sentence of numbers)
      expect(values.filter((value) => sentence.includes(value)).length).toBeGreaterThan(0);
  },
);

test("time against length names the lowest at the longest length, and the place of LightNet", () => {
  const { found } = data.suites.find(({ id }) => id === "kernel-forward")!;
  expect(found[0]).toMatch(/at tokens N \d+: .+ has .+, the lowest of \d+; .+/);
});
