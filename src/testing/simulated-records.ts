// Records as a run would write them, with simulated times: log-normal differences between processes and rounds.

import { Random } from "#base/random";
import { contenders } from "#catalogue/contenders";
import { caseId, matchupId, type Case, type OperatorCase, type TrainingCase } from "#case/case";
import { shapeOf } from "#case/shape";
import { defineSuite } from "#case/suite";
import { SCHEMA_VERSION, type Manifest, type OkRecord, type RunRecord } from "#store/record";

export const ENVIRONMENT = "environment-a";

/** The suite that the simulated cases name. */
export const simulatedSuite = defineSuite({
  id: "simulated",
  title: "Simulated",
  question: "",
  kind: "operator",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [],
  cases: () => [],
});

export function operatorCase(contender: string, N: number, more: Partial<OperatorCase> = {}): OperatorCase {
  const { spec, strategy } = contenders.get(contender);
  const shape = shapeOf({ grid: [N] });
  const common = {
    suite: "simulated",
    contender,
    engine: "wasm",
    precision: "float32",
    scale: "smoke",
    seed: 1,
  } as const;
  return {
    kind: "operator",
    ...common,
    spec,
    strategy,
    level: "operator",
    pass: "forward",
    quantity: "time",
    shape,
    ...more,
  };
}

export interface SimulatedTimes {
  readonly seed?: number;
  /** median seconds of a case */
  readonly seconds: (item: OperatorCase) => number;
  readonly processes?: number;
  readonly rounds?: number;
  readonly callsPerRound?: number;
  /** relative standard deviation between processes, and between rounds of a process */
  readonly between?: number;
  readonly within?: number;
  readonly codeHash?: string;
  readonly startedAt?: string;
}

/** Finished atoms for these cases, matchup by matchup, contenders of a round sharing its drift. */
export function simulateRecords(cases: readonly OperatorCase[], times: SimulatedTimes): RunRecord[] {
  const { seed = 1, processes = 3, rounds = 10, between = 0.01, within = 0.01 } = times;
  const records: RunRecord[] = [];
  for (const matchup of new Set(cases.map(matchupId))) {
    const members = cases.filter((item) => matchupId(item) === matchup);
    for (let process = 0; process < processes; process++) {
      const random = new Random(seed).fork(`${matchup}/${process}`);
      const shift = between * random.normal();
      const lines = Array.from({ length: rounds }, (_, round) => {
        const drift = Math.exp(shift + within * random.normal());
        return members.map((item) =>
          okRecord(item, { process, round, ...times, seconds: () => drift * times.seconds(item) }, random),
        );
      }).flat();
      records.push(...lines.map((line, index) => ({ ...line, final: index === lines.length - 1 })));
    }
  }
  return records;
}

export interface Frame {
  readonly process?: number;
  readonly round?: number;
  readonly codeHash?: string;
  readonly startedAt?: string;
}

/** What every record of a case holds, whatever came of it. */
export function frameOf(
  item: Case,
  { process = 0, round = 0, codeHash = "code-1", startedAt = "2026-01-01T00:00:00Z" }: Frame = {},
): Omit<OkRecord, "status" | "strategy"> {
  const id = caseId(item);
  return {
    schema: SCHEMA_VERSION,
    caseId: id,
    key: `${id}-${codeHash}`,
    codeHash,
    matchup: matchupId(item),
    process,
    round,
    final: false,
    environment: ENVIRONMENT,
    startedAt,
    case: item,
  };
}

function okRecord(
  item: OperatorCase,
  at: SimulatedTimes & { readonly process: number; readonly round: number },
  random: Random,
): OkRecord {
  const { within = 0.01, callsPerRound = 3 } = at;
  const samples = Array.from(
    { length: callsPerRound },
    () => at.seconds(item) * Math.exp((within / 2) * random.normal()),
  );
  return {
    ...frameOf(item, at),
    status: "ok",
    strategy: "reference",
    secondsSamples: samples,
    ...(at.round === 0 ? { firstCallSeconds: 10 * samples[0]! } : {}),
    work: { flops: 1e6 * item.shape.N, leastBytes: 1e3 * item.shape.N },
    peak: { flopsPerSecond: 1e10, bytesPerSecond: 1e10 },
  };
}

/** A record of a case that gave no result: an atom of its own. */
export function failedRecord(
  item: OperatorCase,
  status: "failed" | "oom" | "timeout" | "skipped",
  reason: string,
): RunRecord {
  return { ...frameOf(item), final: true, status, reason };
}

export interface SimulatedTraining {
  readonly seed: number;
  readonly top1: number;
  readonly contender?: string;
}

/** A finished training case; `top1` of its 200 test items are right. */
export function trainingRecord({ seed, top1, contender = "additive-global" }: SimulatedTraining): RunRecord {
  const operator = contenders.get(contender).spec;
  const item: TrainingCase = {
    kind: "training",
    suite: "simulated-training",
    contender,
    engine: "wasm",
    precision: "float32",
    scale: "smoke",
    seed,
    task: "image-classification",
    dataset: "synthetic-shapes",
    model: {
      variant: "tiny",
      width: 32,
      depth: 2,
      heads: 2,
      gluWidth: 64,
      mixer: { operator, encoding: "md-lrpe" },
      localMixing: "md-tpe",
      patch: [4, 4],
    },
    recipe: { steps: 60, batch: 8, learningRate: 1e-3, warmupSteps: 5, schedule: "cosine", weightDecay: 0.05 },
  };
  const random = new Random(seed);
  const right = Math.round(200 * top1);
  return {
    ...frameOf(item),
    status: "ok",
    final: true,
    training: {
      parameters: 12_345,
      dataLabel: "synthetic shapes",
      synthetic: true,
      trainExamples: 800,
      testExamples: 200,
      curve: [{ step: 60, elapsedSeconds: 6, values: { loss: 0.3 } }],
      scores: { top1: right / 200, loss: 0.3 + 0.01 * random.normal() },
      trivialScores: { top1: 0.1, loss: Math.log(10) },
      itemScoreSamples: Array.from({ length: 200 }, (_, index) => (index < right ? 1 : 0)),
      stepSecondsSamples: Array.from({ length: 60 }, () => 0.1 * Math.exp(0.01 * random.normal())),
      examplesPerSecond: 80,
      evaluationSeconds: 0.5,
    },
  };
}

/** A manifest that goes with `ENVIRONMENT`. */
export function manifest(run: string, environment: Partial<Manifest["environments"][string]> = {}): Manifest {
  const device = { kind: "cpu", name: "wasm", software: false, details: {} } as const;
  const machine = { host: "bench", platform: "linux x64", cpu: "Example CPU", cores: 4, memoryBytes: 2 ** 34 };
  const software = { node: "v20.20.0", nodeFlags: [], packages: {}, engine: "wasm" };
  return {
    schema: SCHEMA_VERSION,
    run,
    command: "lightnet-bench run simulated",
    scale: "smoke",
    suites: ["simulated"],
    flags: {},
    startedAt: "2026-01-01T00:00:00Z",
    environments: { [ENVIRONMENT]: { ...machine, ...software, device, ...environment } },
    loadAverage: [0, 0, 0],
  };
}
