/**
 * The six shapes of flash-linear-attention's own benchmark, so that numbers can be laid beside it.
 *
 * Source    SHAPE_CONFIGS in benchmarks/ops/registry.py of fla-org/flash-linear-attention (commit 0080966): causal forms,
 *           numbers stored as bfloat16 there, as float32 or float16 here
 * Question  how do our kernels and the given programs compare at the shapes that library is tuned for?
 * Command   npx lightnet-bench run rivals-fla --scale paper --engine webgpu --contender contenders/flash-linear-attention
 * Takes     smoke 20 s, small 20 min on 2 cores (the smallest shape alone; on a CPU the other five take minutes per call
 *           or more memory than most machines have), paper needs a GPU
 */
import { operatorCase } from "#catalogue/operator-case";
import { PASSES } from "#case/case";
import { defineSuite, grid } from "#case/suite";
import { shapeOf } from "#case/shape";

const SMALLEST = { B: 8, N: 1024, H: 8, D: 64 };
const SHAPES = {
  smoke: [{ ...SMALLEST, B: 1, N: 256 }],
  small: [SMALLEST],
  paper: [
    { B: 1, N: 8192, H: 96, D: 128 },
    { B: 2, N: 16384, H: 16, D: 128 },
    { B: 4, N: 2048, H: 16, D: 128 },
    { B: 4, N: 4096, H: 64, D: 128 },
    { B: 8, N: 2048, H: 32, D: 256 },
    SMALLEST,
  ],
};
/** Its kernels chunk_lightnet, chunk_linear_attn, chunk_retention, chunk_simple_gla, chunk_gla and parallel_attn. */
const OPERATORS = [
  "additive-causal",
  "linear-causal",
  "constant-causal",
  "scalar-causal",
  "vector-causal",
  "softmax-causal",
] as const;

export const rivalsFla = defineSuite({
  id: "rivals-fla",
  title: "Shapes of flash-linear-attention's benchmark",
  question: "How do our kernels compare at the shapes that flash-linear-attention measures itself at?",
  kind: "operator",
  processes: { smoke: 1, small: 8, paper: 8 },
  figures: [{ id: "time", title: "Time by shape", x: "N", y: "time", facets: ["pass", "B", "H"], kind: "points" }],
  cases: (context) =>
    grid({ shape: SHAPES[context.scale], pass: PASSES, contender: OPERATORS }).map(
      ({ shape: { N, B, H, D }, pass, contender }) =>
        operatorCase(context, { suite: "rivals-fla", contender, shape: shapeOf({ grid: [N], B, H, D, E: D }), pass }),
    ),
});
