// WebGPU in a headless Chromium, on its software adapter: right, marked, and never timed. Shaders of a form compile for a
// minute there, so this asks for two forms.

import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { effectiveAtoms } from "#store/atoms";
import { CHROMIUM, downloadedRun, listening } from "#testing/chromium";
import { losingDevice } from "#testing/lose-device";
import { bundlePage, type PageFile } from "./bundle.ts";
import { pageServer } from "./server.ts";

const SOFTWARE_GPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"];
const LONG = 900_000;

describe.skipIf(CHROMIUM === undefined)("WebGPU in Chromium (skipped where /usr/bin/chromium is missing)", () => {
  let browser: Browser;
  let files: readonly PageFile[];
  const servers: Server[] = [];
  const folder = mkdtempSync(join(tmpdir(), "webgpu-page-"));

  beforeAll(async () => {
    ({ files } = await bundlePage());
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox", ...SOFTWARE_GPU] });
  });
  afterAll(async () => {
    await browser?.close();
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  /** A page of these files that has found the software adapter. */
  async function opened(given: readonly PageFile[]): Promise<Page> {
    const server = pageServer(given);
    servers.push(server);
    const page = await browser.newPage();
    await page.goto(await listening(server));
    await page.locator("body[data-ready]").waitFor();
    await page.check("[name=engine][value=webgpu]");
    await page.getByText("This is a software adapter").waitFor({ timeout: 120_000 });
    return page;
  }

  async function begin(page: Page, contenders: string): Promise<void> {
    await page.getByText("Only some cases").click();
    await page.fill("[name=filter]", `dims=2 level=operator pass=forward contender=${contenders}`);
    await page.fill("[name=contenderBudget]", "0.05");
    await page.click("#app-start");
  }

  const becomes = (page: Page, state: string) => page.locator(`body[data-state="${state}"]`).waitFor({ timeout: LONG });

  test(
    "the software adapter is marked; forms pass the check on it, and no time is shown",
    { timeout: LONG },
    async () => {
      const page = await opened(files);
      await begin(page, "additive-global,linear-global");
      await becomes(page, "finished");
      const texts = (await page.locator("#app-log li").allTextContents()).join("\n");
      expect(texts).toContain("additive-global");
      expect(texts).not.toMatch(/additive-global \d|\d×|failed/);
      const report = (await page.locator("#app-report").textContent())!;
      expect(report).toContain("software GPU: times not shown");
      expect(report).toContain("2 of 2 cases have a result");
    },
  );

  test(
    "a device that is lost is a result with its reason; its atom is all that is lost, and a reload goes on",
    { timeout: LONG },
    async () => {
      const losing = files.map(({ name, content }) => ({
        name,
        content: name === "worker.js" ? Buffer.concat([Buffer.from(losingDevice(1)), content]) : content,
      }));
      const page = await opened(losing);
      await begin(page, "linear-global");
      await page.getByText("The GPU device was lost").waitFor({ state: "attached", timeout: LONG });
      await page.reload();
      await becomes(page, "finished");
      const { records } = await downloadedRun(page, folder);
      expect(effectiveAtoms(records)).toHaveLength(3);
      const lost = records.filter(({ status }) => status !== "ok");
      expect(lost).toMatchObject([
        { process: 1, status: "failed", reason: expect.stringMatching(/device was lost.*\[E_GPU_LOST\]/) },
      ]);
      expect(new Set(records.map(({ process }) => process))).toEqual(new Set([0, 1, 2]));
    },
  );
});
