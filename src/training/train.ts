// The training loop: one case from its first step, or from its checkpoint, to its scores. Deterministic from the
// seed on one engine: order, weights and dropped values are functions of seed and step, and hold no other state.

import { systemClock, type Clock } from "#base/clock";
import { EXIT, HarnessError } from "#base/errors";
import { Random } from "#base/random";
import { inPart, inStep, untilInPart } from "#base/scopes";
import type { Seconds } from "#base/units";
import { without } from "#base/without";
import { host } from "#host/current";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import { countParameters } from "#weights/weights";
import { writeFileAtomic } from "#store/files";
import type { TrainingResult } from "#store/record";
import { caseId, type TrainingCase } from "#case/case";
import { AdamW } from "./adamw.ts";
import { checkpointPath, loadCheckpoint, saveCheckpoint, type CheckpointKey, type Progress } from "./checkpoint.ts";
import type { Conclusion, Evaluation, Objective, Prepared, SimpleBaseline, TrainedModel } from "./objective.ts";
import { learningRateAt } from "./schedule.ts";

/** Points of a learning curve, and evaluations on the test split, over a run. */
const CURVE_POINTS = 50;
const EVALUATIONS = 4;
/** Step times kept, evenly spread: enough for any quantile, and a line of records.jsonl stays short. */
const STEP_SAMPLES = 1000;
const CHECKPOINT_INTERVAL: Seconds = 60;

/** What a run gives to each of its trainings. */
export interface TrainingEnvironment {
  readonly dataDir?: string | undefined;
  readonly inceptionWeights?: string | undefined;
  /** training ends here and is evaluated as it stands; the curve tells how far it came */
  readonly trainBudgetSeconds?: Seconds | undefined;
  /** where the checkpoint is kept, and looked for first */
  readonly checkpointFolder?: string | undefined;
  /** where a task puts the picture of what its model makes; none is kept without */
  readonly samplesFolder?: string | undefined;
  /** a checkpoint is written so often, and at an abort and the end; default once a minute */
  readonly checkpointEverySeconds?: Seconds | undefined;
}

export interface TrainOptions extends TrainingEnvironment {
  readonly engine: RunningEngine;
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
  /** counted in steps instead */
  readonly checkpointEverySteps?: number | undefined;
  /** ends training with the signal's reason, after a checkpoint */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  /** only times of steps are wanted: a stage before this training is left out, its weights are as they were drawn */
  readonly isForTimes?: boolean | undefined;
}

type Scores = Readonly<Record<string, number>>;

/** What training is told of tasks: it knows none by name. */
export interface TrainableTasks {
  objectiveOf(task: string): Objective;
  /** the score that a model has to beat, and whether it did */
  floorOf(task: string, scores: Scores, trivial: Scores): TrainingResult["floor"];
}

export interface TrainingProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly secondsLeft: Seconds;
  /** of this step */
  readonly seconds: Seconds;
}

/** The loss or its gradient is no number any more. */
export class DivergedError extends HarnessError {
  override readonly name = "DivergedError";
  override readonly exitCode = EXIT.failedCases;
}

/**
 * Trains the model of a case and scores it on the test split.
 *
 * @throws {DataError} data or checkpoint missing or damaged
 * @throws {UsageError} a model that does not fit the data
 * @throws {DivergedError} `E_DIVERGED`, with the step and the seed and positions of its batch
 */
export async function train(item: TrainingCase, tasks: TrainableTasks, options: TrainOptions): Promise<TrainingResult> {
  return runCase(item, { tasks, options }, ({ result }) => Promise.resolve(result));
}

interface Surroundings {
  readonly tasks: TrainableTasks;
  readonly options: TrainOptions;
  /** a stage before, of which only the shapes matter: it takes no step */
  readonly isAsDrawn?: boolean;
}

interface TrainingEnd {
  readonly result: TrainingResult;
  readonly prepared: Prepared;
  readonly optimiser: AdamW;
}

