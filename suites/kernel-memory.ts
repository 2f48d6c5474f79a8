/**
 * Peak memory of one operator against sequence length, each point in a process of its own.
 *
 * Question  How does peak memory grow with the number of tokens N, with and without stored attention scores?
 * Command   npx lightnet-bench run kernel-memory --scale small
 * Takes     smoke 30 s, small 5 min on 2 cores
 */
import { operatorCase } from "#catalogue/operator-case";
import { defineSuite, grid } from "#case/suite";
import { shapeOf } from "#case/shape";

const LENGTHS = {
  smoke: [512, 1024, 2048],
  small: [512, 1024, 2048, 4096, 8192, 16384],
  paper: [4096, 16384, 65536, 262144],
};
/** What needs linear memory goes on. */
const LINEAR_LENGTHS = { smoke: [], small: [65_536, 262_144], paper: [] };
const HEADS = { smoke: 2, small: 4, paper: 8 };

const LINEAR = ["additive-global", "vector-2scan"] as const;
const CONTENDERS = [...LINEAR, "softmax-full", "softmax-full-materialised"] as const;

export const kernelMemory = defineSuite({
  id: "kernel-memory",
  title: "Peak memory against sequence length",
  question: "How does peak memory grow with the number of tokens N, with and without stored attention scores?",
  kind: "operator",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [{ id: "memory", title: "Peak memory against sequence length", x: "N", y: "memory", kind: "line" }],
  cases: (context) =>
    [
      ...grid({ N: LENGTHS[context.scale], contender: CONTENDERS }),
      ...grid({ N: LINEAR_LENGTHS[context.scale], contender: LINEAR }),
    ].map(({ N, contender }) =>
      operatorCase(context, {
        suite: "kernel-memory",
        contender,
        shape: shapeOf({ grid: [N], H: HEADS[context.scale] }),
        pass: "forward+backward",
        quantity: "memory",
      }),
    ),
});
