// A training step of ours against its definition in float64, and steps that are wrong on purpose against ours.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Random } from "#base/random";
import type { TrainStepCase } from "#case/case";
import { checkedStepCase, STEP_TASKS } from "#catalogue/train-step-case";
import type { RunningEngine } from "#engine/engine";
import { startEngine } from "#engine/registry";
import * as tf from "#engine/tf";
import { activated, added, matMul, normRows } from "#models/float64";
import { layerReference } from "#models/layer-reference";
import type { NamedError } from "#ops/compare";
import { sizeOf } from "#weights/weights";
import { stepErrors, type StepValues } from "./step-check.ts";
import { drawBatch, type Batch } from "./step-model.ts";
import { STEP, stepStart, type StepStart } from "./step-start.ts";
import { TrainingStep } from "./step.ts";

let engine: RunningEngine;
beforeAll(async () => {
  engine = await startEngine("cpu");
});
afterAll(() => engine.stop());

async function stepOf(
  item: TrainStepCase,
  batch: Batch,
): Promise<{ start: StepStart; values: Map<string, Float64Array> }> {
  const step = await TrainingStep.create(item, engine);
  const bound = step.bind(batch);
  const { loss, gradient, weights } = step.run(bound);
  const values = new Map([["loss", Float64Array.from(await loss.data())]]);
  const [gradients, after] = [await gradient.data(), await weights.data()];
  let offset = 0;
  for (const { name, shape } of step.start.declarations) {
    const end = offset + sizeOf(shape);
    values.set(`grad.${name}`, Float64Array.from(gradients.subarray(offset, end)));
    values.set(`weight.${name}`, Float64Array.from(after.subarray(offset, end)));
    offset = end;
  }
  tf.dispose([loss, gradient, weights]);
  bound.dispose();
  step.dispose();
  return { start: step.start, values };
}

type Arrays = ReadonlyMap<string, Float64Array>;

/** Cross-entropy of an image classifier or a language model, as docs/contenders.md has it, in float64. */
function lossByDefinition({ model, input, shape }: TrainStepCase, weights: Arrays, batch: Batch): number {
  const { width: C, heads, gluWidth: G, depth, mixer } = model;
  const { B, N, grid, prefix } = shape;
  const w = (name: string) => weights.get(name)!;
  const isText = input.kind === "text";
  const tokens = batch[isText ? "tokens" : "patches"]!.data;
  const table = w(isText ? "embedding" : "embedding.w");
  let x = isText
    ? Float64Array.from({ length: B * N * C }, (_, i) => table[tokens[Math.floor(i / C)]! * C + (i % C)]!)
    : added(matMul(Float64Array.from(tokens), table, { n: table.length / C, m: C }), w("embedding.bias"));
  if (mixer.encoding === "learned") x = x.map((value, i) => value + w("position")[i % (N * C)]!);
  const norm = (y: Float64Array, name: string) =>
    added(
      normRows(y, C, "layer").map((value, i) => value * w(`${name}.gain`)[i % C]!),
      w(`${name}.bias`),
    );
  const plus = (y: Float64Array) => (x = x.map((value, i) => value + y[i]!));
  for (let layer = 0; layer < depth; layer++) {
    const own = (name: string) => w(`block${layer}.mixer.${name}`);
    const stack = (name: string) => w(`stack.${name}`);
    const place = { width: C, heads, grid, prefix, layer, depth };
    plus(layerReference(mixer, place, { own, stack }, norm(x, `block${layer}.norm1`)));
    const y = norm(x, `block${layer}.norm2`);
    const [left, right] = ["w1", "w2"].map((name) => matMul(y, w(`block${layer}.glu.${name}`), { n: C, m: G }));
    const hidden = activated(left!, "silu").map((value, i) => value * right![i]!);
    plus(matMul(hidden, w(`block${layer}.glu.w3`), { n: G, m: C }));
  }
  x = norm(x, "last");
  if (input.kind !== "text") {
    const mean = Float64Array.from({ length: B * C }, (_, i) => {
      let sum = 0;
      for (let t = 0; t < N; t++) sum += x[(Math.floor(i / C) * N + t) * C + (i % C)]!;
      return sum / N;
    });
    const logits = added(matMul(mean, w("head.w"), { n: C, m: input.classes }), w("head.bias"));
    const targets = Array.from({ length: B }, (_, b) =>
      batch["targets"]!.data.subarray(b * input.classes, (b + 1) * input.classes).indexOf(1),
    );
    return meanNats(logits, input.classes, targets);
  }
  const V = input.vocabulary;
  const turned = Float64Array.from({ length: C * V }, (_, i) => table[(i % V) * C + Math.floor(i / V)]!);
  return meanNats(matMul(x, turned, { n: C, m: V }), V, Array.from(batch["targets"]!.data));
}

