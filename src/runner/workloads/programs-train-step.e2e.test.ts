// A program that trains: told the model as plain data, checked on small models, then timed beside ours and checked on its timed calls.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { caseId, type TrainStepCase } from "#case/case";
import { trainStepCase } from "#catalogue/train-step-case";
import { startEngine } from "#engine/registry";
import { packageRoot } from "#host/package";
import { checkProgram } from "#programs/check";
import { readGiven } from "#programs/given";
import { readProgram } from "#programs/manifest";
import { measuredReplies } from "#testing/measured-replies";
import { casesOfPrograms } from "../outside.ts";
import { stepsOfForm } from "./asked-step.ts";

const SKELETON = join(packageRoot(), "contenders", "skeletons", "node", "program.mjs");
const BUILT = pathToFileURL(join(packageRoot(), "dist", "src")).href;

/** Our own layers in another process, built from what a program is told and on the weights that it is given. */
const PROGRAM = `
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
const from = (path) => import("${BUILT}/" + path);
const { startEngine } = await from("engine/registry.js");
const { createStepModel } = await from("tasks/step-model.js");
const { AdamW } = await from("training/adamw.js");
const tf = await from("engine/tf.js");
const engine = await startEngine("cpu");
const say = (reply) => process.stdout.write("lightnet-bench " + JSON.stringify(reply) + "\\n");
const joined = (arrays) => tf.concat1d(arrays.map((array) => tf.tensor1d(array)));
let prepared;
async function prepare({ case: { step, shape }, sets }) {
  const given = sets.map(readTensors);
  const shapes = sets.map(shapesOf);
  const model = await createStepModel({ ...step, shape, seed: 0 }, engine);
  const names = step.weights.map(({ name }) => name);
  const state = (kind) => joined(names.map((name) => given[0][kind + "." + name]));
  const optimiser = new AdamW(model.parameters, step.optimiser);
  const start = { weights: state("weight"), firstMoment: state("moment1"), secondMoment: state("moment2") };
  const batches = given.map((one, i) =>
    model.bind(Object.fromEntries(Object.keys(one).filter((name) => !name.includes(".")).map((name) => [name, { shape: shapes[i][name], data: one[name] }]))),
  );
  prepared = { step, names, model, optimiser, start, batches, first: given[0], examples: shape.B };
}
function compute(set) {
  const { step, names, model, optimiser, start, batches } = prepared;
  optimiser.restore(Object.fromEntries(Object.entries(start).map(([name, x]) => [name, x.clone()])));
  const { value, grads } = tf.variableGrads(batches[set].loss, model.parameters.list());
  const gradients = model.parameters.list().map(({ name }) => grads[name]);
  optimiser.update(optimiser.flatten(gradients), step.optimiser.step - 1, step.optimiser.learningRate);
  const outputs = { loss: value.dataSync() };
  names.forEach((name, i) => {
    outputs["grad." + name] = gradients[i].dataSync();
    outputs["weight." + name] = model.parameters.get(name).dataSync();
  });
  return outputs;
}
const answers = {
  hello: () => say({ type: "hello", protocol: 1, name: "trains", version: "1.0.0", device: "cpu" }),
  async prepare(request) {
    await prepare(request);
    say({ type: "ready", strategy: "layers" });
  },
  run({ set, repeats }) {
    const seconds = [];
    for (let i = 0; i < repeats; i++) {
      const start = process.hrtime.bigint();
      prepared.outputs = compute((set + i) % 2);
      seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
    }
    say({ type: "ran", seconds });
  },
  fetch({ file }) {
    writeTensors(file, prepared.outputs);
    say({ type: "fetched" });
  },
  release() {
    prepared = undefined;
    say({ type: "released" });
  },
  bye: () => process.exit(0),
};
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  try {
    await answers[request.type](request);
  } catch (error) {
    say({ type: "error", message: String(error.message) });
  }
}
function shapesOf(file) {
  const bytes = readFileSync(file);
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString());
  return Object.fromEntries(Object.entries(header).map(([name, { shape }]) => [name, shape]));
}
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "training-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** @param change a part of the program, and what stands in its place */
function programOf(name: string, change: readonly [string, string] = ["", ""]): string {
  const place = join(folder, name);
  mkdirSync(place);
  const skeleton = readFileSync(SKELETON, "utf8");
  const files = skeleton.slice(skeleton.indexOf("/** A safetensors file")); // it reads and writes them
  expect(PROGRAM).toContain(change[0]);
  writeFileSync(join(place, "program.mjs"), PROGRAM.replace(change[0], () => change[1]) + files);
  const form = {
    operator: { op: "softmax", causal: true },
    workloads: ["train-step"],
    models: ["softmax-rope-causal"],
    passes: ["forward+backward"],
  };
  const manifest = { name, label: name, version: "1", kind: "program", class: "reference", operators: [form] };
  writeFileSync(
    join(place, "contender.json"),
    JSON.stringify({ ...manifest, command: [process.execPath, "{folder}/program.mjs"] }),
  );
  return place;
}

const keepsWeights = (name: string) =>
  programOf(name, ["model.parameters.get(name).dataSync()", 'prepared.first["weight." + name]']);
const wrongGradient = (name: string) =>
  programOf(name, [`= gradients[i].dataSync();`, `= gradients[i].dataSync().map((x) => (i === 3 ? 1.1 * x : x));`]);
const firstAgain = (name: string) =>
  programOf(name, ["prepared.outputs = compute((set + i) % 2);", "prepared.outputs ??= compute((set + i) % 2);"]);

test("contender check trains the small models, and finds what is wrong", async () => {
  const engine = await startEngine("wasm", {});
  const steps = (form: Parameters<typeof stepsOfForm>[0]) => stepsOfForm(form, engine);
  const found = async (place: string) => {
    const checks = [];
    for await (const check of checkProgram(readProgram(place), { threads: 1, device: "cpu", seed: 0, steps }))
      checks.push(check);
    return checks.map(({ case: id, ok, reason, errors }) => ({
      id,
      ok,
      reason,
      wrong: errors.filter(({ error, tolerance }) => !(error <= tolerance)).map(({ name }) => name),
    }));
  };
  const [right] = await found(programOf("right"));
  expect(right).toEqual({ id: "autoregressive-lm softmax-rope-causal", ok: true, reason: undefined, wrong: [] });
  const [kept] = await found(keepsWeights("keeps"));
  expect(kept!.wrong.length).toBeGreaterThan(10);
  expect(kept!.wrong.every((name) => name.startsWith("weight."))).toBe(true);
  const [scaled] = await found(wrongGradient("scaled"));
  expect(scaled!.wrong.filter((name) => name.startsWith("grad."))).toHaveLength(1);
  const [again] = await found(firstAgain("again"));
  expect(again!.wrong).toContain("loss");
  expect(engine.memory().tensors).toBe(0);
  await engine.stop();
});

test("it is timed beside ours in suite train-step; a step that is wrong at the timed size alone is refused", async () => {
  const engine = await startEngine("wasm", {});
  const late = (name: string) =>
    programOf(name, [
      `= gradients[i].dataSync();`,
      `= gradients[i].dataSync().map((x) => (i === 3 && prepared.examples === 1 ? 1.1 * x : x));`,
    ]);
  const programs = readGiven([programOf("right"), late("late")]);
  const context = { scale: "smoke", engine: "wasm", datasets: [] } as const;
  const point = { suite: "example", task: "autoregressive-lm", size: "lm-pico", batch: 1 };
  const optimiser = { learningRate: 1e-3, weightDecay: 0.1 };
  const ours = trainStepCase(context, { ...point, model: "softmax-rope-causal", optimiser });
  const other = trainStepCase(context, { ...point, model: "softmax-learned-causal", optimiser });
  const cases: TrainStepCase[] = [ours, ...(casesOfPrograms([ours, other], programs) as TrainStepCase[])];
  expect(cases.map(({ contender }) => contender)).toEqual([
    "softmax-rope-causal",
    "right/softmax-rope-causal",
    "late/softmax-rope-causal",
  ]);
  const replies = await measuredReplies({ cases, programs: programs.map(({ given }) => given) }, engine);
  await engine.stop();
  const [own, right, wrong] = cases.map(caseId);
  const failed = replies.flatMap((reply) => (reply.type === "failed" ? [reply] : []));
  expect(failed.map((reply) => [reply.caseId, reply.reason])).toEqual([
    [wrong, expect.stringMatching(/in a timed call.* grad\..* is off/)],
  ]);
  const lines = replies.flatMap((reply) => (reply.type === "line" ? [reply.line] : []));
  for (const id of [own, right]) expect(lines.filter((line) => line.caseId === id).length).toBeGreaterThan(2);
});
