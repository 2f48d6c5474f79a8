import { expect, test } from "vitest";
import { CLAIMS } from "#catalogue/claims";
import type { RunRecord } from "#store/record";
import { fixtureRun, type FixtureOptions } from "#testing/fixture-records";
import { evidenceOf } from "../evidence.ts";
import { judge, type Claim } from "./claim.ts";

function claimsOf(
  change: (record: RunRecord) => RunRecord | undefined,
  options: FixtureOptions = { processes: 3 },
): ReadonlyMap<string, Claim> {
  const { manifest, records: made } = fixtureRun(options);
  const records = made.flatMap((record) => change(record) ?? []);
  const { claims } = evidenceOf([{ manifest, records }], { resamples: 200 });
  return new Map(claims.map((claim) => [claim.id, claim]));
}

/** Points that decide. */
const deciding = ({ points }: Claim) => points.filter(({ verdict }) => verdict !== undefined);

/** Multiplies the times of records that `applies` selects. */
function slower(factor: number, applies: (record: RunRecord) => boolean): (record: RunRecord) => RunRecord {
  return (record) =>
    record.status === "ok" && record.secondsSamples !== undefined && applies(record)
      ? { ...record, secondsSamples: record.secondsSamples.map((time) => factor * time) }
      : record;
}
const isSubject = ({ case: { contender } }: RunRecord): boolean => contender === "additive-global";
const dimsOf = ({ case: item }: RunRecord): number => (item.kind === "training" ? 0 : item.shape.grid.length);

test("every claim has a verdict, and those no run can test are `not tested`", () => {
  const claims = claimsOf((record) => record);
  expect([...claims.keys()]).toEqual([...CLAIMS.map(({ id }) => id), "P1", "P2", "P3", "P4"]);
  for (const id of ["P1", "P2", "P3", "P4", "C4", "C5", "C6"]) expect(claims.get(id)?.verdict).toBe("not tested");
});

test("without records everything is not tested", () => {
  expect([...claimsOf(() => undefined).values()].every(({ verdict }) => verdict === "not tested")).toBe(true);
});

test("C1 holds when the fastest rival of all is clearly slower, and fails when they are not", () => {
  const holds = claimsOf(slower(0.5, isSubject)).get("C1")!;
  expect(holds.verdict).toBe("holds");
  expect(deciding(holds).map(({ where }) => where["dims"])).toEqual([1, 2, 3]);
  expect(Math.min(...deciding(holds).map(({ estimate }) => estimate!.low!))).toBeGreaterThan(1.1);
  const whole = holds.points.filter(({ what }) => what === "fastest whose every layer sees all tokens");
  for (const { where, estimate } of whole) {
    const judged = deciding(holds).find((one) => one.where["dims"] === where["dims"])!;
    expect(judged.where["contender"]).toMatch(/alternate/);
    expect(estimate!.estimate).toBeGreaterThan(judged.estimate!.estimate);
  }
  expect(holds.points.filter(({ what }) => what === "number of scans")).toHaveLength(3); // what it is made of, in each dimension
  expect(claimsOf(slower(2, isSubject)).get("C1")?.verdict).toBe("fails");
});

test("C1 does not hold while the joint form is not measured", () => {
  const claim = claimsOf((record) =>
    record.case.contender === "vector-2scan-joint" ? undefined : slower(0.5, isSubject)(record),
  ).get("C1")!;
  expect(claim.verdict).toBe("undecided");
  expect(claim.notes.join()).toContain("joint form of two directions was not measured");
});

test("one process decides nothing", () => {
  expect(claimsOf(slower(0.5, isSubject), { processes: 1 }).get("C1")?.verdict).toBe("undecided");
});

test("C2 holds when time is the same in every dimension, and fails when it grows", () => {
  const own = (record: RunRecord): RunRecord | undefined =>
    isSubject(record) && record.case.suite === "scan-count" ? { ...record, final: true } : undefined;
  expect(claimsOf(own, { processes: 8, rounds: 1 }).get("C2")?.verdict).toBe("holds");
  const grown = claimsOf((record) => own(slower(dimsOf(record), isSubject)(record)), { processes: 8, rounds: 1 }).get(
    "C2",
  )!;
  expect(grown.verdict).toBe("fails");
  expect(grown.points[0]!.estimate!.estimate).toBeCloseTo(Math.log(3) / 2, 1);
});

test("C3 is undecided with three seeds, and fails when seven show a loss beyond the margin", () => {
  expect(claimsOf((record) => record).get("C3")).toMatchObject({
    verdict: "undecided",
    points: [{ estimate: { n: 3 } }],
  });
  const worse = claimsOf(
    (record) => {
      if (record.status !== "ok" || record.training === undefined || record.case.kind !== "training") return record;
      const named = { ...record, case: { ...record.case, model: { ...record.case.model, id: record.case.contender } } };
      if (!isSubject(record)) return named;
      return { ...named, training: { ...record.training, scores: { ...record.training.scores, top1: 0.5 } } };
    },
    { processes: 1, trainingSeeds: 7 },
  ).get("C3")!;
  expect(worse.verdict).toBe("fails");
  expect(worse.points[0]).toMatchObject({
    what: "after equal training",
    unit: "points",
    where: { contender: "vector-2scan" },
  });
  expect(worse.points[0]!.estimate!.high).toBeLessThan(-0.3);
});

test("C3 claims nothing of an operator that was trained without its authors' model around it", () => {
  const claim = claimsOf((record) => record, { processes: 1, trainingSeeds: 7 }).get("C3")!;
  expect(claim).toMatchObject({
    verdict: "undecided",
    points: [{ what: "after equal training, not the authors' model" }],
  });
  expect(claim.notes.join()).toMatch(/without the model/);
});

test("C8 holds for a flat time per token and fails for a growing one", () => {
  expect(claimsOf((record) => record).get("C8")?.verdict).toBe("holds");
  const growing = slower(1, () => true);
  const claim = claimsOf((record) => {
    if (record.case.kind !== "decode") return growing(record);
    return slower(Math.sqrt(record.case.shape.N), () => true)(record);
  }).get("C8")!;
  expect(claim.verdict).toBe("fails");
  expect(claim.points[0]!.estimate!.estimate).toBeCloseTo(0.5, 1);
});

test("C9 fails when an order-free form without decay is as fast", () => {
  const claim = claimsOf((record) => record, { processes: 8 }).get("C9")!;
  expect(claim.verdict).toBe("fails");
  expect(claim.points.map(({ what }) => what)).toContain("two directions");
});

test("intervals are judged by their ends, and absent ones decide nothing", () => {
  const limits = { holds: (low: number) => low > 1.1, fails: (_: number, high: number) => high < 1.05 };
  const at = (low: number, high: number, n = 8) =>
    judge({ estimate: (low + high) / 2, low, high, n, confidence: 0.95, method: "" }, limits);
  expect([at(1.11, 1.2), at(1.09, 1.2), at(0.9, 1.04), at(0.9, 1.06), at(1.2, 1.3, 1)]).toEqual([
    "holds",
    "undecided",
    "fails",
    "undecided",
    "undecided",
  ]);
  expect(judge({ estimate: 2, n: 8, confidence: 0.95, method: "" }, limits)).toBe("undecided");
});
