// A chart configuration as a PNG picture, without a browser and without system fonts.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createCanvas, GlobalFonts } from "@napi-rs/canvas";
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

let isReady = false;

/** Draws a configuration of `width` × `height` CSS pixels on white ground. */
export function drawChart(
  config: ChartConfig,
  { width, height }: { readonly width: number; readonly height: number },
): DrawnChart {
  makeReady();
  const canvas = createCanvas(width, height);
  const own = hydrate(structuredClone({ ...config, options: { ...config.options, devicePixelRatio: PIXEL_RATIO } }));
  const chart = new Chart(canvas as never, own as unknown as ChartConfiguration);
  try {
    const context = canvas.getContext("2d");
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    const scales = { x: drawnScale(chart.scales["x"]!), y: drawnScale(chart.scales["y"]!) };
    return { png: canvas.toBuffer("image/png"), width: canvas.width, height: canvas.height, scales };
  } finally {
    chart.destroy();
  }
}

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
  const { resolve } = createRequire(import.meta.url);
  for (const weight of [400, 700]) {
    GlobalFonts.register(
      readFileSync(resolve(`@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff2`)),
      "DejaVu Sans",
    );
  }
  isReady = true;
}
