// Claims about trained models: each can hold, fail and stay undecided.

import { expect, test } from "vitest";
import type { TrainingResult } from "#store/record";
import type { ModelSpec, TrainingCase } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { defineSuite } from "#case/suite";
import { fixtureRun } from "#testing/fixture-records";
import { evidenceOf, type Evidence } from "../evidence.ts";
import { beatsBaseline } from "../simple-baseline.ts";
import type { Claim, ClaimPoint } from "./claim.ts";

interface Trained {
  readonly suite: string;
  readonly contender: string;
  readonly localMixing?: ModelSpec["localMixing"];
  readonly encoding?: ModelSpec["mixer"]["encoding"];
  /** trained for as many seconds as the global form of LightNet: steps over its steps */
  readonly stepRatio?: number;
  readonly seeds: number;
  readonly result: (seed: number) => Partial<TrainingResult>;
}

const RECIPE = {
  steps: 200,
  batch: 8,
  learningRate: 1e-3,
  warmupSteps: 0,
  schedule: "cosine",
  weightDecay: 0,
} as const;

/** What records of made-up trainings show. */
function evidenceFrom(trained: readonly Trained[]): Evidence {
  const results = new Map<string, Partial<TrainingResult>>();
  const nameOf = (item: TrainingCase): string =>
    [item.suite, item.contender, item.model.localMixing, item.model.mixer.encoding, item.recipe.steps, item.seed].join(
      "/",
    );
  const ids = [...new Set(trained.map(({ suite }) => suite))];
  const suites = ids.map((id) =>
    defineSuite({
      id,
      title: id,
      question: id,
      kind: "training",
      processes: { smoke: 1, small: 1, paper: 1 },
      figures: [],
      cases: () =>
        trained
          .filter(({ suite }) => suite === id)
          .flatMap(({ contender, localMixing, encoding, stepRatio, seeds, result }) =>
            Array.from({ length: seeds }, (_, seed) => {
              const mixer = { operator: contenders.get(contender).spec, encoding: encoding ?? "md-lrpe" };
              const name = localMixing === undefined && encoding === undefined ? { id: contender } : {};
              const model = {
                ...name,
                variant: "micro",
                width: 8,
                depth: 1,
                heads: 1,
                gluWidth: 8,
                mixer,
                localMixing: localMixing ?? "none",
              };
              const equalSeconds =
                stepRatio === undefined ? {} : { equalSeconds: { as: "additive-global", stepRatio } };
              const item: TrainingCase = {
                kind: "training",
                suite: id,
                contender,
                engine: "wasm",
                precision: "float32",
                scale: "small",
                seed,
                task: id,
                dataset: "made up",
                model,
                recipe: { ...RECIPE, steps: Math.round(RECIPE.steps * (stepRatio ?? 1)) },
                ...equalSeconds,
              };
              results.set(nameOf(item), result(seed));
              return item;
            }),
          ),
    }),
  );
  const made = fixtureRun({ suites });
  const records = made.records.map((record) => {
    if (record.status !== "ok" || record.case.kind !== "training" || record.training === undefined)
      throw new Error("a training record was expected");
    return {
      ...record,
      training: {
        ...record.training,
        itemScoreSamples: [],
        ...results.get(nameOf(record.case)),
      },
    };
  });
  return evidenceOf([{ manifest: made.manifest, records }], { resamples: 200 });
}

function claimsOf(trained: readonly Trained[]): ReadonlyMap<string, Claim> {
  return new Map(evidenceFrom(trained).claims.map((claim) => [claim.id, claim]));
}

const point = ({ points }: Claim, what: string | undefined): ClaimPoint => {
  const found = points.find((one) => one.what === what);
  if (found === undefined) throw new Error(`no point ${what}: ${points.map((one) => one.what).join(", ")}`);
  return found;
};

/** Differs a little from seed to seed. */
const near =
  (value: number) =>
  (seed: number): number =>
    value + 0.001 * ((seed % 3) - 1);

