// The worker in a headless Chromium, from files that a plain server gives: the same gate and the same sampling as in Node.

import { existsSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineId } from "#case/case";
import { gateItemOf, gateKey } from "#runner/gate-items";
import { expand } from "#runner/expand";
import { planAtoms, type Atom } from "#runner/plan";
import type { GateItem, Request } from "#runner/protocol";
import { allSuites } from "../../suites/index.ts";
import { bundlePage, type PageBundle } from "./bundle.ts";
import { pageServer } from "./server.ts";
import type { WorkerReply } from "./worker.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));

let bundle: PageBundle;
beforeAll(async () => {
  bundle = await bundlePage();
});

test("names no module of Node, nor an engine that is Node's, and stays under 1.5 MB packed", () => {
  expect(bundle.modules.length).toBeGreaterThan(100);
  expect(
    bundle.modules.filter((path) => /^node:|node_modules\/(webgpu|execa|@tensorflow\/tfjs-node)\//.test(path)),
  ).toEqual([]);
  const replaced = ["src/data/sets/registry.ts"]; // by name only: what is loaded in its place is src/web/absent
  expect(
    bundle.modules.filter(
      (path) => /^src\/(cli|data|tasks|training|host\/node)\//.test(path) && !replaced.includes(path),
    ),
  ).toEqual([]);
  const packed = bundle.files.reduce((sum, { content }) => sum + gzipSync(content).length, 0);
  expect(packed).toBeLessThan(1.5e6);
});

/** Atoms of a suite at smoke. */
function allAtoms(suite: string, engine: EngineId, filter: readonly string[] = []): Atom[] {
  const suites = allSuites.filter(({ id }) => id === suite);
  return planAtoms(expand(suites, { scale: "smoke", engine, found: [], filter }));
}

const itemsOf = (atoms: readonly Atom[]): GateItem[] => {
  const items = atoms.flatMap(({ cases }) => cases.flatMap((item) => gateItemOf(item) ?? []));
  return [...new Map(items.map((item) => [gateKey(item), item])).values()];
};

const atomRequest = (engine: EngineId, { cases, process }: Atom): Request => ({
  type: "atom",
  engine,
  cases: [...cases],
  process,
  contenderBudget: 0.15,
  memoryLimit: 2 ** 32,
  programs: [],
  training: {},
  modules: [],
});

describe.skipIf(CHROMIUM === undefined)("worker in Chromium (skipped where /usr/bin/chromium is missing)", () => {
  let browser: Browser;
  let server: Server;
  let page: Page;

  beforeAll(async () => {
    const empty = { name: "empty.html", content: new TextEncoder().encode("<!doctype html><title>worker</title>") };
    server = pageServer([...bundle.files, empty]);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox"] });
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/empty.html`);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  /** All replies of a fresh worker to one request. */
  const ask = (request: Request): Promise<WorkerReply[]> =>
    page.evaluate(`new Promise((resolve) => {
      const replies = [];
      const worker = new Worker("./worker.js", { type: "module" });
      const end = () => { worker.terminate(); resolve(replies); };
      worker.onmessage = ({ data }) => { replies.push(data); if (data.type === "done" || data.type === "ended") end(); };
      worker.onerror = (event) => { replies.push({ type: "ended", reason: event.message }); end(); };
      worker.postMessage({ base: new URL("./", location.href).href, request: ${JSON.stringify(request)} });
    })`);

  const reasonsIn = (replies: readonly WorkerReply[]) =>
    replies.flatMap((reply) => ("reason" in reply ? [reply.reason] : []));

  test("wasm: cross-origin isolated, yet on one core, with our kernels", async () => {
    expect(await page.evaluate("crossOriginIsolated")).toBe(true);
    const [reply] = await ask({ type: "probe", engine: "wasm" });
    expect(reply).toMatchObject({
      type: "available",
      device: { kind: "cpu", details: { kernels: "relaxed", threads: 1 } },
    });
  });

  test.each([
    ["scan-count", ["dims=2", "level=operator", "pass=forward"]],
    ["kernel-forward", []],
  ])("wasm: every form of %s passes the gate, and its first atom is measured round by round", async (suite, filter) => {
    const atom = allAtoms(suite, "wasm", filter)[0]!;
    const items = itemsOf([atom]);
    const checked = await ask({ type: "gate", engine: "wasm", items, modules: [] });
    expect(reasonsIn(checked)).toEqual([]);
    const passed = checked.filter((reply) => reply.type === "checked" && reply.result.ok);
    expect(passed).toHaveLength(items.length);

    const replies = await ask(atomRequest("wasm", atom));
    expect(reasonsIn(replies)).toEqual([]);
    expect(replies.at(-1)).toEqual({ type: "done" });
    const lines = replies.flatMap((reply) => (reply.type === "line" ? [reply.line] : []));
    expect(new Set(lines.map(({ caseId }) => caseId)).size).toBe(atom.cases.length);
  });

  test("an engine of Node's is refused in words", async () => {
    const replies = await ask({ type: "probe", engine: "tensorflow" });
    expect(replies).toEqual([
      { type: "unavailable", reason: "native TensorFlow does not run in a browser" },
      { type: "done" },
    ]);
  });
});
