// What runs in the reader's browser. The page carries this function's own text, so it must stand alone:
// no imports, nothing from outside its body. The interfaces below say which part of the DOM it uses.

interface PageElement {
  readonly id: string;
  readonly clientWidth: number;
  readonly classList: { toggle(name: string, on: boolean): void };
  readonly dataset: Record<string, string | undefined>;
  readonly style: { height: string };
  readonly parentElement: PageElement | null;
  readonly children: Iterable<PageElement> & Readonly<Record<number, PageElement>>;
  ariaSort: string | null;
  hidden: boolean;
  value: string;
  checked: boolean;
  textContent: string | null;
  addEventListener(type: string, listener: () => void): void;
  querySelectorAll(selector: string): Iterable<PageElement>;
  append(...children: readonly PageElement[]): void;
}

interface PageObserver {
  observe(element: PageElement): void;
  unobserve(element: PageElement): void;
  disconnect(): void;
}

interface PageDocument {
  getElementById(id: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

/** A listener with it is gone when it is aborted. */
interface Until {
  readonly signal: AbortSignal;
}

interface PageWindow {
  readonly AbortController: new () => AbortController;
  readonly document: PageDocument;
  readonly Chart: new (canvas: PageElement, config: unknown) => PageChart;
  readonly IntersectionObserver: new (
    listener: (entries: readonly { readonly isIntersecting: boolean; readonly target: PageElement }[]) => void,
    options: { readonly rootMargin: string },
  ) => PageObserver;
  matchMedia(query: string): {
    readonly matches: boolean;
    addEventListener(type: "change", listener: () => void, until: Until): void;
  };
  addEventListener(type: string, listener: () => void, until: Until): void;
}

interface PageChart {
  readonly data: { readonly datasets: readonly { readonly seriesId?: string }[] };
  setDatasetVisibility(index: number, visible: boolean): void;
  update(mode: "none"): void;
  destroy(): void;
}

interface PageConfig {
  options: {
    responsive: boolean;
    maintainAspectRatio: boolean;
    isNarrow?: boolean;
    plugins: Record<string, { display: boolean }>;
  };
}

export interface PageData {
  /** chart configurations as JSON text, by the id of their canvas */
  readonly charts: Readonly<Record<string, string>>;
  /** colours on light ground and their twins on dark ground */
  readonly inks: readonly (readonly [light: string, dark: string])[];
}

/**
 * Draws the charts of the page when they come into view and connects its filters, sorting and folds; `hydrate` completes a
 * configuration. Returns what lets go of all that again.
 */
export function startPage(page: PageWindow, data: PageData, hydrate: (config: unknown) => unknown): () => void {
  const { document } = page;
  const ended = new page.AbortController();
  const dark = page.matchMedia("(prefers-color-scheme: dark)");
  const narrow = page.matchMedia("(max-width: 600px)");
  const drawn = new Map<string, PageChart>();

  let isPrinting = false;
  const isDark = (): boolean => dark.matches && !isPrinting;

  const configOf = (id: string): unknown => {
    let text = data.charts[id] ?? "{}";
    if (isDark()) for (const [light, twin] of data.inks) text = text.replaceAll(light, twin);
    const config = JSON.parse(text) as PageConfig;
    config.options.responsive = true;
    config.options.maintainAspectRatio = false;
    // The page says these in its own words, where a reader can select and enlarge them.
    for (const part of ["title", "subtitle", "legend"]) config.options.plugins[part]!.display = false;
    config.options.isNarrow = narrow.matches;
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

  const draw = (figure: PageElement): void => {
    const id = figure.dataset["chart"] ?? "";
    const canvas = document.getElementById(id);
    if (canvas === null) return;
    drawn.get(id)?.destroy();
    const rows = Number(figure.dataset["rows"] ?? 0);
    const frame = canvas.parentElement;
    if (rows > 0 && frame !== null) frame.style.height = `${rows * (narrow.matches ? 58 : 26) + 75}px`;
    const chart = new page.Chart(canvas, configOf(id));
    drawn.set(id, chart);
    applyChoices(figure, chart);
    figure.classList.toggle("drawn", true);
  };

  const figures = [...document.querySelectorAll("figure[data-chart]")];
  const drawAgain = (): void => {
    for (const figure of figures) if (drawn.has(figure.dataset["chart"] ?? "")) draw(figure);
  };

  // A chart is drawn when it comes near the window: a closed fold costs nothing.
  const watcher = new page.IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        watcher.unobserve(target);
        draw(target);
      }
    },
    { rootMargin: "600px" },
  );
  for (const figure of figures) {
    watcher.observe(figure);
    for (const box of figure.querySelectorAll("input[data-series]")) {
      box.addEventListener("change", () => {
        const chart = drawn.get(figure.dataset["chart"] ?? "");
        if (chart !== undefined) applyChoices(figure, chart);
      });
    }
  }

  const filterRows = (field: PageElement): void => {
    const target = document.getElementById(field.dataset["filters"] ?? "");
    if (target === null) return;
    const count = document.getElementById(`${target.id}-count`);
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
    if (count !== null) count.textContent = words.length === 0 ? "" : `${shown} ${shown === 1 ? "row" : "rows"} shown`;
  };

  /** Rows by a column: numbers by their value, text by its letters, cells without a number last. */
  const sortRows = (button: PageElement): void => {
    const table = document.getElementById(button.dataset["sorts"] ?? "");
    const head = button.parentElement;
    const body = [...(table?.querySelectorAll("tbody") ?? [])][0];
    if (table === null || head === null || body === undefined) return;
    const heads = [...table.querySelectorAll("thead th")];
    const column = heads.indexOf(head);
    const sign = head.ariaSort === "ascending" ? -1 : 1;
    for (const other of heads) other.ariaSort = other === head ? (sign === 1 ? "ascending" : "descending") : "none";
    const cellOf = (row: PageElement): PageElement => row.children[column]!;
    const isNumeric = [...body.children].some((row) => cellOf(row).dataset["value"] !== undefined);
    const numberOf = (row: PageElement): number => Number(cellOf(row).dataset["value"] ?? Infinity * sign);
    const textOf = (row: PageElement): string => cellOf(row).textContent ?? "";
    const rows = [...body.children].sort((a, b) => {
      const [left, right] = [numberOf(a), numberOf(b)];
      if (isNumeric) return left === right ? 0 : sign * (left - right);
      return sign * textOf(a).localeCompare(textOf(b), "en", { numeric: true });
    });
    body.append(...rows);
  };

  for (const field of document.querySelectorAll("input[data-filters]"))
    field.addEventListener("input", () => filterRows(field));
  for (const button of document.querySelectorAll("button[data-sorts]"))
    button.addEventListener("click", () => sortRows(button));
  for (const box of document.querySelectorAll("input[data-widens]"))
    box.addEventListener("change", () => {
      document.getElementById(box.dataset["widens"] ?? "")?.classList.toggle("all", box.checked);
    });

  dark.addEventListener("change", drawAgain, ended);
  narrow.addEventListener("change", drawAgain, ended);
  for (const [event, printing] of [
    ["beforeprint", true],
    ["afterprint", false],
  ] as const) {
    const redraw = (): void => {
      isPrinting = printing;
      for (const figure of figures) if (figure.clientWidth > 0) draw(figure);
    };
    page.addEventListener(event, redraw, ended);
  }
  return () => {
    ended.abort();
    watcher.disconnect();
    for (const chart of drawn.values()) chart.destroy();
  };
}