/** A run that reaches `top1` evenly over `seconds`, read off at four moments. */
function run(top1: number, seconds: number): Partial<TrainingResult> {
  const curve = [1, 2, 3, 4].map((quarter) => ({
    step: 50 * quarter,
    elapsedSeconds: (seconds * quarter) / 4,
    values: { "test.top1": (top1 * quarter) / 4 },
  }));
  return { scores: { top1 }, trivialScores: { top1: 0.125 }, curve };
}

/** LightNet, its rival after as many steps, and where given after as many seconds. */
function classified(
  { own, rival, asLong }: { readonly own: number; readonly rival: number; readonly asLong?: number },
  seeds = 7,
): ReadonlyMap<string, Claim> {
  const trained = (contender: string, top1: number, stepRatio?: number): Trained => ({
    suite: "image-classification",
    contender,
    seeds,
    ...(stepRatio === undefined ? {} : { stepRatio }),
    result: (seed) => run(near(top1)(seed + contender.length), 10),
  });
  return claimsOf([
    trained("additive-global", own),
    trained("vector-2scan", rival),
    trained("softmax-full", 0.99),
    ...(asLong === undefined ? [] : [trained("vector-2scan", asLong, 0.8), trained("softmax-full", 0.99, 0.7)]),
  ]);
}

test("C3 holds when LightNet is as good after equal training, whatever equal seconds say", () => {
  const claims = classified({ own: 0.9, rival: 0.9, asLong: 0.95 });
  const claim = claims.get("C3")!;
  expect(claim.verdict).toBe("holds");
  const { estimate, where, caseIds } = point(claim, "after equal training");
  expect(where["contender"]).toBe("vector-2scan");
  expect(Math.abs(estimate!.estimate)).toBeLessThan(0.005);
  expect(caseIds.length).toBe(14);
  expect(claims.get("C10")!.verdict).toBe("fails");
});

test("C10 compares with rivals that were trained for as many seconds, and with nothing else", () => {
  const claim = classified({ own: 0.9, rival: 0.95, asLong: 0.85 }).get("C10")!;
  expect(claim.verdict).toBe("holds");
  expect(claim.points).toHaveLength(1); // softmax attention is no multiplicative rival
  expect(point(claim, "at equal seconds").estimate!.estimate).toBeCloseTo(0.05, 2);
  expect(classified({ own: 0.9, rival: 0.9 }).get("C10")!.verdict).toBe("not tested");
});

test("C3 fails when it is worse at the end, and is undecided with three seeds", () => {
  expect(classified({ own: 0.85, rival: 0.9 }).get("C3")!.verdict).toBe("fails");
  expect(classified({ own: 0.9, rival: 0.8 }, 3).get("C3")!.verdict).toBe("undecided");
});

test("C3 looks at the masked language model by its loss, where less is better", () => {
  const masked =
    (loss: number) =>
    (seed: number): Partial<TrainingResult> => {
      const curve = [1, 2, 3, 4].map((quarter) => ({
        step: 50 * quarter,
        elapsedSeconds: 2.5 * quarter,
        values: { "test.loss": near(loss)(seed) + 4 - quarter },
      }));
      return { scores: { loss: near(loss)(seed) }, trivialScores: { loss: 3 }, curve };
    };
  const trained = (contender: string, loss: number): Trained => ({
    suite: "bidirectional-lm",
    contender,
    seeds: 7,
    result: masked(loss),
  });
  const claim = claimsOf([
    trained("additive-global", 2.4),
    trained("vector-2scan", 2),
    trained("softmax-full", 2.1),
  ]).get("C3")!;
  expect(claim.verdict).toBe("fails");
  expect(claim.points[0]).toMatchObject({ unit: "nats", where: { contender: "vector-2scan" } });
  expect(claim.points[0]!.estimate!.estimate).toBeCloseTo(-0.4, 2);
});

function mixed(
  scores: Readonly<Record<"additive-global" | "linear-global", readonly [plain: number, mixed: number]>>,
  seeds = 7,
): Claim {
  const trained = Object.entries(scores).flatMap(([contender, [plain, withMixing]]) =>
    (
      [
        ["none", plain],
        ["md-tpe", withMixing],
      ] as const
    ).map(([localMixing, top1]): Trained => ({
      suite: "local-mixing",
      contender,
      localMixing,
      seeds,
      result: (seed) => run(near(top1)(seed + (contender === "linear-global" ? 1 : 0)), 10),
    })),
  );
  return claimsOf(trained).get("C4")!;
}

