import { expect, test } from "vitest";
import { manifest, operatorCase, simulateRecords } from "#testing/simulated-records";
import { scaledLine } from "./scaled.ts";

test("a run a fifth slower than itself exits 1 with every case named; half a percent is nothing", () => {
  const records = simulateRecords([operatorCase("additive-global", 64), operatorCase("softmax-full", 64)], {
    seconds: () => 1e-3,
    processes: 8,
  });
  const run = { manifest: manifest("quiet"), records };
  expect(scaledLine(run, 1.2)).toBe(
    "× 1.2: compare exits 1 and names 2 of 2 times slower (0 faster, 0 same, 0 ambiguous).",
  );
  expect(scaledLine(run, 1.005)).toBe(
    "× 1.005: compare exits 0 and names 0 of 2 times slower (0 faster, 2 same, 0 ambiguous).",
  );
});
