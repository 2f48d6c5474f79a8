import { loadImage, createCanvas } from "@napi-rs/canvas";
import { expect, test } from "vitest";
import { labelOf, styleOf } from "../palette.ts";
import { linearAxis, logAxis, rowsAxis, valuesAxis } from "./axis.ts";
import { chartConfig, pictureSize } from "./config.ts";
import type { Picture, PlotSeries } from "./picture.ts";
import { drawChart, PIXEL_RATIO } from "./render.ts";

const LENGTHS = [256, 1024, 4096];
const CONTENDERS = ["additive-global", "vector-2scan", "softmax-full"];

const series: PlotSeries[] = CONTENDERS.map((id, index) => ({
  id,
  label: labelOf(id),
  style: styleOf(id),
  spread: "interval",
  points: LENGTHS.map((x) => {
    const y = 1e-6 * x * 3 ** index;
    return { x, y, low: 0.8 * y, high: 1.3 * y, value: "v", text: "v, n = 8" };
  }),
}));
const ends = series.flatMap(({ points }) => points.flatMap(({ low, high }) => [low!, high!]));
const line: Picture = {
  id: "line",
  figure: "time",
  suite: "s",
  title: "Time",
  subtitle: "scale smoke",
  kind: "line",
  series,
  x: valuesAxis("tokens N", LENGTHS),
  y: logAxis("time of one call", ends, "seconds"),
  marks: { at: [256, 512], label: "N = 256, 512: where real tasks live" },
  missing: [],
};
const rows: Picture = {
  ...line,
  id: "rows",
  kind: "bars",
  series: series.map((one, row) => ({
    ...one,
    isRow: true,
    points: [{ ...one.points[0]!, x: one.points[0]!.y, y: row }],
  })),
  x: linearAxis("time", [4e-3], { quantity: "seconds", origin: true }),
  y: rowsAxis(CONTENDERS.map((id) => ({ label: labelOf(id) }))),
  marks: { at: [], label: "" },
};

/** Share of pixels of a colour, within a distance that antialiasing and PNG rounding need. */
async function shareOf(png: Buffer, colour: string): Promise<number> {
  const image = await loadImage(png);
  const canvas = createCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const wanted = [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
  let count = 0;
  for (let pixel = 0; pixel < data.length; pixel += 4) {
    if (wanted.every((channel, index) => Math.abs(data[pixel + index]! - channel) < 6)) count++;
  }
  return count / (data.length / 4);
}

test("a line chart has its size, its axes and a tick at each length", () => {
  const drawn = drawChart(chartConfig(line), pictureSize(line));
  expect(drawn.png.subarray(1, 4).toString()).toBe("PNG");
  expect([drawn.width, drawn.height]).toEqual([PIXEL_RATIO * 800, PIXEL_RATIO * pictureSize(line).height]);
  expect(drawn.height).toBeGreaterThanOrEqual(1000);
  expect(drawn.scales.x).toMatchObject({ min: line.x.min, max: line.x.max });
  expect(drawn.scales.y).toMatchObject({ min: line.y.min, max: line.y.max });
  expect(drawn.scales.x.ticks.map(({ label }) => label)).toEqual(["256", "1024", "4096"]);
  expect(drawn.scales.y.ticks.map(({ label }) => label)).toEqual(line.y.ticks.map(({ label }) => label));
});

test("every series is really painted, on white", async () => {
  const { png } = drawChart(chartConfig(line), pictureSize(line));
  expect(await shareOf(png, "#ffffff")).toBeGreaterThan(0.8);
  for (const { style } of series) expect(await shareOf(png, style.ink.light)).toBeGreaterThan(2e-4);
});

test("bars start at zero and the value column is written beside them", async () => {
  const { scales, png } = drawChart(chartConfig(rows), pictureSize(rows));
  expect(scales.x.min).toBe(0);
  for (const { style } of series) expect(await shareOf(png, style.ink.light)).toBeGreaterThan(1e-3);
});

test("dots take a log axis", async () => {
  const dots: Picture = {
    ...rows,
    kind: "dots",
    x: logAxis("time", ends, "seconds"),
    marks: { at: [1e-3], label: "here" },
  };
  const { scales, png } = drawChart(chartConfig(dots), pictureSize(dots));
  expect(scales.x).toMatchObject({ min: dots.x.min, max: dots.x.max });
  for (const { style } of series) expect(await shareOf(png, style.ink.light)).toBeGreaterThan(1e-4);
});

test("the mark of a noisy point is hollow", async () => {
  const noisy = (isNoisy: boolean): Picture => ({
    ...line,
    series: series.map((one) => ({ ...one, points: one.points.map((point) => ({ ...point, isNoisy })) })),
  });
  const painted = async (picture: Picture): Promise<number> =>
    shareOf(drawChart(chartConfig(picture), pictureSize(picture)).png, series[1]!.style.ink.light);
  expect(await painted(noisy(true))).toBeLessThan(0.98 * (await painted(noisy(false))));
});

test("drawing changes nothing in the configuration", () => {
  const config = chartConfig(line);
  const before = JSON.stringify(config);
  drawChart(config, pictureSize(line));
  expect(JSON.stringify(config)).toBe(before);
});

test("long titles and subtitles are broken into lines, for which the picture grows", () => {
  const title =
    "A title with so many words that a canvas would squeeze its letters together until nobody cares to read them";
  const long = { ...line, title, subtitle: `${title}, ${title}` };
  const { title: head, subtitle } = chartConfig(long).options.plugins as Record<string, { text: string[] }>;
  expect(head!.text.length).toBe(2);
  expect(head!.text.join(" ")).toBe(title);
  expect(subtitle!.text.length).toBe(2);
  expect(pictureSize(long).height).toBe(pictureSize(line).height + 19 + 14);
});
