// A chart configuration as a PNG picture, without a browser and without system fonts.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createCanvas, GlobalFonts, SvgExportFlag, type Canvas, type SvgCanvas } from "@napi-rs/canvas";
import { Chart, registerables, type ChartConfiguration } from "chart.js";
import {
  BarWithErrorBar,
  BarWithErrorBarsController,
  LineWithErrorBarsController,
  PointWithErrorBar,
  ScatterWithErrorBarsController,
} from "chartjs-chart-error-bars";
import { hydrate } from "./hydrate.ts";
import type { ChartConfig } from "./config.ts";

/** Device pixels a CSS pixel: 800 × 500 becomes 1600 × 1000, about 250 dots an inch across a page. */
export const PIXEL_RATIO = 2;

export interface DrawnScale {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
}

export interface DrawnChart {
  readonly png: Buffer;
  /** device pixels */
  readonly width: number;
  readonly height: number;
  /** the scales as drawn, for assertions */
  readonly scales: Readonly<Record<"x" | "y", DrawnScale>>;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Draws a configuration of `width` × `height` CSS pixels on white ground. */
export function drawChart(config: ChartConfig, { width, height }: Size): DrawnChart {
  const canvas = createCanvas(width, height);
  const drawn = drawOn(canvas, { config, ratio: PIXEL_RATIO }, (scales) => ({
    png: canvas.toBuffer("image/png"),
    width: canvas.width,
    height: canvas.height,
    scales,
  }));
  // Its pixels lie outside of the heap, so that the collector sees no reason to free them: a gibibyte over the pictures of a large run.
  canvas.width = canvas.height = 1;
  return drawn;
}

/** The same as vectors; text stays text. */
export function drawSvg(config: ChartConfig, { width, height }: Size): string {
  const canvas = createCanvas(width, height, SvgExportFlag.NoPrettyXML);
  const svg = drawOn(canvas, { config, ratio: 1 }, () => canvas.getContent().toString());
  // The canvas ends its lists of letters' places with a comma, for which browsers refuse them.
  return svg.replace(/( [xy]="[^"]*), "/g, '$1"').replaceAll('"DejaVu Sans"', '"DejaVu Sans, sans-serif"');
}

interface Drawing {
  readonly config: ChartConfig;
  /** device pixels per CSS pixel */
  readonly ratio: number;
}

/** Draws, and takes what is wanted before the chart clears its canvas. */
function drawOn<T>(
  canvas: Canvas | SvgCanvas,
  { config, ratio }: Drawing,
  take: (scales: DrawnChart["scales"]) => T,
): T {
  makeReady();
  const own = hydrate(structuredClone({ ...config, options: { ...config.options, devicePixelRatio: ratio } }));
  const plugins = [whiteGround, ...(own.plugins ?? [])];
  const chart = new Chart(canvas as never, { ...own, plugins } as unknown as ChartConfiguration);
  try {
    return take({ x: drawnScale(chart.scales["x"]!), y: drawnScale(chart.scales["y"]!) });
  } finally {
    chart.destroy();
  }
}

const whiteGround = {
  id: "white-ground",
  beforeDraw: ({ ctx, width, height }: Chart): void => {
    ctx.fillStyle = "#ffffff";
    ctx.fillRect(0, 0, width, height);
  },
};

function drawnScale({
  min,
  max,
  ticks,
}: {
  min: number;
  max: number;
  ticks: { value: number; label?: unknown }[];
}): DrawnScale {
  return { min, max, ticks: ticks.map(({ value, label }) => ({ value, label: String(label) })) };
}

let isReady = false;

function makeReady(): void {
  if (isReady) return;
  Chart.register(
    ...registerables,
    LineWithErrorBarsController,
    PointWithErrorBar,
    BarWithErrorBarsController,
    BarWithErrorBar,
    ScatterWithErrorBarsController,
  );
  registerFonts();
  isReady = true;
}

let hasFonts = false;

/** The typeface of all pictures, so that they are the same on every machine. */
export function registerFonts(): void {
  if (hasFonts) return;
  const { resolve } = createRequire(import.meta.url);
  for (const weight of [400, 700]) {
    GlobalFonts.register(
      readFileSync(resolve(`@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff2`)),
      "DejaVu Sans",
    );
  }
  hasFonts = true;
}
