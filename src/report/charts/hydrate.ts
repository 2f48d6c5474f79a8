// Turns a chart configuration, which is plain JSON, into what Chart.js takes: adds the few functions
// that JSON cannot hold. The report page carries this function's own text, so it must stand alone: no
// imports, nothing from outside its body.

import type { EndLabels, RowText } from "./config.ts";

interface HydratedScale {
  fixedTicks?: readonly { value: number; label: string }[];
  fitWidth?: number;
  isRows?: boolean;
  ticks: Record<string, unknown>;
  [option: string]: unknown;
}

interface Drawable {
  data: {
    datasets: readonly {
      label?: string;
      isHelper?: boolean;
      isMark?: boolean;
      borderColor?: string;
      endLines?: readonly string[];
    }[];
  };
  options: {
    scales: Record<string, HydratedScale>;
    plugins: { legend: { labels: Record<string, unknown> }; tooltip: Record<string, unknown> };
    rowText?: RowText;
    endLabels?: EndLabels;
    /** a page of a phone's width: no room beside the plot */
    isNarrow?: boolean;
  };
  plugins?: unknown[];
}

/** The parts of a canvas and of a chart that are drawn on. */
interface Context {
  save(): void;
  restore(): void;
  fillText(text: string, x: number, y: number, mostWidth?: number): void;
  measureText(text: string): { readonly width: number };
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  stroke(): void;
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  font: string;
  textAlign: string;
  textBaseline: string;
}

interface DrawnParts {
  readonly ctx: Context;
  readonly width: number;
  readonly chartArea: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
  readonly scales: Readonly<Record<string, { getPixelForValue(value: number): number }>>;
  isDatasetVisible(index: number): boolean;
  getDatasetMeta(index: number): { readonly data: readonly { readonly x: number; readonly y: number }[] };
}

/** Adds tick, legend, tooltip and label functions to a configuration, in place. */
export function hydrate<T>(config: T): T {
  const drawable = config as Drawable;
  const { datasets } = drawable.data;
  const { scales, rowText, endLabels, isNarrow = false } = drawable.options;
  if (isNarrow) delete scales["side"];

  const fontOf = ({ fontSize, family }: { fontSize: number; family: string }, weight = "normal"): string =>
    `${weight} ${fontSize}px ${family}`;
  const isHidden = (index: number): boolean => datasets[index]?.isHelper === true || datasets[index]?.isMark === true;

  for (const scale of Object.values(scales)) {
    const { fixedTicks, fitWidth, isRows } = scale;
    if (fixedTicks !== undefined) {
      scale["afterBuildTicks"] = (axis: { ticks: unknown }) => {
        axis.ticks = fixedTicks.map(({ value }) => ({ value }));
      };
      scale.ticks["callback"] = (value: number) => fixedTicks.find((tick) => tick.value === value)?.label ?? "";
    }
    if (fitWidth !== undefined) scale["afterFit"] = (axis: { width: number }) => (axis.width = fitWidth);
    if (isRows === true && rowText !== undefined)
      scale["afterFit"] = (axis: { width: number; ctx: Context }) => {
        axis.ctx.save();
        axis.ctx.font = fontOf(rowText);
        const widths = rowText.rows.map(({ label }) => axis.ctx.measureText(label).width);
        axis.ctx.restore();
        axis.width = isNarrow ? 2 : Math.max(...widths) + 24;
      };
  }

  const { legend, tooltip } = drawable.options.plugins;
  legend.labels["filter"] = ({ datasetIndex }: { datasetIndex: number }) => {
    const dataset = datasets[datasetIndex];
    return dataset?.isHelper !== true && (legend.labels["marksOnly"] !== true || dataset?.isMark === true);
  };
  // Legends list series as they come, not by the order they are painted in.
  legend.labels["sort"] = (a: { datasetIndex: number }, b: { datasetIndex: number }) => a.datasetIndex - b.datasetIndex;
  tooltip["filter"] = ({ datasetIndex }: { datasetIndex: number }) => !isHidden(datasetIndex);
  tooltip["callbacks"] = {
    title: () => "",
    label: ({ dataset, raw }: { dataset: { label?: string }; raw: { text?: string } }) =>
      `${dataset.label ?? ""}: ${raw.text ?? ""}`,
  };

  /** Names on the left and values on the right; on a narrow page the name above its mark and the value below it. */
  const drawRows = ({ ctx, width, chartArea, scales: drawn }: DrawnParts, text: RowText): void => {
    const { left, right } = chartArea;
    ctx.textBaseline = "middle";
    for (const { at, label, value, isHeading } of text.rows) {
      const y = drawn["y"]!.getPixelForValue(at);
      ctx.textAlign = "left";
      ctx.fillStyle = text.color;
      ctx.font = fontOf(text, isHeading === true ? "bold" : "normal");
      if (isNarrow) ctx.fillText(label, left + 3, isHeading === true ? y + 4 : y - 17);
      else ctx.fillText(label, isHeading === true ? 8 : 18, y);
      if (value === undefined) continue;
      ctx.fillStyle = isNarrow ? text.quiet : text.color;
      if (isNarrow) {
        ctx.textAlign = "right";
        ctx.fillText(value, right - 3, y + 16);
      } else ctx.fillText(value, right + 10, y, width - right - 10);
    }
  };

  /** A name beside the last point of each line, moved apart where lines end together. */
  const drawEnds = (chart: DrawnParts, text: EndLabels): void => {
    const { ctx, chartArea } = chart;
    const line = text.fontSize + 2;
    const ends = datasets.flatMap(({ label = "", endLines = [label], borderColor = "" }, index) => {
      const last = chart.getDatasetMeta(index).data.at(-1);
      return last === undefined || isHidden(index) || !chart.isDatasetVisible(index)
        ? []
        : [
            {
              lines: endLines,
              colour: borderColor,
              x: last.x,
              y: last.y,
              at: last.y,
            },
          ];
    });
    ends.sort((a, b) => a.y - b.y);
    // `at` is the middle of a name: first pushed down from the top, then up from the bottom.
    const half = ({ lines }: { lines: readonly string[] }): number => (line * lines.length) / 2;
    let edge = chartArea.top - line;
    for (const end of ends) {
      end.at = Math.max(end.at, edge + half(end));
      edge = end.at + half(end);
    }
    edge = chartArea.bottom + line;
    for (const end of ends.reverse()) {
      end.at = Math.min(end.at, edge - half(end));
      edge = end.at - half(end);
    }
    const x = chartArea.right + 20;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.font = fontOf(text);
    ctx.lineWidth = 0.8;
    for (const end of ends) {
      ctx.strokeStyle = text.quiet;
      ctx.beginPath();
      ctx.moveTo(end.x + 6, end.y);
      ctx.lineTo(Math.max(end.x + 6, chartArea.right + 4), end.y);
      ctx.lineTo(x - 3, end.at);
      ctx.stroke();
      ctx.fillStyle = end.colour;
      end.lines.forEach((words, row) => ctx.fillText(words, x, end.at - half(end) + (row + 0.5) * line));
    }
  };

  const afterDatasetsDraw = (chart: DrawnParts): void => {
    chart.ctx.save();
    if (rowText !== undefined) drawRows(chart, rowText);
    if (endLabels !== undefined && !isNarrow) drawEnds(chart, endLabels);
    chart.ctx.restore();
  };
  drawable.plugins = [{ id: "labels", afterDatasetsDraw }];
  return config;
}
