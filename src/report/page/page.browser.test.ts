// The report page in a headless Chromium: nothing requested, nothing complained about, charts drawn.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createCanvas } from "@napi-rs/canvas";
import axe, { type AxeResults } from "axe-core";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import type { Suite } from "#case/suite";
import { findDatasets } from "#data/sets/registry";
import type { RunRecord } from "#store/record";
import { allSuites } from "../../../suites/index.ts";
import { buildReport } from "../build.ts";
import { isWorthDrawing } from "../charts/picture.ts";
import { gatherReport } from "../gather.ts";
import { reportHtml } from "./html.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
const PHONE = { width: 390, height: 844 };
const TABLET = { width: 768, height: 1024 };
const DESK = { width: 1440, height: 900 };
/** Intervals that nobody reads. */
const FEW = { resamples: 100 };
/** Screenshots stay where this says; without it they are taken and dropped. */
const SCREENSHOTS = process.env["LIGHTNET_BENCH_SCREENSHOTS"];

describe.skipIf(CHROMIUM === undefined)("report page in Chromium (skipped where /usr/bin/chromium is missing)", () => {
  let browser: Browser;
  let folder: string;
  let charts: number;

  beforeAll(async () => {
    const { manifest, records, suites: declared } = fixtureRun({ processes: 2 });
    const { files, data } = buildReport({ runs: [{ manifest, records }], suites: declared });
    charts = data.suites.flatMap(({ pictures }) => pictures).filter(isWorthDrawing).length;
    folder = mkdtempSync(join(tmpdir(), "report-page-"));
    writeFileSync(join(folder, "report.html"), String(files.find(({ path }) => path === "report.html")!.content));
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox"] });
  });

  afterAll(async () => {
    await browser?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  async function open(options: {
    readonly viewport: { width: number; height: number };
    readonly colorScheme?: "light" | "dark";
  }): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage(options);
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(error.message));
    const own = pathToFileURL(join(folder, "report.html")).href;
    page.on("request", (request) => {
      if (request.url() !== own && !request.url().startsWith("data:")) complaints.push(`request: ${request.url()}`);
    });
    await page.goto(own);
    await page.evaluate(`for (const fold of document.querySelectorAll("details.more")) fold.open = true`);
    // Charts are drawn when they come into view.
    for (const figure of await page.locator("figure[data-chart]").all()) await figure.scrollIntoViewIfNeeded();
    await expect.poll(() => page.locator("figure.drawn").count()).toBe(charts);
    return { page, complaints };
  }

  /** Coloured pixels of each canvas: a blank chart has none. */
  const painted = (page: Page): Promise<number[]> =>
    page.evaluate(`[...document.querySelectorAll("canvas")].map((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 0 && Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 60) count++;
      return count;
    })`);

  test.each([
    ["desktop, light", { viewport: DESK, colorScheme: "light" }],
    ["desktop, dark", { viewport: DESK, colorScheme: "dark" }],
    ["tablet, light", { viewport: TABLET, colorScheme: "light" }],
    ["tablet, dark", { viewport: TABLET, colorScheme: "dark" }],
    ["phone, light", { viewport: PHONE, colorScheme: "light" }],
    ["phone, dark", { viewport: PHONE, colorScheme: "dark" }],
  ] as const)("%s: all charts painted, no request, no complaint, no sideways scrolling", async (name, options) => {
    const { page, complaints } = await open(options);
    expect(complaints).toEqual([]);
    const counts = await painted(page);
    expect(counts).toHaveLength(charts);
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0);
    const shot = await page.screenshot({ fullPage: true, animations: "disabled" });
    expect(shot.length).toBeGreaterThan(10_000);
    if (SCREENSHOTS !== undefined) writeFileSync(join(SCREENSHOTS, `${name.replace(", ", "-")}.png`), shot);
    await page.close();
  });

  /** What generating models drew, as large as smoke runs do. */
  function samplesOf(records: readonly RunRecord[]): ReadonlyMap<string, Buffer> {
    const png = createCanvas(400, 440).toBuffer("image/png");
    return new Map(
      records.filter(({ case: { suite } }) => suite === "image-generation").map(({ caseId }) => [caseId, png]),
    );
  }

  /** Height of the page of a smoke run of these suites, every case with a result, in CSS pixels; and its length in bytes. */
  async function smokePage(suites: readonly Suite[]): Promise<{ height: number; bytes: number; shown: string[] }> {
    const datasets = findDatasets().flatMap(({ id, available }) => (available ? [id] : []));
    const { manifest, records } = fixtureRun({ suites, datasets, processes: 1, trainingSeeds: "declared" });
    const { data } = gatherReport({ runs: [{ manifest, records }], suites, generated: samplesOf(records) }, FEW);
    const [path, content] = [join(folder, "smoke.html"), reportHtml(data)];
    writeFileSync(path, content);
    const page = await browser.newPage({ viewport: DESK });
    await page.goto(pathToFileURL(path).href);
    const height = await page.evaluate<number>("document.documentElement.scrollHeight");
    await page.close();
    return { height, bytes: Buffer.byteLength(content), shown: data.suites.map(({ id }) => id) };
  }

  test("the page of a smoke run of all suites stays below 5 MB and 20,000 px", { timeout: 300_000 }, async () => {
    const { height, bytes, shown } = await smokePage(allSuites);
    expect(shown).toEqual(allSuites.map(({ id }) => id));
    expect(bytes).toBeLessThan(5 * 2 ** 20);
    expect(height).toBeLessThan(20_000);
  });

  test("what answers stands before what explains, and no picture has one or two points", async () => {
    const { page } = await open({ viewport: DESK });
    const order = await page.locator("h2").allTextContents();
    expect(order.slice(0, 4)).toEqual(["Claims", "Conditions", "Measurements", "The paper's tables"]);
    const first = await page.locator("header figure").boundingBox();
    expect(first!.y).toBeLessThan(DESK.height);
    await page.close();
  });

  test("a series can be hidden by keyboard, and shown again", async () => {
    const { page } = await open({ viewport: DESK });
    const figure = page.locator('figure[data-chart="chart-kernel-forward-time"]');
    const pixels = (): Promise<string> =>
      figure.locator("canvas").evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL());
    const before = await pixels();
    await figure.locator('input[data-series="softmax-full"]').focus();
    await page.keyboard.press("Space");
    const hidden = await pixels();
    expect(hidden).not.toBe(before);
    await page.keyboard.press("Space");
    expect(await pixels()).toBe(before);
    await page.close();
  });

  test("a long table is filtered by the words typed, and says how many rows are left", async () => {
    const { page } = await open({ viewport: DESK });
    await page.locator("#suite-kernel-forward summary", { hasText: "Table: all results" }).click();
    const field = page.locator("#table-suite-kernel-forward-filter");
    await field.fill("softmax 1024");
    expect(await page.locator("#table-suite-kernel-forward tbody tr:visible").count()).toBe(1);
    expect(await page.locator("#table-suite-kernel-forward-count").textContent()).toBe("1 row shown");
    await field.fill("");
    expect(await page.locator("#table-suite-kernel-forward tbody tr:visible").count()).toBe(30);
    await page.close();
  });

  test("figures describe themselves and give their numbers as a table", async () => {
    const { page } = await open({ viewport: DESK });
    const canvas = page.locator("#chart-kernel-forward-time");
    expect(await canvas.getAttribute("aria-label")).toMatch(
      /^Line chart: Forward time against sequence length\. time of one forward pass against tokens N\. additive, 1 scan/,
    );
    expect(await page.locator("#figure-kernel-forward-time tbody tr").count()).toBe(5);
    await page.close();
  });

  test("a column sorts its rows, by keyboard too, numbers by their value", async () => {
    const { page } = await open({ viewport: DESK });
    await page.locator("#suite-kernel-forward summary", { hasText: "Table: all results" }).click();
    const head = page.locator("#table-suite-kernel-forward thead th", { hasText: "median time" });
    const times = (): Promise<number[]> =>
      page.evaluate(`(() => {
        const heads = [...document.querySelectorAll("#table-suite-kernel-forward thead th")];
        const column = heads.findIndex(({ textContent }) => textContent.includes("median time"));
        const cells = [...document.querySelectorAll("#table-suite-kernel-forward tbody tr")].map(({ children }) => children[column]);
        return cells.flatMap(({ dataset }) => dataset.value === undefined ? [] : [Number(dataset.value)]);
      })()`);
    await head.locator("button").focus();
    await page.keyboard.press("Enter");
    expect(await head.getAttribute("aria-sort")).toBe("ascending");
    const ascending = await times();
    expect(ascending).toEqual(ascending.toSorted((one, other) => one - other));
    await page.keyboard.press("Enter");
    expect(await head.getAttribute("aria-sort")).toBe("descending");
    expect(await times()).toEqual(ascending.toReversed());
    await page.close();
  });

  test.each(["light", "dark"] as const)("no serious fault for assistive technology, %s", async (colorScheme) => {
    const { page } = await open({ viewport: DESK, colorScheme });
    await page.evaluate(`for (const fold of document.querySelectorAll("details")) fold.open = true`);
    await page.evaluate(axe.source);
    const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    await page.close();
  });

  test("prints on light ground, the line of each claim with it", async () => {
    const { page, complaints } = await open({ viewport: DESK, colorScheme: "dark" });
    await page.emulateMedia({ media: "print" });
    expect(await page.locator(".claim .verdict").first().isVisible()).toBe(true);
    const pdf = await page.pdf({ format: "A4" });
    expect(pdf.subarray(0, 4).toString()).toBe("%PDF");
    expect(complaints).toEqual([]);
    await page.close();
  });
});
