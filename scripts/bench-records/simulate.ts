// A run as large as a paper-scale one, made up: every case of every suite, times by a simple law with seeded noise. None of
// these numbers was measured; the benchmark reads them, and nobody else does.

import { Random } from "#base/random";
import { caseId, type Case, type TrainingCase } from "#case/case";
import { codeHash } from "#runner/code-hash";
import { caseKey, type Atom } from "#runner/plan";
import { SCHEMA_VERSION, type Manifest, type OkRecord, type RunRecord, type TrainingResult } from "#store/record";

export const ENVIRONMENT = "simulated";
const STARTED = Date.UTC(2026, 0, 1);

/** Lines of all `atoms` that together have about `lines`, atom by atom: what a matchup lacks in contenders it gets in rounds. */
export function* simulatedAtoms(atoms: readonly Atom[], lines: number, seed: number): Generator<RunRecord[]> {
  const timed = atoms.filter(isTimed);
  const others = atoms.length - timed.length;
  const rounds = Math.max(1, Math.ceil((lines - others) / timed.reduce((sum, { cases }) => sum + cases.length, 0)));
  for (const [number, atom] of atoms.entries()) {
    const random = new Random(seed).fork(`${atom.matchup}/${atom.process}`);
    const shift = Math.exp(0.01 * random.normal());
    const drafts = Array.from({ length: isTimed(atom) ? rounds : 1 }, (_, round) =>
      atom.cases.map((item) => recordOf(item, { atom, round, shift, startedAt: STARTED + 1000 * number }, random)),
    ).flat();
    yield drafts.map((draft, index) => ({ ...draft, final: index === drafts.length - 1 }));
  }
}

function isTimed({ cases }: Atom): boolean {
  const [first] = cases;
  return first?.kind === "decode" || (first?.kind === "operator" && first.quantity === "time");
}

interface Place {
  readonly atom: Atom;
  readonly round: number;
  readonly shift: number;
  readonly startedAt: number;
}

function recordOf(item: Case, { atom, round, shift, startedAt }: Place, random: Random): OkRecord {
  const { matchup, process } = atom;
  return {
    schema: SCHEMA_VERSION,
    status: "ok",
    caseId: caseId(item),
    key: caseKey(item),
    codeHash: codeHash(item),
    matchup,
    process,
    round,
    final: false,
    environment: ENVIRONMENT,
    startedAt: new Date(startedAt).toISOString(),
    case: item,
    ...(item.kind === "training" ? { training: trained(item, random) } : measured(item, shift, random)),
  };
}

function measured(item: Exclude<Case, { kind: "training" }>, shift: number, random: Random): Partial<OkRecord> {
  const { N, H, D, E } = item.shape;
  const leastBytes = 16 * N * H * D;
  if (item.kind === "operator" && item.quantity === "memory")
    return { memory: { leastBytes, enginePeakBytes: 2 * leastBytes, processPeakBytes: 2 * leastBytes + 2 ** 27 } };
  const tokens = item.kind === "decode" ? 1 : item.spec.op === "softmax" ? N * N : N;
  const flops = 4 * H * D * E * tokens;
  const seconds = () => shift * (2e-6 + 1e-10 * flops) * Math.exp(0.01 * random.normal());
  return {
    strategy: "simulated",
    secondsSamples: Array.from({ length: 5 }, seconds),
    work: { flops, leastBytes },
    peak: { flopsPerSecond: 3e10, bytesPerSecond: 1e10 },
    correctness: { largestError: 1e-6, tolerance: 1e-5 },
  };
}

const CURVE_POINTS = 200;
const STEP_SAMPLES = 1000;
const TEST_ITEMS = 2000;

function trained({ contender, seed, recipe }: TrainingCase, random: Random): TrainingResult {
  const top1 = 0.85 + 0.001 * contender.length + 0.004 * seed + 0.003 * random.normal();
  const curve = Array.from({ length: CURVE_POINTS }, (_, index) => ({
    step: Math.round((recipe.steps * (index + 1)) / CURVE_POINTS),
    elapsedSeconds: 10 * (index + 1),
    values: { loss: 0.3 + 2 * Math.exp(-index / 20) + 0.05 * random.normal() },
  }));
  return {
    parameters: 123_456,
    dataLabel: "simulated",
    synthetic: true,
    trainExamples: 50_000,
    testExamples: TEST_ITEMS,
    curve,
    scores: { top1, accuracy: top1, loss: 1 - top1 },
    trivialScores: { top1: 0.1, accuracy: 0.1, loss: Math.log(10) },
    itemScoreSamples: Array.from({ length: TEST_ITEMS }, () => (random.uniform() < top1 ? 1 : 0)),
    stepSecondsSamples: Array.from({ length: STEP_SAMPLES }, () => 0.1 * Math.exp(0.05 * random.normal())),
    examplesPerSecond: 640,
    evaluationSeconds: 2,
  };
}

export function simulatedManifest(run: string, suites: readonly string[]): Manifest {
  const device = { kind: "cpu", name: "simulated", software: false, details: {} } as const;
  return {
    schema: SCHEMA_VERSION,
    run,
    command: "npm run bench:records",
    scale: "small",
    suites: [...suites],
    flags: { scale: "small", engine: "wasm", executor: "local" },
    startedAt: new Date(STARTED).toISOString(),
    environments: {
      [ENVIRONMENT]: { platform: "simulated", cpu: "simulated", cores: 1, packages: {}, engine: "wasm", device },
    },
    loadAverage: [0, 0, 0],
  };
}
