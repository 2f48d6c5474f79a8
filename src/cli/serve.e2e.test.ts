// `serve` and `web` as a person calls them.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lightnetBench } from "#testing/command";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "serve-"))));
afterEach(() => rmSync(folder, { recursive: true }));

test("serve prints its address, isolates the page, gives its files and nothing else, and ends on Ctrl-C", async () => {
  const server = lightnetBench(["serve", "--port", "0"], folder);
  const [address] = await new Promise<string[]>((resolve) => {
    createInterface({ input: server.stdout! }).once("line", (line) => resolve([line]));
  });
  expect(address).toMatch(/^http:\/\/localhost:\d+\/$/);
  const page = await fetch(address!);
  expect(await page.text()).toContain("What does one scan save on this machine?");
  expect(page.headers.get("cross-origin-opener-policy")).toBe("same-origin");
  expect(page.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect((await fetch(`${address}..%2fpackage.json`)).status).toBe(404);
  expect((await fetch(address!, { method: "POST" })).status).toBe(405);
  const taken = await lightnetBench(["serve", "--port", new URL(address!).port], folder);
  expect(taken.exitCode).toBe(4);
  expect(taken.stderr).toContain("Choose another --port");
  server.kill("SIGINT");
  expect((await server).exitCode).toBe(130);
});

test("web writes the page, and leaves alone what is not of an earlier one", async () => {
  const out = join(folder, "page");
  expect((await lightnetBench(["web", "--out", out], folder)).exitCode).toBe(0);
  const first = readdirSync(out).sort();
  expect(first).toEqual(expect.arrayContaining(["index.html", "page.js", "worker.js", "page.css", "about.json"]));
  writeFileSync(join(out, "chunk-0LD00000.js"), "");
  writeFileSync(join(out, "mine.txt"), "");
  expect((await lightnetBench(["web", "--out", out], folder)).exitCode).toBe(0);
  expect(existsSync(join(out, "chunk-0LD00000.js"))).toBe(false);
  expect(readdirSync(out).sort()).toEqual([...first, "mine.txt"].sort());
  expect(readFileSync(join(out, "index.html"), "utf8")).not.toMatch(/(src|href)="(https?:|\/)/);
});

test("a port that is none is wrong usage", async () => {
  const { exitCode, stderr } = await lightnetBench(["serve", "--port", "many"], folder);
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining("from 0 to 65535")]);
});
