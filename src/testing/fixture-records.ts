// A made-up run for tests of whatever reads records: every kind of case and every status, with noise
// that is seeded and times that follow a simple law. None of these numbers was measured.

import { Random } from "#base/random";
import { type Case, type ModelSpec, type OperatorCase, type Recipe, type Scale, type TrainingCase } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { tasks } from "#catalogue/tasks";
import { gridOf, shapeOf } from "#case/shape";
import { defineSuite, grid, type Suite } from "#case/suite";
import type { Manifest, OkRecord, RunRecord, TrainingResult } from "#store/record";
import { frameOf, manifest } from "./simulated-records.ts";

export interface FixtureRun {
  readonly manifest: Manifest;
  readonly records: readonly RunRecord[];
  readonly suites: readonly Suite[];
}

export interface FixtureOptions {
  readonly seed?: number;
  /** fresh processes a matchup; 4 */
  readonly processes?: number;
  /** rounds a process; 3 */
  readonly rounds?: number;
  /** seeds a contender in training, or as many as each suite declares; 3 */
  readonly trainingSeeds?: number | "declared";
  /** ids of the data sets that suites may name */
  readonly datasets?: readonly string[];
  /** the run's device is a GPU emulated on the CPU */
  readonly software?: boolean;
  readonly run?: string;
  /** other suites than the fixture's own */
  readonly suites?: readonly Suite[];
}

const CPU = "Fixture CPU <model>";

const PROCESSES: Readonly<Record<Scale, number>> = { smoke: 1, small: 8, paper: 8 };
const COMMON = { engine: "wasm", precision: "float32", scale: "smoke", seed: 0 } as const;
const SCAN_CONTENDERS = [
  "additive-global",
  "linear-global",
  "efficient-attention",
  "constant-2scan",
  "scalar-2scan",
  "vector-1scan",
  "vector-2scan",
  "vector-2scan-joint",
  "vector-2scan-head-split",
  "vector-2scan-alternate",
  "vector-4scan",
  "softmax-full",
];
const LENGTHS = [256, 512, 1024, 4096, 16384];
const KERNEL_CONTENDERS = [
  "additive-global",
  "additive-causal",
  "linear-global",
  "vector-2scan",
  "vector-2scan-joint",
  "softmax-full",
];

function operatorCase(
  suite: string,
  contender: string,
  part: Pick<OperatorCase, "level" | "pass" | "quantity" | "shape">,
): OperatorCase {
  const { spec, strategy } = contenders.get(contender);
  return { ...COMMON, kind: "operator", suite, contender, spec, strategy, ...part };
}

const RECIPE: Recipe = {
  steps: 200,
  batch: 32,
  learningRate: 1e-3,
  warmupSteps: 20,
  schedule: "cosine",
  weightDecay: 0.05,
};

function modelOf(contender: string): ModelSpec {
  return {
    variant: "micro",
    width: 64,
    depth: 2,
    heads: 2,
    gluWidth: 128,
    mixer: { operator: contenders.get(contender).spec, encoding: "md-lrpe" },
    localMixing: "md-tpe",
    patch: [4, 4],
  };
}

