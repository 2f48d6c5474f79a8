// Turns a chart configuration, which is plain JSON, into what Chart.js takes: adds the few functions
// that JSON cannot hold. The report page carries this function's own text, so it must stand alone: no
// imports, nothing from outside its body.

interface HydratedScale {
  fixedTicks?: readonly { value: number; label: string }[];
  ticks: Record<string, unknown>;
  [option: string]: unknown;
}

interface Drawable {
  data: { datasets: readonly { label?: string; isHelper?: boolean }[] };
  options: {
    scales: Record<string, HydratedScale>;
    plugins: { legend: { labels: Record<string, unknown> }; tooltip: Record<string, unknown> };
  };
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
  legend.labels["filter"] = ({ datasetIndex }: { datasetIndex: number }) => drawable.data.datasets[datasetIndex]?.isHelper !== true;
  tooltip["filter"] = ({ dataset }: { dataset: { isHelper?: boolean; isMark?: boolean } }) => dataset.isHelper !== true && dataset.isMark !== true;
  tooltip["callbacks"] = {
    title: () => "",
    label: ({ dataset, raw }: { dataset: { label?: string }; raw: { text?: string } }) => `${dataset.label ?? ""}: ${raw.text ?? ""}`,
  };
  return config;
}
