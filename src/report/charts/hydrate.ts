// Turns a chart configuration, which is plain JSON, into what Chart.js takes: adds the few functions
// that JSON cannot hold. The report page carries this function's own text, so it must stand alone: no
// imports, nothing from outside its body.

interface HydratedScale {
  fixedTicks?: readonly { value: number; label: string }[];
  ticks: Record<string, unknown>;
  [option: string]: unknown;
}

interface Drawable {
  data: { datasets: readonly { label?: string; isHelper?: boolean; isMark?: boolean }[] };
  options: {
    scales: Record<string, HydratedScale>;
    plugins: { legend: { labels: Record<string, unknown> }; tooltip: Record<string, unknown> };
    valueColumn?: { width: number; color: string; font: string };
  };
  plugins?: unknown[];
}

/** The parts of a chart that the value column reads. */
interface DrawnParts {
  readonly ctx: {
    save(): void;
    restore(): void;
    fillText(text: string, x: number, y: number): void;
    fillStyle: string;
    font: string;
    textAlign: string;
    textBaseline: string;
  };
  readonly chartArea: { readonly right: number };
  readonly data: { readonly datasets: readonly { readonly data: readonly { readonly value?: string }[] }[] };
  getDatasetMeta(index: number): { readonly data: readonly { readonly y: number }[] };
}

/** Adds tick, legend and tooltip functions to a configuration, in place. */
export function hydrate<T>(config: T): T {
  const drawable = config as Drawable;
  for (const scale of Object.values(drawable.options.scales)) {
    const ticks = scale.fixedTicks;
    if (ticks === undefined) continue;
    scale["afterBuildTicks"] = (axis: { ticks: unknown }) => {
      axis.ticks = ticks.map(({ value }) => ({ value }));
    };
    scale.ticks["callback"] = (value: number) => ticks.find((tick) => tick.value === value)?.label ?? "";
  }
  const { legend, tooltip } = drawable.options.plugins;
  legend.labels["filter"] = ({ datasetIndex }: { datasetIndex: number }) => {
    const dataset = drawable.data.datasets[datasetIndex];
    return dataset?.isHelper !== true && (legend.labels["marksOnly"] !== true || dataset?.isMark === true);
  };
  // Legends list series as they come, not by the order they are painted in.
  legend.labels["sort"] = (a: { datasetIndex: number }, b: { datasetIndex: number }) => a.datasetIndex - b.datasetIndex;
  tooltip["filter"] = ({ dataset }: { dataset: { isHelper?: boolean; isMark?: boolean } }) =>
    dataset.isHelper !== true && dataset.isMark !== true;
  tooltip["callbacks"] = {
    title: () => "",
    label: ({ dataset, raw }: { dataset: { label?: string }; raw: { text?: string } }) =>
      `${dataset.label ?? ""}: ${raw.text ?? ""}`,
  };
  const column = drawable.options.valueColumn;
  if (column !== undefined) {
    const afterDatasetsDraw = (chart: DrawnParts): void => {
      const { ctx } = chart;
      ctx.save();
      Object.assign(ctx, { fillStyle: column.color, font: column.font, textAlign: "left", textBaseline: "middle" });
      chart.data.datasets.forEach(({ data }, index) => {
        const { data: elements } = chart.getDatasetMeta(index);
        data.forEach(({ value }, row) => {
          const element = elements[row];
          if (value !== undefined && element !== undefined) ctx.fillText(value, chart.chartArea.right + 10, element.y);
        });
      });
      ctx.restore();
    };
    drawable.plugins = [{ id: "value-column", afterDatasetsDraw }];
  }
  return config;
}
