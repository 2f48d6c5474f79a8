// A suite of as many cases as the environment variable BENCH_CASES says, for `run --suite <this file> --dry-run`: matchups of eight
// contenders at lengths and seeds of their own. It is planned and listed, and never run.

import { defineSuite, operatorCase, shapeOf } from "lightnet-bench";

const CONTENDERS = [
  "additive-global",
  "linear-global",
  "softmax-full",
  "constant-2scan",
  "scalar-2scan",
  "vector-2scan",
  "tied-2scan",
  "hgrn2-2scan",
];
const LENGTHS = [64, 128, 256, 512, 1024];

export const planned = defineSuite({
  id: "planned",
  title: "Planned cases",
  question: "How long does a large plan take to be listed?",
  kind: "operator",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [],
  cases: (context) =>
    Array.from({ length: Number(process.env.BENCH_CASES) }, (_, index) => {
      const matchup = Math.floor(index / CONTENDERS.length);
      const shape = shapeOf({ grid: [LENGTHS[matchup % LENGTHS.length]] });
      const contender = CONTENDERS[index % CONTENDERS.length];
      const item = operatorCase(context, { suite: "planned", contender, shape, pass: "forward" });
      return { ...item, seed: Math.floor(matchup / LENGTHS.length) };
    }),
});