/** Suites shaped like the real ones, small. */
export const FIXTURE_SUITES: readonly Suite[] = [
  defineSuite({
    id: "scan-count",
    title: "Number of scans",
    question: "What does one additive scan cost beside several multiplicative scans?",
    kind: "operator",
    processes: PROCESSES,
    figures: [
      {
        id: "scans",
        title: "Time over the time of one additive scan",
        x: "contender",
        y: "ratio",
        baseline: "additive-global",
        facets: ["level", "dims"],
        kind: "bar",
      },
      {
        id: "dimensions",
        title: "Time against the number of dimensions",
        where: { level: "mixer" },
        x: "dims",
        y: "time",
        kind: "line",
      },
    ],
    cases: () =>
      grid({ level: ["operator", "mixer"], dims: [1, 2, 3], contender: SCAN_CONTENDERS }).map(
        ({ level, dims, contender }) =>
          operatorCase("scan-count", contender, {
            level,
            pass: "forward",
            quantity: "time",
            shape: shapeOf({ grid: gridOf(4096, dims) }),
          }),
      ),
  }),
  defineSuite({
    id: "kernel-forward",
    title: "Forward time",
    question: "How does the time of the additive operator grow with N?",
    kind: "operator",
    processes: PROCESSES,
    figures: [
      { id: "time", title: "Forward time against sequence length", x: "N", y: "time", kind: "line" },
      { id: "roofline", title: "Forward pass under the roofline", x: "intensity", y: "roofline", kind: "points" },
    ],
    cases: () =>
      grid({ N: LENGTHS, contender: KERNEL_CONTENDERS }).map(({ N, contender }) =>
        operatorCase("kernel-forward", contender, {
          level: "operator",
          pass: "forward",
          quantity: "time",
          shape: shapeOf({ grid: [N] }),
        }),
      ),
  }),
  defineSuite({
    id: "kernel-memory",
    title: "Memory",
    question: "How does memory of the additive operator grow with N?",
    kind: "operator",
    processes: PROCESSES,
    figures: [{ id: "memory", title: "Peak memory against sequence length", x: "N", y: "memory", kind: "line" }],
    cases: () =>
      grid({
        N: LENGTHS,
        contender: ["additive-global", "vector-2scan", "softmax-full", "softmax-full-materialised"],
      }).map(({ N, contender }) =>
        operatorCase("kernel-memory", contender, {
          level: "operator",
          pass: "forward",
          quantity: "memory",
          shape: shapeOf({ grid: [N] }),
        }),
      ),
  }),
  defineSuite({
    id: "decode",
    title: "Decoding",
    question: "How does the time to decode one token depend on the context?",
    kind: "decode",
    processes: PROCESSES,
    figures: [{ id: "token", title: "Time per token against context length", x: "N", y: "time", kind: "line" }],
    cases: () =>
      grid({ N: LENGTHS, contender: ["additive-causal", "vector-causal", "softmax-causal"] }).map(
        ({ N, contender }) => ({
          ...COMMON,
          kind: "decode",
          suite: "decode",
          contender,
          spec: contenders.get(contender).spec,
          shape: shapeOf({ grid: [N] }),
        }),
      ),
  }),
  defineSuite({
    id: "image-classification",
    title: "Image classification",
    question: "How well does LightNet score beside a two-scan multiplicative rival on the same scaffold?",
    kind: "training",
    processes: PROCESSES,
    figures: [
      { id: "loss", title: "Learning curves", x: "step", y: "loss", facets: ["dataset"], kind: "line" },
      { id: "accuracy", title: "Test accuracy", x: "contender", y: "score", facets: ["dataset"], kind: "bar" },
    ],
    cases: ({ seeds = 3 }) =>
      grid({
        contender: ["additive-global", "vector-2scan", "softmax-full"],
        seed: Array.from({ length: seeds }, (_, seed) => seed),
      }).map(({ contender, seed }) => ({
        ...COMMON,
        seed,
        kind: "training",
        suite: "image-classification",
        contender,
        task: "image-classification",
        dataset: "synthetic-shapes",
        model: modelOf(contender),
        recipe: RECIPE,
      })),
  }),
];

/** A finished run of all fixture suites: `ok` records, and one each of the other statuses. */
export function fixtureRun(options: FixtureOptions = {}): FixtureRun {
  const {
    seed = 1,
    processes = 4,
    rounds = 3,
    trainingSeeds = 3,
    datasets = ["synthetic-shapes"],
    software = false,
    run = "2026-01-02-fixture",
    suites = FIXTURE_SUITES,
  } = options;
  const random = new Random(seed);
  const device = { kind: software ? "gpu" : "cpu", name: CPU, software, details: { simd: true } } as const;
  const records: RunRecord[] = [];
  for (const suite of suites) {
    for (const item of suite.cases({
      scale: "smoke",
      engine: "wasm",
      datasets,
      ...seedsAsked(trainingSeeds),
    })) {
      const repeats =
        item.kind === "training"
          ? [1, 1]
          : item.kind === "operator" && item.quantity === "memory"
            ? [1, 1]
            : [processes, rounds];
      for (const { process, round } of grid({ process: indices(repeats[0]!), round: indices(repeats[1]!) })) {
        const shared = frameOf(item, { process, round });
        const broken = brokenRecord(shared, item);
        if (broken !== undefined && round > 0) continue;
        records.push(
          broken ?? {
            ...shared,
            status: "ok",
            ...outcome(item, random.fork(`${shared.caseId}/${process}`).fork(`${round}`)),
          },
        );
      }
    }
  }
  return {
    manifest: {
      ...manifest(run, {
        cpu: CPU,
        cores: 2,
        packages: { "@tensorflow/tfjs": "4.22.0" },
        gitCommit: "0123456789abcdef",
        device,
      }),
      suites: suites.map(({ id }) => id),
      finishedAt: "2026-01-01T00:09:00.000Z",
      loadAverage: [0.5, 0.4, 0.3],
    },
    records: inAtoms(records),
    suites,
  };
}

function seedsAsked(seeds: number | "declared"): { readonly seeds?: number } {
  return seeds === "declared" ? {} : { seeds };
}

/** Lines of one matchup and process stand together, and the last of them is final. */
function inAtoms(records: readonly RunRecord[]): RunRecord[] {
  const atoms = new Map<string, RunRecord[]>();
  for (const record of records) {
    const name = `${record.matchup}/${record.process}`;
    atoms.set(name, [...(atoms.get(name) ?? []), record]);
  }
  return [...atoms.values()].flatMap((lines) =>
    lines.map((line, index) => ({ ...line, final: index === lines.length - 1 })),
  );
}

