// The page in a headless Chromium: from the first choice to the report, over reloads and kills, on a screen of any width,
// from a server that knows nothing of it.

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { caseId } from "#case/case";
import { buildReport } from "#report/build";
import { expand } from "#runner/expand";
import { effectiveAtoms } from "#store/atoms";
import { CHROMIUM, downloadedRun, listening } from "#testing/chromium";
import { bundlePage, type PageBundle } from "./bundle.ts";
import { PAGE_SUITES } from "./page/choices.ts";
import { pageServer } from "./server.ts";

const TINY = "dims=2 level=operator pass=forward contender=additive-global,vector-2scan";
const PATIENCE = { timeout: 90_000 };

const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

describe.skipIf(CHROMIUM === undefined)("page in Chromium (skipped where /usr/bin/chromium is missing)", () => {
  let bundle: PageBundle;
  let server: Server;
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    bundle = await bundlePage();
    server = pageServer(bundle.files);
    await listening(server);
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox"] });
    folder = mkdtempSync(join(tmpdir(), "page-"));
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A page that has loaded, and what went wrong in it. */
  async function opened(context: BrowserContext, address = addressOf(server)) {
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    page.on("pageerror", ({ message }) => problems.push(message));
    page.on("request", (request) => {
      if (!request.url().startsWith(address) && !/^(data|blob):/.test(request.url())) problems.push(request.url());
    });
    await page.goto(address);
    await ready(page);
    return { page, problems };
  }

  const ready = (page: Page) => page.locator("body[data-ready]").waitFor(PATIENCE);
  const becomes = (page: Page, state: string) => page.locator(`body[data-state="${state}"]`).waitFor(PATIENCE);

  async function choose(page: Page, filter = TINY): Promise<void> {
    await page.getByText("Only some cases").click();
    await page.fill("[name=filter]", filter);
    await page.fill("[name=contenderBudget]", "0.05");
  }

  async function downloaded(page: Page, button: string, name: string): Promise<string> {
    const [file] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
    const path = join(folder, name);
    await file.saveAs(path);
    return path;
  }

  const runIn = (page: Page) => downloadedRun(page, folder);

  test("from the first choice to a report, a zip that Node reads, and a page of its own", async () => {
    const context = await browser.newContext();
    const { page, problems } = await opened(context);
    await choose(
      page,
      "dims=2 level=mixer pass=forward contender=additive-global,vector-2scan,tied-2scan,softmax-full",
    );
    expect(await page.locator("#app-plan").textContent()).toMatch(/^4 cases in 3 processes, about/);
    await page.click("#app-start");
    await page.locator("#app-answer .answer").first().waitFor(PATIENCE);
    await page.locator("#app-answer figure.drawn canvas").waitFor(PATIENCE);
    await becomes(page, "finished");
    await page.locator("#app-report figure.drawn canvas").first().waitFor(PATIENCE);
    const [sentence] = await page.locator("#app-report .answer").allTextContents();
    expect(sentence).toContain("One LightNet layer takes");

    const run = await runIn(page);
    expect(effectiveAtoms(run.records)).toHaveLength(3);
    const [environment] = Object.values(run.manifest.environments);
    expect(environment!.page!.clockResolutionSeconds).toBeGreaterThan(0);
    expect(environment).toMatchObject({
      browser: { name: "Chrome" },
      page: { isolated: true, visibility: "visible", power: "mains" },
    });
    expect(buildReport({ runs: [run], suites: PAGE_SUITES }).data.answer[0]).toBe(sentence);

    const report = await context.newPage();
    await report.goto(`file://${await downloaded(page, "#app-run [data-do=html]", "report.html")}`);
    await report.locator("figure.drawn canvas").first().waitFor(PATIENCE);
    expect(await report.locator(".answer").first().textContent()).toBe(sentence);
    expect(problems).toEqual([]);
    await context.close();
  });

  test("ten kills at random moments lose nothing that had finished", async () => {
    const random = new Random(20);
    const context = await browser.newContext();
    let { page } = await opened(context);
    await choose(page, "dims=1,2 level=operator pass=forward contender=additive-global,linear-global,vector-2scan");
    await page.click("#app-start");
    let known: string[] = [];
    for (let kill = 0; kill < 10; kill++) {
      await page.waitForTimeout(200 + 3000 * random.uniform());
      const before = await page.locator("#app-log li").count();
      await page.close({ runBeforeUnload: false });
      ({ page } = await opened(context));
      const { records } = await runIn(page);
      const now = records.map((record) => JSON.stringify(record));
      expect(now.slice(0, known.length)).toEqual(known); // what was there is there, byte for byte
      expect(effectiveAtoms(records).length).toBeGreaterThanOrEqual(before);
      known = now;
    }
    await becomes(page, "finished");
    const { records, manifest } = await runIn(page);
    expect(effectiveAtoms(records)).toHaveLength(6);
    expect(records.map((record) => JSON.stringify(record)).slice(0, known.length)).toEqual(known);
    expect(manifest.finishedAt).toBeDefined();
    await context.close();
  });

  test("pause ends with the process in work, stop at once; both go on, and a paused run stays paused over a reload", async () => {
    const context = await browser.newContext();
    const { page, problems } = await opened(context);
    await choose(page);
    await page.click("#app-start");
    await page.click("#app-stop");
    await becomes(page, "stopped");
    await page.click("#app-go");
    await becomes(page, "measuring");
    await page
      .locator("#app-log li")
      .first()
      .waitFor({ ...PATIENCE, state: "attached" });
    await page.click("#app-pause");
    await becomes(page, "paused");
    await page.reload();
    await ready(page);
    await becomes(page, "paused");
    await page.click("#app-go");
    await becomes(page, "finished");
    expect(problems).toEqual([]);
    await context.close();
  });

  test("a case that ended the tab three times is a result with its reason, and the others are measured", async () => {
    const context = await browser.newContext();
    let { page } = await opened(context);
    await choose(page);
    await page.click("#app-start");
    await page.click("#app-stop");
    await becomes(page, "stopped");
    const run = await page.locator("#app-run-title").textContent();
    const planned = expand([...PAGE_SUITES], { scale: "smoke", engine: "wasm", found: [], filter: TINY.split(" ") });
    const killer = planned[0]!.cases.find(({ contender }) => contender === "vector-2scan")!;
    const inWork = JSON.stringify(JSON.stringify({ run, caseId: caseId(killer) }));
    await context.addInitScript(`localStorage.setItem("lightnet-bench: in work", ${inWork})`);
    for (let end = 0; end < 3; end++) {
      await page.close();
      ({ page } = await opened(context));
    }
    await page.click("#app-go");
    await becomes(page, "finished");
    const { records } = await runIn(page);
    const found = new Map(records.map((record) => [record.case.contender, record]));
    expect(found.get("additive-global")!.status).toBe("ok");
    expect(found.get("vector-2scan")).toMatchObject({ status: "oom", reason: expect.stringContaining("3 times") });
    await context.close();
  });

  test("out of view it waits, says so, throws away what it measured then, and goes on by itself", async () => {
    const context = await browser.newContext();
    const { page } = await opened(context);
    const view = (state: string) =>
      page.evaluate(`Object.defineProperty(document, "visibilityState", { value: "${state}", configurable: true });
        document.dispatchEvent(new Event("visibilitychange"))`);
    await choose(page);
    await page.click("#app-start");
    await view("hidden");
    await becomes(page, "waiting");
    expect(await page.locator("#app-state").textContent()).toContain("out of view");
    await view("visible");
    await becomes(page, "finished");
    expect(effectiveAtoms((await runIn(page)).records)).toHaveLength(3);
    await context.close();
  });

  test("a second tab is refused, in words", async () => {
    const context = await browser.newContext();
    await opened(context);
    const second = await context.newPage();
    await second.goto(addressOf(server));
    await second.locator("#app-trouble:not([hidden])").waitFor(PATIENCE);
    expect(await second.locator("#app-trouble").textContent()).toContain("open in another tab");
    await context.close();
  });

  test("on battery the form says so, and records keep it", async () => {
    const context = await browser.newContext();
    await context.addInitScript(`navigator.getBattery = () =>
      Promise.resolve(Object.assign(new EventTarget(), { charging: false }))`);
    const { page } = await opened(context);
    await page.getByText("On battery machines are slower").waitFor(PATIENCE);
    await choose(page);
    await page.click("#app-start");
    await becomes(page, "finished");
    const [environment] = Object.values((await runIn(page)).manifest.environments);
    expect(environment).toMatchObject({ page: { power: "battery" } });
    expect(await page.locator("#app-report").textContent()).toContain("on battery");
    await context.close();
  });

  test("no choice left says why, and cannot be started", async () => {
    const context = await browser.newContext();
    const { page } = await opened(context);
    await choose(page, "contender=additive-globl");
    expect(await page.locator("#app-plan").textContent()).toContain("Did you mean additive-global?");
    expect(await page.locator("#app-start").isDisabled()).toBe(true);
    await context.close();
  });

  test("trainings are offered at smoke; at other scales the form says why not", async () => {
    const context = await browser.newContext();
    const { page } = await opened(context);
    const training = page.locator("[name=suite][value=autoregressive-lm]");
    await training.check();
    expect(await page.locator("#app-plan").textContent()).toMatch(/^117 cases in 27 processes/);
    await page.selectOption("[name=scale]", "small");
    expect(await training.isDisabled()).toBe(true);
    expect(await page.locator("#app-why").textContent()).toContain("keeps no checkpoints");
    expect(await page.locator("#app-plan").textContent()).toMatch(/^172 cases/); // what is chosen and cannot run is not planned
    await page.selectOption("[name=scale]", "smoke");
    expect(await training.isEnabled()).toBe(true);
    expect(await page.locator("#app-why").isHidden()).toBe(true);
    await context.close();
  });

  test("a training from the first choice to the report, paused in between without a loss", async () => {
    const context = await browser.newContext();
    const { page, problems } = await opened(context);
    await page.uncheck("[name=suite][value=scan-count]");
    await page.check("[name=suite][value=recall]");
    await choose(page, "dataset=mqar-16");
    await page.click("#app-start");
    await page.getByText(/step \d+ of 120/).waitFor(PATIENCE);
    await page.click("#app-pause");
    await becomes(page, "paused");
    expect(effectiveAtoms((await runIn(page)).records)).toHaveLength(1);
    await page.click("#app-go");
    await becomes(page, "finished");
    const { records } = await runIn(page);
    expect(records.map(({ status }) => status)).toEqual(["ok", "ok", "ok"]);
    expect(await page.locator("#app-report").textContent()).toContain("accuracy");
    expect(problems).toEqual([]);
    await context.close();
  });

  test.each([390, 768, 1440])("nothing is wider than a screen of %i px, before and after a run", async (width) => {
    const context = await browser.newContext({ viewport: { width, height: 800 } });
    const { page } = await opened(context);
    const overhang = () => page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    expect(await overhang()).toBe(0);
    await choose(page);
    await page.click("#app-start");
    await becomes(page, "finished");
    expect(await overhang()).toBe(0);
    await context.close();
  });

  test("from a server that knows only files, below a folder, it measures as well", async () => {
    const files = new Map(bundle.files.map(({ name, content }) => [`/some/where/${name}`, content]));
    const types: Readonly<Record<string, string>> = { html: "text/html", js: "text/javascript", css: "text/css" };
    const plain = createServer(({ url = "" }, response) => {
      const content = files.get(url.endsWith("/") ? `${url}index.html` : url);
      const type = types[url.split(".").at(-1)!] ?? (url.endsWith("/") ? "text/html" : "application/octet-stream");
      response.writeHead(content === undefined ? 404 : 200, { "content-type": type });
      response.end(content);
    });
    await listening(plain);
    const context = await browser.newContext();
    const { page, problems } = await opened(context, `${addressOf(plain)}some/where/`);
    await choose(page);
    await page.click("#app-start");
    await becomes(page, "finished");
    const { manifest } = await runIn(page);
    expect(Object.values(manifest.environments)[0]!.page).toMatchObject({ isolated: false });
    expect(problems).toEqual([]);
    await context.close();
    plain.close();
  });
});
