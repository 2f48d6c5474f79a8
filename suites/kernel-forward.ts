/**
 * Forward time of one operator against sequence length.
 *
 * Question  How does forward time grow with the number of tokens N, and from which N on is softmax attention slower?
 *           (claim C7)
 * Command   npx lightnet-bench run kernel-forward --scale small
 * Takes     smoke 20 s, small 20 min on 2 cores
 */
import { operatorCase } from "#catalogue/operator-case";
import { defineSuite } from "#case/suite";
import { shapeOf } from "#case/shape";
import { kernelPoints } from "./kernel-contenders.ts";

// Crossovers with attention lie below 256 on engines with fast products.
const LENGTHS = {
  smoke: [64, 128, 256, 512, 1024, 2048],
  small: [64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384],
  paper: [64, 128, 256, 1024, 4096, 16384, 65536, 262144],
};
const HEADS = { smoke: 2, small: 4, paper: 8 };

export const kernelForward = defineSuite({
  id: "kernel-forward",
  title: "Forward time against sequence length",
  question: "How does forward time grow with the number of tokens N, and from which N on is softmax attention slower?",
  kind: "operator",
  processes: { smoke: 3, small: 8, paper: 8 },
  figures: [
    { id: "time", title: "Forward time against sequence length", x: "N", y: "time", kind: "line" },
    { id: "roofline", title: "Forward pass under the roofline", x: "intensity", y: "roofline", kind: "points" },
  ],
  cases: (context) =>
    kernelPoints(context, LENGTHS[context.scale]).map(({ contender, precision, N }) =>
      operatorCase(context, {
        suite: "kernel-forward",
        contender,
        shape: shapeOf({ grid: [N], H: HEADS[context.scale] }),
        pass: "forward",
        precision,
      }),
    ),
});
