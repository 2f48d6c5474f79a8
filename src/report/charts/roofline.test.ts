import { beforeAll, expect, test } from "vitest";
import { fixtureRun, FIXTURE_SUITES } from "#testing/fixture-records";
import { buildReport } from "../build.ts";
import { numbersOf } from "../page/figures.ts";
import { chartConfig, pictureSize } from "./config.ts";
import type { Picture } from "./picture.ts";
import { drawChart } from "./render.ts";

const ROOFLINE = {
  id: "roofline",
  title: "Forward pass under the roofline",
  x: "intensity",
  y: "roofline",
  kind: "points",
} as const;
const suites = FIXTURE_SUITES.filter(({ id }) => id === "kernel-forward").map((suite) => ({
  ...suite,
  figures: [ROOFLINE],
}));

let picture: Picture;

beforeAll(() => {
  const { manifest, records } = fixtureRun({ suites, processes: 2 });
  const { data } = buildReport({ runs: [{ manifest, records }], suites });
  [picture] = data.suites[0]!.pictures as [Picture];
  expect(data.suites[0]!.pictures).toHaveLength(1);
});

test("every contender once, at its longest length with a result, with the interval of its speed", () => {
  expect(picture.id).toBe("kernel-forward-roofline");
  expect([picture.x.scale, picture.y.scale]).toEqual(["log", "log"]);
  expect(picture.series).toHaveLength(6);
  for (const { points, label } of picture.series) {
    expect(points).toHaveLength(1);
    const [{ y, low, high, text }] = points as [(typeof points)[0]];
    expect(low).toBeLessThan(y);
    expect(high).toBeGreaterThan(y);
    // fixture: 16·N·D² operations and 64·N·D bytes
    expect(text).toContain(
      `GFLOP/s, n = 2 processes, 16 operations per byte, N = ${label.startsWith("softmax") ? 4096 : 16384}, `,
    );
  }
  expect(picture.series.find(({ id }) => id === "softmax-full")!.label).toBe("softmax attention (N = 4096)");
});

test("the roof is the measured copy up to the measured product", () => {
  const [roof] = picture.guides!;
  expect(roof!.label).toBe("roof: copy 10 GB/s, matrix product 30 GFLOP/s, measured in the same processes");
  expect(roof!.points.map(({ y }) => y)).toEqual([1e10 * picture.x.min, 3e10, 3e10]);
  expect(roof!.points[1]!.x).toBe(3);
});

test("points stand at their true intensity", () => {
  for (const { points } of picture.series) expect(points[0]!.x).toBe(16);
});

test("it is drawn, and its numbers are a table of one row a contender", () => {
  const { png, scales } = drawChart(chartConfig(picture), pictureSize(picture));
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect(scales.y.ticks.map(({ label }) => label)).toContain("20 GFLOP/s");
  expect(chartConfig(picture).data.datasets.at(-1)).toMatchObject({ isMark: true, data: picture.guides![0]!.points });
  expect(numbersOf(picture).rows).toHaveLength(6);
});
