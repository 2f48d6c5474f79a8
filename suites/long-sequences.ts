/**
 * Linear operators at lengths where attention is out of reach: forward time up to a million tokens. Their memory is in
 * suite kernel-memory.
 *
 * Question  Does the time of the linear operators stay linear in the number of tokens N, up to a million?
 * Command   npx lightnet-bench run long-sequences --scale small
 * Takes     smoke 15 s, small 70 min on 2 cores and 3 GiB
 */
import { operatorCase } from "#catalogue/operator-case";
import { defineSuite, type SuiteContext } from "#case/suite";
import { shapeOf } from "#case/shape";

const LENGTHS = {
  smoke: [1024, 4096],
  small: [1024, 4096, 16_384, 65_536, 262_144],
  paper: [1024, 4096, 16_384, 65_536, 262_144],
};
/** Of the forms that need no gates. */
const LONGEST = { smoke: [16_384], small: [1_048_576], paper: [1_048_576] };
/** Engine cpu is there for checks: what takes it minutes is left out. */
const LONGEST_ON_CPU = 4096;
/** So narrow that the inputs of all forms of a length fit side by side into the 4 GiB that WebAssembly can address. */
const HEAD = { H: 1, D: 16 };

const UNGATED = ["additive-global", "additive-causal", "linear-global", "linear-causal"] as const;
const GATED = [
  "efficient-attention",
  "constant-causal",
  "scalar-causal",
  "vector-causal",
  "tied-causal",
  "constant-2scan",
  "scalar-2scan",
  "vector-2scan",
  "tied-2scan",
] as const;

/** Each contender at each length that it can be held in memory at. */
function points({ scale, engine }: SuiteContext): { contender: string; N: number }[] {
  const pairs = [
    ...LENGTHS[scale].flatMap((N) => [...UNGATED, ...GATED].map((contender) => ({ contender, N }))),
    ...LONGEST[scale].flatMap((N) => UNGATED.map((contender) => ({ contender, N }))),
  ];
  return engine === "cpu" ? pairs.filter(({ N }) => N <= LONGEST_ON_CPU) : pairs;
}

export const longSequences = defineSuite({
  id: "long-sequences",
  title: "Linear operators up to a million tokens",
  question: "Does the time of the linear operators stay linear in the number of tokens N, up to a million?",
  kind: "operator",
  processes: { smoke: 1, small: 8, paper: 8 },
  figures: [{ id: "time", title: "Forward time against sequence length", x: "N", y: "time", kind: "line" }],
  cases: (context) =>
    points(context).map(({ contender, N }) =>
      operatorCase(context, {
        suite: "long-sequences",
        contender,
        shape: shapeOf({ grid: [N], ...HEAD }),
        pass: "forward",
      }),
    ),
});