function meanNats(logits: Float64Array, V: number, targets: readonly number[]): number {
  const nats = targets.flatMap((target, row) => {
    if (target < 0) return [];
    const own = logits.subarray(row * V, (row + 1) * V);
    return [Math.log(own.reduce((sum, value) => sum + Math.exp(value), 0)) - own[target]!];
  });
  return nats.reduce((sum, value) => sum + value, 0) / nats.length;
}

describe("a step of ours", () => {
  test.each([
    ["image-classification", "softmax-learned"],
    ["image-classification", "lightnet-no-tpe"],
    ["bidirectional-lm", "softmax-rope"],
    ["autoregressive-lm", "hgrn2-causal"],
  ])("%s, %s: loss and gradients are those of the definition in float64", async (task, model) => {
    const item = checkedStepCase(task, model, "cpu");
    const batch = drawBatch(item, new Random(7));
    const { start, values } = await stepOf(item, batch);
    const weights = new Map([...start.weight].map(([name, { data }]) => [name, Float64Array.from(data)]));
    expect(values.get("loss")![0]).toBeCloseTo(lossByDefinition(item, weights, batch), 5);
    // Along a direction drawn at random: Σ g·u against a central difference of the loss.
    const random = new Random(3);
    const directions = new Map([...weights].map(([name, { length }]) => [name, random.fork(name).normals(length)]));
    const at = (step: number) => {
      const moved = [...weights].map(
        ([name, own]) => [name, own.map((value, i) => value + step * directions.get(name)![i]!)] as const,
      );
      return lossByDefinition(item, new Map(moved), batch);
    };
    const quotient = (at(1e-5) - at(-1e-5)) / 2e-5;
    const parts = [...directions].map(([name, own]) =>
      own.reduce((sum, value, i) => sum + value * values.get(`grad.${name}`)![i]!, 0),
    );
    const sum = parts.reduce((total, part) => total + part, 0);
    expect(Math.abs(sum - quotient)).toBeLessThan(1e-4 * Math.hypot(...parts));
  });

  test("every task of the list has one, and gives back its tensors", async () => {
    const before = engine.memory().tensors;
    for (const { task, causal } of STEP_TASKS) {
      const item = checkedStepCase(task, causal ? "lightnet-causal" : "lightnet", "cpu");
      const { values } = await stepOf(item, drawBatch(item, new Random(1)));
      expect(
        [...values.values()].every((numbers) => numbers.every(Number.isFinite)),
        task,
      ).toBe(true);
      const some = [...values]
        .filter(([name]) => name.startsWith("grad."))
        .map(([, numbers]) => Math.hypot(...numbers));
      expect(Math.min(...some), task).toBeGreaterThan(0);
    }
    expect(engine.memory().tensors).toBe(before);
  });
});

