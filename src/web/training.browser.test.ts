// Trainings in a headless Chromium: the worker gives the records that Node gives. Losses and what is read off the model are
// alike to the last bit: the same WebAssembly on the same processor, on one core in one order. Scores that JavaScript works
// out with exp and log (a perplexity, an entropy) may differ in their last digits: V8 rounds these as its version does.

import type { Server } from "node:http";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defined } from "#base/defined";
import type { TrainingCase } from "#case/case";
import { startEngine } from "#engine/registry";
import type { RunningEngine } from "#engine/engine";
import { expand } from "#runner/expand";
import type { TrainingResult } from "#store/record";
import { train } from "#tasks/train";
import { askWorker, CHROMIUM, EMPTY, listening } from "#testing/chromium";
import { bundlePage } from "./bundle.ts";
import { PAGE_SUITES } from "./page/choices.ts";
import { pageServer } from "./server.ts";

type Scores = Readonly<Record<string, number>>;

/** Of each training: enough for the optimiser's moments and a schedule to matter. */
const STEPS = 12;

/** Few steps and samples: what they come to is the same in both places, or not. */
const diffusion = { samples: 16, samplingSteps: 4, extractorSteps: 10 };

/** Of each task of the page the first contender, and one with a softmax. */
const cases = expand(
  PAGE_SUITES.filter(({ kind }) => kind === "training"),
  { scale: "smoke", engine: "wasm", found: [], trainSteps: STEPS },
)
  .flatMap(({ cases }) => cases as TrainingCase[])
  .filter((item, index, all) => index === all.findIndex(({ task }) => task === item.task) || isChosen(item))
  .map((item) => ({
    ...item,
    recipe: defined({
      ...item.recipe,
      testExamples: Math.min(item.recipe.testExamples ?? 64, 64),
      diffusion: item.recipe.diffusion && { ...item.recipe.diffusion, ...diffusion },
    }),
  }));

function isChosen({ task, contender }: TrainingCase): boolean {
  return task === "image-classification" && contender.startsWith("softmax");
}

/** To 12 digits after the point; a few last digits of exp are of order 1e-14. */
function alike(there: Scores, here: Scores): void {
  expect(Object.keys(there)).toEqual(Object.keys(here));
  for (const [name, score] of Object.entries(here)) expect(there[name], name).toBeCloseTo(score, 12);
}

describe.skipIf(CHROMIUM === undefined)("trainings in Chromium (skipped where /usr/bin/chromium is missing)", () => {
  let browser: Browser;
  let server: Server;
  let page: Page;
  let engine: RunningEngine;

  beforeAll(async () => {
    server = pageServer([...(await bundlePage()).files, EMPTY]);
    const address = await listening(server);
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox"] });
    page = await browser.newPage();
    await page.goto(`${address}${EMPTY.name}`);
    engine = await startEngine("wasm");
  });
  afterAll(async () => {
    await engine?.stop();
    await browser?.close();
    server?.close();
  });

  async function trainedInPage(item: TrainingCase): Promise<TrainingResult> {
    const replies = await askWorker(page, {
      type: "atom",
      engine: "wasm",
      cases: [item],
      process: 0,
      contenderBudget: 0.15,
      memoryLimit: 2 ** 32,
      programs: [],
      training: {},
      modules: [],
    });
    expect(replies.flatMap((reply) => ("reason" in reply ? [reply.reason] : []))).toEqual([]);
    const lines = replies.flatMap((reply) => (reply.type === "line" ? [reply.line] : []));
    return lines[0]!["training"] as TrainingResult;
  }

  test("there are cases of each task", () => {
    expect(new Set(cases.map(({ task }) => task)).size).toBe(6);
    expect(cases.length).toBe(7);
  });

  test.each(cases.map((item) => [item.task, item.contender, item] as const))(
    "%s, %s",
    async (_task, _contender, item) => {
      const [here, there] = [await train(item, { engine }), await trainedInPage(item)];
      const losses = ({ curve }: TrainingResult) => curve.map(({ step, values }) => [step, values["loss"]]);
      expect(losses(here).length).toBeGreaterThan(1);
      expect(losses(there)).toEqual(losses(here));
      alike(there.scores, here.scores);
      expect(there.itemScoreSamples).toEqual(here.itemScoreSamples);
      alike(there.trivialScores, here.trivialScores);
      alike(there.simpleScores ?? {}, here.simpleScores ?? {});
      expect([there.parameters, there.method]).toEqual([here.parameters, here.method]);
    },
  );
});
