// The page in a headless Chromium: from the first choice to the report, over reloads and kills, on a screen of any width.

import type { AddressInfo, Server } from "node:net";
import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundlePage } from "./bundle.ts";
import { pageServer } from "./server.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
const TINY = "dims=2 level=operator pass=forward contender=additive-global,vector-2scan";

describe.skipIf(CHROMIUM === undefined)("page in Chromium (skipped where /usr/bin/chromium is missing)", () => {
  let browser: Browser;
  let server: Server;
  let address: string;

  beforeAll(async () => {
    server = pageServer((await bundlePage()).files);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  /** A page that has loaded, and what went wrong in it. */
  async function opened(context: BrowserContext): Promise<{ page: Page; problems: string[] }> {
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    page.on("pageerror", ({ message }) => problems.push(message));
    page.on("request", (request) => {
      if (!request.url().startsWith(address) && !request.url().startsWith("data:"))
        problems.push(`request: ${request.url()}`);
    });
    await page.goto(address);
    await page
      .locator("body[data-ready]")
      .waitFor({ timeout: 60_000 })
      .catch((error: unknown) => {
        throw new Error(`${String(error)}\n${problems.join("\n")}`);
      });
    return { page, problems };
  }

  async function choose(page: Page, filter = TINY): Promise<void> {
    await page.locator("details summary").first().click();
    await page.fill("[name=filter]", filter);
    await page.fill("[name=contenderBudget]", "0.05");
  }

  const stateOf = (page: Page, state: string) =>
    page.locator(`body[data-state="${state}"]`).waitFor({ timeout: 120_000 });

  test("from the first choice to the report", async () => {
    const context = await browser.newContext();
    const { page, problems } = await opened(context);
    await choose(page);
    expect(await page.locator("#app-plan").textContent()).toMatch(/^2 cases in 3 processes, about/);
    await page.click("#app-start");
    await stateOf(page, "finished");
    expect(await page.locator("#app-log li").count()).toBe(3);
    expect(await page.locator("#app-report h1").textContent()).toContain("smoke");
    expect(problems).toEqual([]);
    await context.close();
  });
});
