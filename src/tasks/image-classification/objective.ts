// Training an image classifier: cross-entropy on batches of patches, top-1 and top-5 on the test split.

import { Random } from "#base/random";
import { inPart } from "#base/scopes";
import * as tf from "#engine/tf";
import { countModel } from "#models/cost";
import { patchGrid } from "#weights/image-classifier";
import { softNats } from "#models/cross-entropy";
import { patchify } from "#models/patches";
import { createImageClassifier, type ImageClassifier } from "./head.ts";
import { sizeOf } from "#weights/weights";
import type { TrainingCase } from "#case/case";
import { firstExamples, type ImageSplit } from "#data/sets/dataset";
import { datasetOfKind } from "#data/sets/registry";
import { linearOnPixels } from "./baseline.ts";
import { augment, softTargets, type SoftBatch } from "./augment.ts";
import { pixelStatistics, TrainingOrder, type ImageBatch } from "#data/batches";
import { ClassificationScores, trivialScores } from "./metrics.ts";
import { exampleBatch, TrainingImages } from "./image-source.ts";
import { labelOf, splitsOf } from "#data/image-splits";
import type { Evaluation, Objective, ObjectiveContext, Prepared } from "#training/objective";
import { batchesOf, valuesOf } from "#training/evaluation";
import { regularisationOf } from "#training/regularisation";
import { reordered, tokenOrder } from "./token-order.ts";

/** One size for every contender and recipe, so that evaluation times compare. */
const EVALUATION_BATCH = 128;

export const imageClassification: Objective = {
  id: "image-classification",

  async prepare(item: TrainingCase, { engine, dataDir }: ObjectiveContext): Promise<Prepared> {
    const { model, recipe, seed } = item;
    const data = datasetOfKind(item.dataset, "images").load(dataDir);
    const { train, scored } = splitsOf(data, recipe);
    const test = firstExamples(scored, recipe.testExamples);
    const input = { imageShape: data.train.shape, classes: data.classes.length };
    const statistics = await pixelStatistics(train);
    const classifier = await createImageClassifier(model, input, { seed, engine });
    const { cropArea, ...afterCropping } = recipe.augment ?? {};
    // Photographs are cropped whole, as they are decoded; images in memory are cropped like the rest of their augmentation.
    const crops =
      train.decode === undefined || cropArea === undefined
        ? undefined
        : { area: cropArea, random: new Random(seed).fork("crops of photographs") };
    const rules = crops === undefined ? recipe.augment : afterCropping;
    const images = new TrainingImages(train, { order: new TrainingOrder(seed, train.count), statistics, crops });
    const handed = tokenOrder(patchGrid(model, input).grid, recipe.tokenOrder ?? "row-major");
    const patches = (batch: Pick<ImageBatch, "count" | "pixels">) => {
      const shape = patchShape(batch, model.patch!);
      const tokens = patchify(batch.pixels, input.imageShape, model.patch!);
      return tf.tensor(recipe.tokenOrder === undefined ? tokens : reordered(tokens, handed, shape[2]), shape);
    };
    return {
      parameters: classifier.parameters,
      dataLabel: labelOf(data, train, recipe),
      synthetic: data.synthetic,
      trainExamples: train.count,
      testExamples: test.count,
      flopsPerExample: countModel(model, { kind: "images", ...input }).flopsPerExample,
      trivialScores: trivialScores(train.labels, test.labels, input.classes),
      ready: (position, count) => images.prepare(position, count),
      loss(position, count, random) {
        const batch = inPart("data", () => {
          const { labels, pixels } = images.take(position, count);
          const targets = softTargets(labels, input.classes, recipe.labelSmoothing ?? 0);
          const plain: SoftBatch = { count, pixels, targets };
          // A stream of its own: what is dropped at random is the same with and without augmentation.
          const drawn =
            rules === undefined
              ? plain
              : augment(plain, input.imageShape, { ...rules, random: random.fork("augmentation"), statistics });
          return { patches: patches(drawn), targets: tf.tensor2d(drawn.targets, [count, input.classes]) };
        });
        return softNats(classifier.forward(batch.patches, regularisationOf(recipe, random)), batch.targets);
      },
      evaluate: () =>
        evaluate(classifier, test, input.classes, async (numbers) =>
          patches(await exampleBatch(test, numbers, statistics)),
        ),
      async simple() {
        const scores = await linearOnPixels({ train, test, classes: input.classes, statistics });
        return scores === undefined ? undefined : { id: "linear-on-pixels", scores };
      },
      dispose: () => classifier.parameters.dispose(),
    };

    function patchShape(batch: Pick<ImageBatch, "count">, patch: readonly number[]): [number, number, number] {
      const size = sizeOf(patch) * input.imageShape.at(-1)!;
      return [batch.count, sizeOf(input.imageShape) / size, size];
    }
  },
};

async function evaluate(
  classifier: ImageClassifier,
  test: ImageSplit,
  classes: number,
  patches: (numbers: Int32Array) => Promise<tf.Tensor>,
): Promise<Evaluation> {
  const scores = new ClassificationScores(classes);
  for (const numbers of batchesOf(test.count, EVALUATION_BATCH)) {
    const input = await patches(numbers);
    const logits = await valuesOf(() => classifier.forward(input));
    input.dispose();
    scores.add(logits, test.labels.subarray(numbers[0], numbers[0]! + numbers.length));
  }
  return { scores: scores.totals(), itemScores: scores.top1Items };
}