/** Trains a case, or leaves it as drawn, and gives its end to `take` before the model goes. */
async function runCase<T>(
  item: TrainingCase,
  surroundings: Surroundings,
  take: (end: TrainingEnd) => Promise<T>,
): Promise<T> {
  const { engine, dataDir, inceptionWeights, isForTimes = false } = surroundings.options;
  const trained = (other: TrainingCase) =>
    isForTimes
      ? runCase(without(other, "mustLearn"), { ...surroundings, isAsDrawn: true }, trainedModel)
      : runCase(other, surroundings, trainedModel);
  const objective = surroundings.tasks.objectiveOf(item.task);
  const prepared = await objective.prepare(item, { engine, dataDir, inceptionWeights, trained });
  const { weightDecay, clipNorm, emaDecay, beta2 } = item.recipe;
  const optimiser = new AdamW(prepared.parameters, { weightDecay, clipNorm, emaDecay, beta2 });
  try {
    const run = new TrainingRun(item, prepared, optimiser, surroundings);
    const result = surroundings.isAsDrawn === true ? run.asDrawn() : await run.run();
    return await take({ result, prepared, optimiser });
  } finally {
    optimiser.dispose();
    prepared.dispose();
  }
}

function trainedModel({ result, prepared, optimiser }: TrainingEnd): Promise<TrainedModel> {
  return optimiser.withAveragedWeights(async () => {
    const weights = new Map<string, Float32Array>();
    for (const { name } of prepared.parameters.declarations)
      weights.set(name, ((await prepared.parameters.get(name).data()) as Float32Array).slice());
    return { weights, result };
  });
}

interface Ending extends Evaluation {
  readonly conclusion: Conclusion | undefined;
  readonly simple: SimpleBaseline | undefined;
}

class TrainingRun {
  readonly #item: TrainingCase;
  readonly #prepared: Prepared;
  readonly #optimiser: AdamW;
  readonly #options: TrainOptions;
  readonly #tasks: TrainableTasks;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #checkpoint: CheckpointKey | undefined;
  #progress: Progress;
  #lastEvaluation: { step: number; evaluation: Evaluation } | undefined;

