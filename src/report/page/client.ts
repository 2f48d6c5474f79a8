// What runs in the reader's browser. The page carries this function's own text, so it must stand alone:
// no imports, nothing from outside its body. The interfaces below say which part of the DOM it uses.

interface PageElement {
  readonly id: string;
  readonly clientWidth: number;
  readonly classList: { toggle(name: string, on: boolean): void };
  readonly dataset: Record<string, string | undefined>;
  readonly style: { height: string };
  readonly parentElement: PageElement | null;
  hidden: boolean;
  value: string;
  checked: boolean;
  textContent: string | null;
  addEventListener(type: string, listener: () => void): void;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

interface PageDocument {
  getElementById(id: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

interface PageWindow {
  readonly document: PageDocument;
  readonly Chart: new (canvas: PageElement, config: unknown) => PageChart;
  matchMedia(query: string): {
    readonly matches: boolean;
    addEventListener(type: "change", listener: () => void): void;
  };
  addEventListener(type: string, listener: () => void): void;
}

interface PageChart {
  readonly data: { readonly datasets: readonly { readonly seriesId?: string }[] };
  setDatasetVisibility(index: number, visible: boolean): void;
  update(mode: "none"): void;
  destroy(): void;
}

interface PageConfig {
  data: { labels?: (string | string[])[]; datasets: { data: { y: unknown }[] }[] };
  options: {
    responsive: boolean;
    maintainAspectRatio: boolean;
    plugins: Record<string, { display: boolean }>;
    layout: { padding: unknown };
    valueColumn?: { width: number };
    scales: { y: { reverse?: boolean; fixedTicks?: { label: string | string[] }[] } };
  };
}

export interface PageData {
  /** chart configurations as JSON text, by the id of their canvas */
  readonly charts: Readonly<Record<string, string>>;
  /** colours on light ground and their twins on dark ground */
  readonly inks: readonly (readonly [light: string, dark: string])[];
}

/** Draws the charts of the page and connects its filters; `hydrate` completes a configuration. */
export function startPage(page: PageWindow, data: PageData, hydrate: (config: unknown) => unknown): void {
  const { document } = page;
  const dark = page.matchMedia("(prefers-color-scheme: dark)");
  const narrow = page.matchMedia("(max-width: 600px)");
  const drawn = new Map<string, PageChart>();

  // On a narrow page the labels of rows are broken into lines, and each row is given their height.
  const wrapLabels = (config: PageConfig): void => {
    const wrapped = (label: unknown): string[] => String(label).match(/.{1,20}(\s|$)|\S+/g) ?? [];
    if (config.data.labels !== undefined) {
      config.data.labels = config.data.labels.map(wrapped);
      for (const { data: bars } of config.data.datasets) bars.forEach((bar, index) => (bar.y = index));
    }
    const { fixedTicks, reverse } = config.options.scales.y;
    if (reverse === true) for (const tick of fixedTicks ?? []) tick.label = wrapped(tick.label);
  };

  const configOf = (id: string, isDark: boolean): unknown => {
    let text = data.charts[id] ?? "{}";
    if (isDark) for (const [light, twin] of data.inks) text = text.replaceAll(light, twin);
    const config = JSON.parse(text) as PageConfig;
    config.options.responsive = true;
    config.options.maintainAspectRatio = false;
    // The page says these in its own words, where a reader can select and enlarge them.
    for (const part of ["title", "subtitle", "legend"]) config.options.plugins[part]!.display = false;
    const { valueColumn } = config.options;
    config.options.layout.padding = {
      top: 8,
      right: valueColumn === undefined || narrow.matches ? 12 : valueColumn.width,
    };
    if (narrow.matches) delete config.options.valueColumn;
    if (narrow.matches) wrapLabels(config);
    return hydrate(config);
  };

  const applyChoices = (figure: PageElement, chart: PageChart): void => {
    for (const box of figure.querySelectorAll("input[data-series]")) {
      chart.data.datasets.forEach((dataset, index) => {
        if (dataset.seriesId === box.dataset["series"]) chart.setDatasetVisibility(index, box.checked);
      });
    }
    chart.update("none");
  };

  const drawAll = (isDark: boolean): void => {
    for (const figure of document.querySelectorAll("figure[data-chart]")) {
      const id = figure.dataset["chart"] ?? "";
      const canvas = document.getElementById(id);
      if (canvas === null) continue;
      drawn.get(id)?.destroy();
      const rows = Number(figure.dataset["rows"] ?? 0);
      const frame = canvas.parentElement;
      if (rows > 0 && frame !== null) frame.style.height = `${rows * (narrow.matches ? 48 : 27) + 70}px`;
      const chart = new page.Chart(canvas, configOf(id, isDark));
      drawn.set(id, chart);
      applyChoices(figure, chart);
      figure.classList.toggle("drawn", true);
    }
  };

  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    for (const box of figure.querySelectorAll("input[data-series]")) {
      box.addEventListener("change", () => {
        const chart = drawn.get(figure.dataset["chart"] ?? "");
        if (chart !== undefined) applyChoices(figure, chart);
      });
    }
  }

  for (const field of document.querySelectorAll("input[data-filters]")) {
    const target = document.getElementById(field.dataset["filters"] ?? "");
    if (target === null) continue;
    const count = document.getElementById(`${target.id}-count`);
    field.addEventListener("input", () => {
      const words = field.value
        .toLowerCase()
        .split(/\s+/)
        .filter((word) => word !== "");
      let shown = 0;
      for (const row of target.querySelectorAll("tbody tr")) {
        const text = (row.textContent ?? "").toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) shown++;
      }
      if (count !== null) count.textContent = words.length === 0 ? "" : `${shown} rows shown`;
    });
  }

  drawAll(dark.matches);
  dark.addEventListener("change", () => drawAll(dark.matches));
  narrow.addEventListener("change", () => drawAll(dark.matches));
  page.addEventListener("beforeprint", () => drawAll(false));
  page.addEventListener("afterprint", () => drawAll(dark.matches));
}
