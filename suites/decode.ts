/**
 * Time of one more token against the number of tokens already seen.
 *
 * Question  How long does decoding one token take, and how does that time grow with the context? (claim C8)
 * Command   npx lightnet-bench run decode --scale small
 * Takes     smoke 10 s, small 5 min on 2 cores
 */
import { decodeCase } from "#catalogue/operator-case";
import { defineSuite, grid } from "#case/suite";
import { shapeOf } from "#case/shape";

const CONTEXTS = { smoke: [256, 1024, 4096], small: [256, 1024, 4096, 16384], paper: [1024, 4096, 16384, 65536] };
const HEADS = { smoke: 2, small: 4, paper: 8 };

const CONTENDERS = [
  "additive-causal",
  "linear-causal",
  "constant-causal",
  "scalar-causal",
  "vector-causal",
  "softmax-causal",
] as const;

export const decode = defineSuite({
  id: "decode",
  title: "Decoding time against context length",
  question: "How long does decoding one token take, and how does that time grow with the context?",
  kind: "decode",
  processes: { smoke: 3, small: 8, paper: 8 },
  figures: [
    {
      id: "ratio",
      title: "Time per token at the longest context, relative to LightNet's causal form",
      x: "contender",
      y: "ratio",
      baseline: "additive-causal",
      longest: true,
      kind: "bar",
    },
    { id: "time", title: "Time per decoded token against context length", x: "N", y: "time", kind: "line" },
  ],
  cases: (context) =>
    grid({ N: CONTEXTS[context.scale], contender: CONTENDERS }).map(({ N, contender }) =>
      decodeCase(context, { suite: "decode", contender, shape: shapeOf({ grid: [N], H: HEADS[context.scale] }) }),
    ),
});