test("C4 holds when LightNet leads without local mixing", () => {
  const claim = mixed({ "additive-global": [0.8, 0.85], "linear-global": [0.7, 0.84] });
  expect(claim.verdict).toBe("holds");
  expect(point(claim, "without local mixing").estimate!.estimate).toBeCloseTo(0.1, 2);
  expect(point(claim, "with MD-TPE").estimate!.estimate).toBeCloseTo(0.01, 2);
  expect(point(claim, "interaction").estimate!.estimate).toBeCloseTo(-0.09, 2);
});

test("C4 fails when it trails without local mixing, or leads with MD-TPE only", () => {
  expect(mixed({ "additive-global": [0.7, 0.85], "linear-global": [0.75, 0.8] }).verdict).toBe("fails");
  expect(mixed({ "additive-global": [0.7, 0.85], "linear-global": [0.7, 0.75] }).verdict).toBe("fails");
});

test("C4 is undecided with three seeds, and where nothing differs", () => {
  expect(mixed({ "additive-global": [0.8, 0.85], "linear-global": [0.7, 0.84] }, 3).verdict).toBe("undecided");
  expect(mixed({ "additive-global": [0.7, 0.8], "linear-global": [0.7, 0.8] }).verdict).toBe("undecided");
});

function saturated(slope: number, seeds = 7): Claim {
  const scores = (late: number) => ({
    loss: late,
    "loss.tokens0-15": 2,
    "loss.tokens16-63": late + 0.1,
    "loss.tokens64-127": late,
  });
  return claimsOf([
    {
      suite: "saturation",
      contender: "additive-causal",
      seeds,
      result: (seed) => ({
        scores: { ...scores(1.5), saturationSlope: near(slope)(seed), saturationSlopeInitial: -1 },
      }),
    },
    { suite: "saturation", contender: "hgrn2-causal", seeds, result: () => ({ scores: scores(1.4) }) },
  ]).get("C5")!;
}

test("C5 holds for a slope above −0.9, fails at a running average's, and is undecided in between or with three seeds", () => {
  const claim = saturated(-0.5);
  expect(claim.verdict).toBe("holds");
  expect(point(claim, undefined).estimate!.estimate).toBeCloseTo(-0.5, 2);
  expect(point(claim, "before training").estimate!.estimate).toBe(-1);
  const late = claim.points.filter(({ what }) => what === "loss late in the sequence");
  expect(late.map(({ where, estimate }) => [where["contender"], Number(estimate!.estimate.toFixed(6))])).toEqual([
    ["additive-causal", 1.5],
    ["hgrn2-causal", 1.4],
  ]);
  expect(saturated(-1).verdict).toBe("fails");
  expect(saturated(-0.9).verdict).toBe("undecided");
  expect(saturated(-0.5, 3).verdict).toBe("undecided");
});

function directed(top1: number, seeds = 7): ReadonlyMap<string, Claim> {
  const runs = (
    encoding: NonNullable<Trained["encoding"]>,
    localMixing: "none" | "md-tpe",
    reached: number,
  ): Trained => ({
    suite: "direction-task",
    contender: "additive-global",
    seeds,
    encoding,
    localMixing,
    result: (seed) => run(near(reached)(seed), 10),
  });
  return claimsOf([
    runs("none", "md-tpe", top1),
    runs("none", "none", 0.125),
    runs("md-lrpe", "none", 0.5),
    runs("md-lrpe-rotating", "none", top1),
    runs("md-lrpe-rotating", "md-tpe", 0.99),
  ]);
}

test("C6 holds ten points above chance with MD-TPE alone, fails below, and is undecided across or with three seeds", () => {
  const c6 = (top1: number, seeds?: number) => directed(top1, seeds).get("C6")!;
  expect(c6(0.5).verdict).toBe("holds");
  expect(point(c6(0.5), "above chance").estimate).toMatchObject({ estimate: expect.closeTo(0.375, 2), n: 7 });
  expect(c6(0.15).verdict).toBe("fails");
  expect(c6(0.225).verdict).toBe("undecided");
  expect(c6(0.5, 3).verdict).toBe("undecided");
});

