/**
 * What several directional scans cost on data of one, two and three dimensions, beside one additive scan.
 *
 * Question  What does a layer with one additive scan cost beside one, two or more multiplicative scans, in one, two and
 *           three dimensions? (claims C1, C2, C9)
 * Command   npx lightnet-bench run scan-count --scale small
 * Takes     smoke 60 s, small 1 h on 2 cores
 */
import { operatorCase } from "#catalogue/operator-case";
import type { Level, Pass } from "#case/case";
import { defineSuite, grid, type SuiteContext } from "#case/suite";
import { gridOf, shapeOf } from "#case/shape";

const TOKENS = { smoke: 1024, small: 4096, paper: 65536 };
// 12 heads can be divided over 2, 4 and 6 directions.
const HEADS = 12;
const HEAD_WIDTH = { smoke: 32, small: 32, paper: 64 };

/** Smoke measures the backward pass on images only. */
const PASSES: Readonly<Record<string, (dims: number) => readonly Pass[]>> = {
  smoke: (dims) => (dims === 2 ? ["forward", "forward+backward"] : ["forward"]),
  small: () => ["forward", "forward+backward"],
  paper: () => ["forward", "forward+backward"],
};
const LEVELS: readonly Level[] = ["operator", "mixer"];

/**
 * Order-free forms, one scan, and every way of arranging 2m directional scans of m dimensions. Smoke takes the joint form of
 * two directions where the claim needs it; engine cpu has no kernel for it.
 */
function contendersFor(dims: number, level: Level, { scale, engine }: SuiteContext): string[] {
  const most = 2 * dims;
  const counts = [...new Set([1, 2, most])];
  const layouts = [...new Set([2, most])].flatMap((scans) => [
    `vector-${scans}scan-head-split`,
    `vector-${scans}scan-alternate`,
  ]);
  return [
    "additive-global",
    "linear-global",
    "softmax-full",
    ...counts.map((scans) => `vector-${scans}scan`),
    ...(level === "mixer" || scale !== "smoke" ? [`vector-2scan-${engine === "cpu" ? "joint" : "fused-joint"}`] : []),
    ...layouts,
    ...[...new Set([2, most])].flatMap((scans) => [`constant-${scans}scan`, `scalar-${scans}scan`]),
    "tied-2scan",
  ];
}

export const scanCount = defineSuite({
  id: "scan-count",
  title: "Cost of one additive scan and of 1, 2, 4, 6 multiplicative scans",
  question:
    "What does a layer with one additive scan cost beside one, two or more multiplicative scans, in one, two and three dimensions?",
  kind: "operator",
  processes: { smoke: 3, small: 8, paper: 8 },
  // The fewest that answer the question: the layer on images, forward.
  leads: (item) =>
    item.kind === "operator" && item.level === "mixer" && item.pass === "forward" && item.shape.grid.length === 2,
  figures: [
    {
      id: "scans",
      title: "Time of k scans relative to one additive scan",
      where: { op: "multiplicative", layout: "parallel", decay: "vector", tiedKey: false, strategy: "default" },
      x: "scans",
      y: "ratio",
      baseline: "additive-global",
      by: "dims",
      facets: ["level", "pass"],
      kind: "line",
    },
    {
      id: "ratio",
      title: "Time relative to one additive scan",
      x: "contender",
      y: "ratio",
      baseline: "additive-global",
      facets: ["dims", "level", "pass"],
      kind: "bar",
    },
  ],
  cases: (context) =>
    grid({ dims: [1, 2, 3], level: LEVELS }).flatMap(({ dims, level }) =>
      grid({ pass: PASSES[context.scale]!(dims), contender: contendersFor(dims, level, context) }).map(
        ({ pass, contender }) =>
          operatorCase(context, {
            suite: "scan-count",
            contender,
            level,
            pass,
            shape: shapeOf({ grid: gridOf(TOKENS[context.scale], dims), H: HEADS, D: HEAD_WIDTH[context.scale] }),
          }),
      ),
    ),
});
