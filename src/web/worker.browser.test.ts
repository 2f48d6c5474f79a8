// The worker in a headless Chromium, from files that a plain server gives: the same gate and the same sampling as in Node.

import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineId, OperatorCase } from "#case/case";
import { shapeOf } from "#case/shape";
import { gateItemOf, gateKey } from "#runner/gate-items";
import { expand } from "#runner/expand";
import { planAtoms, type Atom } from "#runner/plan";
import type { GateItem, Request } from "#runner/protocol";
import { packageRoot } from "#host/package";
import { askWorker, CHROMIUM, EMPTY, listening } from "#testing/chromium";
import { allSuites } from "../../suites/index.ts";
import { bundlePage, type PageBundle } from "./bundle.ts";
import { pageServer } from "./server.ts";
import type { WorkerReply } from "./worker.ts";

let bundle: PageBundle;
beforeAll(async () => {
  bundle = await bundlePage();
});

test("names no module of Node, nor an engine that is Node's, and stays under 1.5 MB packed", () => {
  expect(bundle.modules.length).toBeGreaterThan(100);
  const ofNode =
    /^node:|node_modules\/(webgpu|execa|sharp|@napi-rs|@tensorflow\/tfjs-node)|^src\/(cli|data\/fetch|host\/node|programs\/process)/;
  expect(bundle.modules.filter((path) => ofNode.test(path))).toEqual([]);
  expect(bundle.modules).toEqual(expect.arrayContaining(["src/tasks/registry.ts", "src/training/train.ts"]));
  const packed = bundle.files.reduce((sum, { content }) => sum + gzipSync(content).length, 0);
  expect(packed).toBeLessThan(1.5e6);
});

test("its own code uses no globals of Node", () => {
  const files = ["src/base/safetensors.ts", "src/host/safetensors.ts"]; // bytes of files, which a page neither reads nor writes
  const own = bundle.modules.filter((path) => /^(src|suites)\//.test(path) && !files.includes(path));
  const uses = own.filter((path) =>
    readFileSync(join(packageRoot(), path), "utf8")
      .split("\n")
      .some((line) => !/^\s*([*]|\/[/*])/.test(line) && /(?<![\w"./-])(Buffer|process)[.]/.test(line)),
  );
  expect(own.length).toBeGreaterThan(100);
  expect(uses).toEqual([]);
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

/** Softmax attention that stores 16 384² scores for each of 8 heads, and one additive scan at the same shape. */
function storingScores(engine: EngineId): Atom {
  const atoms = ["softmax-full-materialised", "additive-global"].map(
    (contender) => allAtoms("kernel-memory", engine, [`contender=${contender}`, "precision=float32"])[0]!,
  );
  const shape = shapeOf({ grid: [16_384], B: 1, H: 8, D: 16, E: 16 });
  const cases = atoms.map(({ cases: [item] }) => ({ ...(item as OperatorCase), shape, quantity: "time" as const }));
  return { ...atoms[0]!, cases };
}

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
    server = pageServer([...bundle.files, EMPTY]);
    const address = await listening(server);
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox"] });
    page = await browser.newPage();
    await page.goto(`${address}${EMPTY.name}`);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const ask = (request: Request) => askWorker(page, request);

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

  test("wasm: scores larger than its memory are a result, out of memory, and the next contender is measured", async () => {
    const replies = await ask(atomRequest("wasm", storingScores("wasm")));
    expect(replies.filter(({ type }) => type === "failed")).toMatchObject([
      { status: "oom", reason: expect.stringContaining("has no room for 8192.0 MiB") },
    ]);
    expect(replies.some(({ type }) => type === "line")).toBe(true);
    expect(replies.at(-1)).toEqual({ type: "done" });
  });

  test("an engine of Node's is refused in words", async () => {
    const replies = await ask({ type: "probe", engine: "tensorflow" });
    expect(replies).toEqual([
      { type: "unavailable", reason: "native TensorFlow does not run in a browser" },
      { type: "done" },
    ]);
  });
});