test("C11 asks the rotating form without local mixing for more than a form blind to mirroring can reach", () => {
  const c11 = (top1: number) => directed(top1).get("C11")!;
  expect(c11(0.9).verdict).toBe("holds");
  expect(c11(0.52).verdict).toBe("fails");
  const beside = point(c11(0.9), "cosine, above 50 %");
  expect([beside.verdict, beside.estimate!.estimate]).toEqual([undefined, expect.closeTo(0, 2)]);
});

test("a table and a claim read the same comparison, adjusted over the tasks", () => {
  const suites = ["image-classification", "bidirectional-lm"];
  const { claims, scores, results } = evidenceFrom(
    suites.flatMap((suite) =>
      ["additive-global", "vector-2scan"].map((contender): Trained => ({
        suite,
        contender,
        seeds: 7,
        result: (seed) =>
          suite === "image-classification"
            ? run(near(contender === "vector-2scan" ? 0.9 : 0.88)(contender === "vector-2scan" ? 2 * seed : seed), 10)
            : { scores: { loss: near(2)(seed) }, trivialScores: { loss: 3 } },
      })),
    ),
  );
  const c3 = claims.find(({ id }) => id === "C3")!;
  const rivals = results.filter(({ contender }) => contender === "vector-2scan");
  const inTable = rivals.map((rival) => scores.of(rival, rival.axes["task"] === "bidirectional-lm" ? "loss" : "top1")!);
  expect(inTable.map(({ verdict }) => verdict)).toEqual(["worse", "not worse"]);
  expect(c3.points.filter(({ what }) => what === "after equal training").map(({ verdict }) => verdict)).toEqual([
    "fails",
    "holds",
  ]);
  expect(inTable[0]!.worsePValue).toBeGreaterThan(0); // of two tests
});

test("where neither beats the simple baseline nothing is decided, in the table as in the claim", () => {
  const { claims, scores, results } = evidenceFrom(
    ["additive-global", "vector-2scan"].map((contender) => ({
      suite: "image-classification",
      contender,
      seeds: 7,
      result: (seed: number) => ({ ...run(near(contender === "vector-2scan" ? 0.2 : 0.15)(seed), 10) }),
    })),
  );
  expect(claims.find(({ id }) => id === "C3")!.verdict).toBe("not decidable");
  const rival = results.find(({ contender }) => contender === "vector-2scan")!;
  expect(scores.of(rival, "top1")!.verdict).toBe("not decidable");
});

test("a score below the simple baseline decides nothing either, however far it is above chance", () => {
  const trained = (simple: number) =>
    evidenceFrom(
      ["additive-global", "vector-2scan"].map((contender) => ({
        suite: "image-classification",
        contender,
        seeds: 7,
        result: (seed: number) => ({
          ...run(near(contender === "vector-2scan" ? 0.9 : 0.85)(seed), 10),
          simpleScores: { top1: simple },
          simpleBaseline: "linear-on-pixels",
        }),
      })),
    );
  const c3 = (simple: number) => trained(simple).claims.find(({ id }) => id === "C3")!.verdict;
  expect([c3(0.907), c3(0.87)]).toEqual(["not decidable", "fails"]);
  expect(trained(0.907).results.map((result) => beatsBaseline(result))).toEqual(
    [0.85, 0.9].map((reached) => ({
      score: "top1",
      reached: expect.closeTo(reached, 2),
      limit: 0.907,
      beaten: false,
      simple: "linear-on-pixels",
    })),
  );
});

test("older records of masked language models tell their counts by what was gained over them", () => {
  const result = (gain: number) =>
    evidenceFrom([
      {
        suite: "bidirectional-lm",
        contender: "additive-global",
        seeds: 3,
        result: () => ({ scores: { loss: 2.3, underNeighbourCounts: gain }, trivialScores: { loss: 3 } }),
      },
    ]).results[0]!;
  expect(beatsBaseline(result(-0.4))).toMatchObject({ beaten: false, limit: expect.closeTo(1.9, 9) });
  expect(beatsBaseline(result(0.4))).toMatchObject({ beaten: true });
});