function indices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function brokenRecord(shared: ReturnType<typeof frameOf>, item: Case): RunRecord | undefined {
  if (item.suite === "kernel-memory" && item.contender === "softmax-full-materialised" && item.kind === "operator") {
    if (item.shape.N === 4096)
      return { ...shared, status: "oom", reason: "needs 4.3 GB, limit 4 GB", logFile: "logs/oom.log" };
    if (item.shape.N > 4096) return { ...shared, status: "skipped", reason: "oom at N = 4096" };
  }
  if (
    item.suite === "kernel-forward" &&
    item.contender === "softmax-full" &&
    item.kind === "operator" &&
    item.shape.N === 16384
  ) {
    return { ...shared, status: "timeout", reason: "longer than 30 s" };
  }
  if (
    item.suite === "scan-count" &&
    item.contender === "constant-2scan" &&
    item.kind === "operator" &&
    item.shape.grid.length === 3
  ) {
    return {
      ...shared,
      status: "failed",
      reason: 'correctness: error 0.3 above 1e-4 <script>alert("x")</script>',
      error: "E_CORRECTNESS",
    };
  }
  return undefined;
}

/** Seconds by a law of operations: 2 µs of overhead and 10 GFLOP/s. */
function lawSeconds(item: Case): number {
  if (item.kind === "training") return 0.02;
  const { op, causal, scans = 1, layout } = item.spec;
  const { N, D } = item.shape;
  const passes =
    op === "multiplicative" && item.spec.decay !== "none"
      ? layout === "head-split" || layout === "alternate"
        ? 1
        : scans
      : 1;
  const isJoint = item.kind === "operator" && item.strategy === "joint";
  if (item.kind === "decode") return 5e-6 + (op === "softmax" ? 4 * N * D * 1e-10 : 4 * D * D * 1e-10);
  if (item.kind === "train-step") return 1e-3;
  const operations =
    op === "softmax" ? 4 * N * N * D : 4 * N * D * D * (causal ? 2 : 1) * passes * (isJoint ? 0.75 : 1);
  const mixer = item.level === "mixer" ? N * 12 * D * D : 0;
  return 2e-6 + (operations + mixer) * 1e-10;
}

function outcome(item: Case, random: Random): Partial<OkRecord> {
  const noisy = (value: number, spread: number): number => value * Math.exp(spread * random.normal());
  if (item.kind === "training") return { training: trainingResult(item, random) };
  const { N, D } = item.shape;
  if (item.kind === "operator" && item.quantity === "memory") {
    const least = 16 * N * D * 4;
    const engine = item.spec.op === "softmax" && item.strategy === "materialised" ? least + 4 * 4 * N * N : 2 * least;
    return {
      strategy: item.strategy,
      memory: { leastBytes: least, enginePeakBytes: engine, processPeakBytes: engine + 150 * 2 ** 20 },
    };
  }
  const seconds = noisy(lawSeconds(item), 0.02);
  return {
    strategy: "chunked",
    secondsSamples: indices(5).map(() => noisy(seconds, 0.01)),
    work: { flops: 16 * N * D * D, leastBytes: 64 * N * D },
    peak: { flopsPerSecond: 3e10, bytesPerSecond: 1e10 },
    correctness: { largestError: 1e-6, tolerance: 1e-4 },
  };
}

function trainingResult({ contender, seed, task }: TrainingCase, random: Random): TrainingResult {
  const level = { "additive-global": 0.9, "vector-2scan": 0.88, "softmax-full": 0.89 }[contender] ?? 0.5;
  const top1 = level + 0.004 * seed + 0.005 * random.normal();
  const { name, better } = tasks.has(task) ? tasks.get(task).metric : { name: "top1", better: "higher" };
  const leading = { [name]: better === "higher" ? top1 : 1 - top1 };
  const trivial = { [name]: better === "higher" ? 0.1 : Math.log(10) };
  return {
    parameters: 123_456,
    dataLabel: "synthetic shapes",
    synthetic: true,
    trainExamples: 2000,
    testExamples: 500,
    curve: indices(21).map((index) => ({
      step: 10 * index,
      elapsedSeconds: 0.2 * index,
      values: {
        loss: 0.3 + 2 * Math.exp(-index / 6) + 0.05 * random.normal(),
        ...(index % 5 === 0
          ? { "test.loss": 0.4 + 1.9 * Math.exp(-index / 6), "test.top1": top1 * (1 - Math.exp(-index / 5)) }
          : {}),
      },
    })),
    scores: { top1, loss: 1 - top1, ...leading },
    trivialScores: { top1: 0.1, loss: Math.log(10), ...trivial },
    itemScoreSamples: indices(500).map(() => (random.uniform() < top1 ? 1 : 0)),
    stepSecondsSamples: indices(20).map(() => 0.02 * Math.exp(0.05 * random.normal())),
    examplesPerSecond: 1600,
    evaluationSeconds: 0.5,
  };
}
