// The suite of the trainings in the JSON file that the environment variable BENCH_TRAININGS names, for `run --suite <this file>`.

import { readFileSync } from "node:fs";
import { defineSuite } from "lightnet-bench";

const cases = JSON.parse(readFileSync(process.env.BENCH_TRAININGS, "utf8"));

export const given = defineSuite({
  id: "given",
  title: "Given trainings",
  question: "How much sooner do the trainings end side by side?",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [],
  cases: () => cases,
});