describe("a step that is wrong", async () => {
  const item = checkedStepCase("image-classification", "softmax-rope", "cpu");
  const { optimiser } = item;
  const start = stepStart(item);
  const name = "block0.mixer.wq";
  const names = start.declarations.map((declaration) => declaration.name);
  const changed = (values: StepValues, key: string, map: (value: number, i: number) => number): StepValues =>
    new Map([...values, [key, Float64Array.from(values.get(key)!, map)]]);
  /** AdamW as it should not be: what of it is changed. */
  const updated = (
    values: StepValues,
    wrong: { clip?: boolean; decay?: boolean; step?: number; moments?: boolean },
  ): StepValues => {
    const { clip = true, decay = true, step = STEP, moments = true } = wrong;
    const norm = Math.hypot(...names.flatMap((one) => Array.from(values.get(`grad.${one}`)!)));
    const factor = clip ? Math.min(1, optimiser.clipNorm! / norm) : 1;
    return new Map([
      ...values,
      ...start.declarations.map(({ name: own, decays }) => {
        const [weight, first, second] = [start.weight, start.moment1, start.moment2].map((all) => all.get(own)!.data);
        const after = Float64Array.from(weight!, (value, i) => {
          const g = factor * values.get(`grad.${own}`)![i]!;
          const mean = (moments ? 0.9 * first![i]! + 0.1 * g : g) / (1 - 0.9 ** step);
          const square = (moments ? 0.999 * second![i]! + 0.001 * g * g : g * g) / (1 - 0.999 ** step);
          const pull = decays && decay ? optimiser.weightDecay * value : 0;
          return value - optimiser.learningRate * (mean / (Math.sqrt(square) + 1e-8) + pull);
        });
        return [`weight.${own}`, after] as const;
      }),
    ]);
  };
  const batches = [1, 2].map((seed) => drawBatch(item, new Random(seed)));
  const steps = async () => {
    const [right, other] = await Promise.all(batches.map((batch) => stepOf(item, batch)));
    return { right: right!.values, other: other!.values };
  };
  const wrongIn = (given: StepValues, expected: StepValues): string[] =>
    stepErrors(given, { optimiser, start, expected, kind: "cpu" })
      .filter(({ error, tolerance }: NamedError) => !(error <= tolerance))
      .map((error) => error.name);

  test("the right one is within tolerance, and so is AdamW as it is written", async () => {
    const { right } = await steps();
    expect(wrongIn(right, right)).toEqual([]);
    expect(wrongIn(updated(right, {}), right)).toEqual([]);
  });

  test("wrong gradients, and none", async () => {
    const { right, other } = await steps();
    const rows = start.weight.get(name)!.shape[1]!;
    const isLast = (i: number) => i >= start.weight.get(name)!.data.length - rows;
    const gradient = `grad.${name}`;
    const withUpdate = (values: StepValues) => wrongIn(updated(values, {}), right);
    expect(withUpdate(changed(right, gradient, (value) => 1.01 * value))).toEqual([gradient]);
    expect(withUpdate(changed(right, gradient, (value, i) => (isLast(i) ? 0 : value)))).toEqual([gradient]);
    expect(withUpdate(changed(right, gradient, () => NaN))).toContain(gradient);
    expect(wrongIn(other, right)).toEqual(["loss", ...names.map((one) => `grad.${one}`)]); // of another batch
    const without = new Map([...right].filter(([key]) => key !== gradient));
    expect(wrongIn(without, right)).toContain(gradient);
    expect(wrongIn(new Map(), right)).toHaveLength(1 + 2 * names.length);
  });

  test("weights that stay as they were, and wrong updates", async () => {
    const { right } = await steps();
    const ofWeights = names.map((one) => `weight.${one}`);
    const unchanged: StepValues = new Map<string, ArrayLike<number>>([
      ...right,
      ...names.map((one) => [`weight.${one}`, start.weight.get(one)!.data] as const),
    ]);
    expect(wrongIn(unchanged, right)).toEqual(ofWeights);
    expect(wrongIn(updated(right, { clip: false }), right).length).toBeGreaterThan(names.length / 2);
    expect(wrongIn(updated(right, { step: 1 }), right)).toEqual(ofWeights);
    expect(wrongIn(updated(right, { moments: false }), right)).toEqual(ofWeights);
    const undecayed = start.declarations.filter(({ decays }) => decays).map((one) => `weight.${one.name}`);
    expect(wrongIn(updated(right, { decay: false }), right)).toEqual(undecayed);
  });
});
