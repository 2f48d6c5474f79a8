import { expect, test } from "vitest";
import { evidenceOf } from "#evidence/evidence";
import { failedRecord, manifest, operatorCase, simulateRecords } from "#testing/simulated-records";
import { rivalsText } from "./rivals.ts";

const of = (contender: string) => ({
  ...operatorCase(contender.split("/").at(-1)!, 512),
  contender,
  suite: "rivals",
});
const SECONDS: Readonly<Record<string, number>> = {
  "additive-global": 1e-3,
  "softmax-full": 4e-3,
  "pytorch/additive-global": 5e-4,
  "pytorch/softmax-full": 8e-3,
};

test("where our kernels are behind is said first, and what was not measured says why", () => {
  const records = [
    ...simulateRecords(Object.keys(SECONDS).map(of), { seconds: ({ contender }) => SECONDS[contender]! }),
    failedRecord(of("jax/softmax-full"), "skipped", "jax is not set up here"),
  ];
  const text = rivalsText([
    { name: "rivals-small", evidence: evidenceOf([{ manifest: manifest("rivals"), records }], { resamples: 200 }) },
  ]);
  expect(text).toMatch(/^Run `rivals-small`, engine `wasm`, .+, \d+ cores\. /);
  expect(text).toMatch(/Our kernels are behind in 1 of 2 comparisons, most of all pytorch with additive, 1 scan/);
  expect(text).toContain("ahead in 1, undecided in 0");
  expect(text).toContain("Not measured: 1 × jax: jax is not set up here.");
});

test("without a published run it says so", () => {
  expect(rivalsText([])).toContain("No run with other implementations is published yet");
});