  constructor(item: TrainingCase, prepared: Prepared, optimiser: AdamW, { tasks, options }: Surroundings) {
    this.#item = item;
    this.#prepared = prepared;
    this.#optimiser = optimiser;
    this.#options = options;
    this.#tasks = tasks;
    this.#clock = options.clock ?? systemClock;
    this.#random = new Random(item.seed).fork("training");
    const id = caseId(item);
    const { declarations } = prepared.parameters;
    this.#checkpoint =
      options.checkpointFolder === undefined
        ? undefined
        : { path: checkpointPath(options.checkpointFolder, id), caseId: id, declarations };
    this.#progress = this.#resume() ?? {
      step: 0,
      elapsedSeconds: 0,
      evaluationSeconds: 0,
      stepSecondsSamples: [],
      curve: [],
      pendingLoss: { sum: 0, count: 0 },
    };
  }

  #resume(): Progress | undefined {
    if (this.#checkpoint === undefined) return undefined;
    const loaded = loadCheckpoint(this.#checkpoint, Object.keys(this.#optimiser.state()));
    if (loaded === undefined) return undefined;
    this.#optimiser.restore(loaded.state);
    return loaded.progress;
  }

  async run(): Promise<TrainingResult> {
    const { steps } = this.#item.recipe;
    const {
      trainBudgetSeconds = Infinity,
      signal,
      checkpointEverySteps,
      checkpointEverySeconds = CHECKPOINT_INTERVAL,
    } = this.#options;
    let savedAt = this.#clock.now();
    while (this.#progress.step < steps && this.#progress.elapsedSeconds < trainBudgetSeconds) {
      await host.processes.turn(); // engines that answer at once would keep the signal waiting
      if (signal?.aborted === true) {
        await this.#save();
        signal.throwIfAborted();
      }
      await inStep(() => this.#step());
      const { step } = this.#progress;
      if (step === steps || step % Math.ceil(steps / EVALUATIONS) === 0) await this.#evaluate();
      const isDue =
        checkpointEverySteps === undefined
          ? this.#clock.now() - savedAt >= checkpointEverySeconds
          : step % checkpointEverySteps === 0;
      if (isDue || step === steps) {
        await this.#save();
        savedAt = this.#clock.now();
      }
    }
    const evaluation = await this.#evaluate();
    const conclusion = await this.#conclude();
    return this.#result({ ...evaluation, conclusion, simple: await this.#prepared.simple() });
  }

  /** Of a model that took no step: nothing was scored. */
  asDrawn(): TrainingResult {
    return this.#result({ scores: {}, itemScores: [], conclusion: undefined, simple: undefined });
  }

  async #step(): Promise<void> {
    const { recipe } = this.#item;
    const { step, pendingLoss } = this.#progress;
    const began = this.#clock.now();
    const learningRate = learningRateAt(recipe, step);
    await untilInPart("data", () => this.#examplesReady(step));
    const { loss, gradient } = this.#gradient(step);
    const norm = this.#optimiser.update(gradient, step, learningRate);
    const [lossValue, normValue] = [(await loss.data())[0]!, (await norm.data())[0]!];
    tf.dispose([loss, gradient, norm]);
    const seconds = this.#clock.now() - began;
    this.#checkFinite(step, lossValue, normValue);
    const elapsedSeconds = this.#progress.elapsedSeconds + seconds;
    const isSampled = step % Math.ceil(recipe.steps / STEP_SAMPLES) === 0;
    this.#progress = {
      ...this.#progress,
      step: step + 1,
      elapsedSeconds,
      stepSecondsSamples: isSampled
        ? [...this.#progress.stepSecondsSamples, seconds]
        : this.#progress.stepSecondsSamples,
      pendingLoss: { sum: pendingLoss.sum + lossValue, count: pendingLoss.count + 1 },
    };
    const isPoint = (step + 1) % Math.ceil(recipe.steps / CURVE_POINTS) === 0 || step + 1 === recipe.steps;
    if (isPoint) this.#addPoint({ learningRate, gradientNorm: normValue });
    const secondsLeft = (elapsedSeconds / (step + 1)) * (recipe.steps - step - 1);
    this.#options.onProgress?.({ step: step + 1, steps: recipe.steps, loss: lossValue, secondsLeft, seconds });
  }

  async #examplesReady(step: number): Promise<void> {
    const { batch, accumulate = 1 } = this.#item.recipe;
    for (let micro = 0; micro < accumulate; micro++)
      await this.#prepared.ready?.((step * accumulate + micro) * batch, batch);
  }

  /** Mean loss and flat gradient of a step, over its micro-batches. */
  #gradient(step: number): { loss: tf.Scalar; gradient: tf.Tensor1D } {
    const { batch, accumulate = 1 } = this.#item.recipe;
    const variables = this.#prepared.parameters.list();
    const part = (micro: number) =>
      tf.tidy(() => {
        const position = (step * accumulate + micro) * batch;
        const random = this.#random.fork(`step ${step}.${micro}`);
        const loss = () => inPart("forward", () => this.#prepared.loss(position, batch, random));
        const { value, grads } = inPart("backward", () => tf.variableGrads(loss, variables));
        const gradient = this.#optimiser.flatten(variables.map((variable) => grads[variable.name]!));
        return { loss: value, gradient };
      });
    let sum = part(0);
    for (let micro = 1; micro < accumulate; micro++) {
      const next = part(micro);
      const total = tf.tidy(() => ({
        loss: tf.add(sum.loss, next.loss),
        gradient: tf.add(sum.gradient, next.gradient),
      }));
      tf.dispose([sum.loss, sum.gradient, next.loss, next.gradient]);
      sum = total as typeof sum;
    }
    if (accumulate === 1) return sum;
    const mean = tf.tidy(() => ({ loss: tf.div(sum.loss, accumulate), gradient: tf.div(sum.gradient, accumulate) }));
    tf.dispose([sum.loss, sum.gradient]);
    return mean as typeof sum;
  }

  #checkFinite(step: number, loss: number, gradientNorm: number): void {
    if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
    const { seed, contender, recipe } = this.#item;
    const each = recipe.batch * (recipe.accumulate ?? 1);
    const message = `Training of ${contender} diverged: loss ${loss}, gradient norm ${gradientNorm} at step ${step} (batch seed ${seed}, examples ${step * each} to ${(step + 1) * each - 1} of its order). Lower the learning rate or clip the gradient.`;
    throw new DivergedError("E_DIVERGED", message, { step, seed, loss, gradientNorm, contender });
  }

  /** Adds the mean loss since the last point. */
  #addPoint(values: Readonly<Record<string, number>>): void {
    const { step, elapsedSeconds, curve, pendingLoss } = this.#progress;
    const point = { step, elapsedSeconds, values: { loss: pendingLoss.sum / pendingLoss.count, ...values } };
    this.#progress = { ...this.#progress, curve: [...curve, point], pendingLoss: { sum: 0, count: 0 } };
  }

  /** Scores the model as it stands and adds them to the curve; the same step is not scored twice. */
  async #evaluate(): Promise<Evaluation> {
    const { step, elapsedSeconds } = this.#progress;
    if (this.#lastEvaluation?.step === step) return this.#lastEvaluation.evaluation;
    const began = this.#clock.now();
    const evaluation = await this.#optimiser.withAveragedWeights(() => this.#prepared.evaluate());
    const evaluationSeconds = this.#clock.now() - began;
    this.#lastEvaluation = { step, evaluation };
    const values = Object.fromEntries(
      Object.entries(evaluation.scores).map(([name, score]) => [`test.${name}`, score]),
    );
    const isNew = !this.#progress.curve.some(
      (point) => point.step === step && Object.keys(point.values).some((name) => name.startsWith("test.")),
    );
    const curve = isNew ? [...this.#progress.curve, { step, elapsedSeconds, values }] : this.#progress.curve;
    this.#progress = { ...this.#progress, curve, evaluationSeconds };
    return evaluation;
  }

  /** What the task works out once; its picture goes into the folder of samples. */
  async #conclude(): Promise<Conclusion | undefined> {
    const { step } = this.#progress;
    const loss = this.#progress.curve.findLast(({ values }) => values["loss"] !== undefined)?.values["loss"] ?? 0;
    const alive = () =>
      this.#options.onProgress?.({ step, steps: this.#item.recipe.steps, loss, secondsLeft: 0, seconds: 0 });
    return this.#optimiser.withAveragedWeights(async () => this.#prepared.conclude?.(alive));
  }

  #keepPicture(picture: Conclusion["picture"]): string | undefined {
    const { samplesFolder } = this.#options;
    if (picture === undefined || samplesFolder === undefined) return undefined;
    const name = `${caseId(this.#item)}.png`;
    writeFileAtomic(host.files.join(samplesFolder, name), picture());
    return `samples/${name}`;
  }

  async #save(): Promise<void> {
    if (this.#checkpoint !== undefined) await saveCheckpoint(this.#checkpoint, this.#optimiser.state(), this.#progress);
  }

  #result({ scores, itemScores, conclusion, simple }: Ending): TrainingResult {
    const { parameters, dataLabel, synthetic, trainExamples, testExamples, flopsPerExample, trivialScores } =
      this.#prepared;
    const { step, elapsedSeconds, evaluationSeconds, curve, stepSecondsSamples } = this.#progress;
    const { batch, accumulate = 1 } = this.#item.recipe;
    const picture = this.#keepPicture(conclusion?.picture);
    return {
      parameters: countParameters(parameters.declarations),
      dataLabel,
      synthetic,
      trainExamples,
      testExamples,
      ...(flopsPerExample === undefined ? {} : { flopsPerExample }),
      curve,
      scores: { ...scores, ...conclusion?.scores },
      trivialScores: { ...trivialScores, ...conclusion?.trivialScores },
      ...(simple === undefined ? {} : { simpleScores: { ...simple.scores }, simpleBaseline: simple.id }),
      ...(conclusion?.method === undefined ? {} : { method: conclusion.method }),
      ...(picture === undefined ? {} : { picture }),
      ...(this.#item.mustLearn === true ? { floor: this.#tasks.floorOf(this.#item.task, scores, trivialScores) } : {}),
      itemScoreSamples: [...itemScores],
      stepSecondsSamples,
      examplesPerSecond: elapsedSeconds === 0 ? 0 : (step * batch * accumulate) / elapsedSeconds,
      evaluationSeconds,
    };
  }
}
