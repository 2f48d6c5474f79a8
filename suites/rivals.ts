/**
 * The same operator by other implementations: our kernels beside the programs that the run is given.
 *
 * Question  where are our kernels ahead of PyTorch, JAX, ONNX Runtime, stock TensorFlow.js and C, and where behind?
 * Command   npx lightnet-bench run rivals --scale small --contender contenders/onnxruntime --contender contenders/pytorch
 *           (each --contender adds a program; --threads 2 gives all of them two threads; a run has one engine, so that
 *           --engine wasm and --engine tensorflow are two runs)
 * Takes     smoke 1 min, small hours with all six: --filter N=512,4096 keeps two lengths, --contender-budget bounds each
 */
import { operatorCase } from "#catalogue/operator-case";
import { PASSES } from "#case/case";
import { defineSuite, grid } from "#case/suite";
import { shapeOf } from "#case/shape";

const LENGTHS = {
  smoke: [512],
  small: [512, 1024, 2048, 4096, 8192, 16384],
  paper: [512, 2048, 8192, 32768, 131072],
};
const HEADS = { smoke: 2, small: 4, paper: 8 };

/** Every form that a library outside has; the subject first. */
const OPERATORS = [
  "additive-global",
  "additive-causal",
  "linear-global",
  "linear-causal",
  "scalar-causal",
  "vector-causal",
  "scalar-2scan",
  "vector-2scan",
  "softmax-full",
  "softmax-causal",
] as const;
/**
 * Products of matrices: of a layer's projections, a square one, of attention's weights with the values, and of keys with values
 * over many tokens. Backward passes hold the products with a transposed factor.
 */
const PRODUCTS = [
  { H: 1, N: 4096, D: 128, E: 128 },
  { H: 1, N: 512, D: 512, E: 512 },
  { H: 4, N: 1024, D: 1024, E: 64 },
  { H: 4, N: 64, D: 4096, E: 64 },
];
const SMOKE_PRODUCTS = [{ H: 1, N: 256, D: 128, E: 128 }];

const SMOKE_OPERATORS = ["additive-global", "additive-causal", "softmax-full"] as const;

export const rivals = defineSuite({
  id: "rivals",
  title: "The same operator by other implementations",
  question:
    "Where are our kernels ahead of the libraries that others use, operator by operator, at the same inputs and threads?",
  kind: "operator",
  processes: { smoke: 1, small: 8, paper: 8 },
  alongside: ["onnxruntime"],
  figures: [
    {
      id: "time",
      title: "Time against sequence length",
      where: { D: 64 }, // products of matrices have other widths, and stand in the table
      x: "N",
      y: "time",
      facets: ["op", "causal", "decay", "pass"],
      kind: "line",
    },
  ],
  cases: (context) => {
    const isSmoke = context.scale === "smoke";
    const passes = isSmoke ? (["forward"] as const) : PASSES;
    const operators = grid({
      N: LENGTHS[context.scale],
      pass: passes,
      contender: isSmoke ? SMOKE_OPERATORS : OPERATORS,
    }).map(({ N, ...rest }) => ({ ...rest, shape: shapeOf({ grid: [N], H: HEADS[context.scale] }) }));
    const products = grid({ product: isSmoke ? SMOKE_PRODUCTS : PRODUCTS, pass: passes }).map(
      ({ product: { N, ...widths }, pass }) => ({
        contender: "matmul",
        pass,
        shape: shapeOf({ grid: [N], ...widths }),
      }),
    );
    return [...operators, ...products].map((point) => operatorCase(context, { suite: "rivals", ...point }));
  },
});
