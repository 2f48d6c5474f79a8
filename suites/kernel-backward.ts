/**
 * Time of forward and backward pass of one operator against sequence length.
 *
 * Question  Does a training step's backward pass keep the order and the growth of the forward pass? (claim C7)
 * Command   npx lightnet-bench run kernel-backward --scale small
 * Takes     smoke 20 s, small 30 min on 2 cores
 */
import { operatorCase } from "#catalogue/operator-case";
import { defineSuite } from "#case/suite";
import { shapeOf } from "#case/shape";
import { kernelPoints } from "./kernel-contenders.ts";

const LENGTHS = {
  smoke: [256, 512, 1024],
  small: [256, 512, 1024, 2048, 4096, 8192],
  paper: [1024, 4096, 16384, 65536],
};
const HEADS = { smoke: 2, small: 4, paper: 8 };

export const kernelBackward = defineSuite({
  id: "kernel-backward",
  title: "Forward and backward time against sequence length",
  question: "Does a training step's backward pass keep the order and the growth of the forward pass?",
  kind: "operator",
  processes: { smoke: 2, small: 8, paper: 8 },
  figures: [
    { id: "time", title: "Forward and backward time against sequence length", x: "N", y: "time", kind: "line" },
    {
      id: "roofline",
      title: "Forward and backward pass under the roofline",
      x: "intensity",
      y: "roofline",
      kind: "points",
    },
  ],
  cases: (context) =>
    kernelPoints(context, LENGTHS[context.scale]).map(({ contender, precision, N }) =>
      operatorCase(context, {
        suite: "kernel-backward",
        contender,
        shape: shapeOf({ grid: [N], H: HEADS[context.scale] }),
        pass: "forward+backward",
        precision,
      }),
    ),
});
