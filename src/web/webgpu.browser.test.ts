// WebGPU in a headless Chromium, on its software adapter: right, marked, and never timed. Shaders of a form compile for a
// minute there, so this asks for two forms.

import { existsSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium, type Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundlePage } from "./bundle.ts";
import { pageServer } from "./server.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
const SOFTWARE_GPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"];
const LONG = 900_000;

describe.skipIf(CHROMIUM === undefined)("WebGPU in Chromium (skipped where /usr/bin/chromium is missing)", () => {
  let browser: Browser;
  let server: Server;

  beforeAll(async () => {
    server = pageServer((await bundlePage()).files);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox", ...SOFTWARE_GPU] });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test(
    "the software adapter is marked; forms pass the check on it, and no time is shown",
    { timeout: LONG },
    async () => {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await page.locator("body[data-ready]").waitFor();
      await page.check("[name=engine][value=webgpu]");
      await page.getByText("This is a software adapter").waitFor({ timeout: 120_000 });
      await page.getByText("Only some cases").click();
      await page.fill("[name=filter]", "dims=2 level=operator pass=forward contender=additive-global,linear-global");
      await page.fill("[name=contenderBudget]", "0.05");
      await page.click("#app-start");
      await page.locator('body[data-state="finished"]').waitFor({ timeout: LONG });
      const texts = (await page.locator("#app-log li").allTextContents()).join("\n");
      expect(texts).toContain("additive-global");
      expect(texts).not.toMatch(/additive-global \d|\d×|failed/);
      const report = (await page.locator("#app-report").textContent())!;
      expect(report).toContain("software GPU: times not shown");
      expect(report).toContain("2 of 2 cases have a result");
    },
  );
});
