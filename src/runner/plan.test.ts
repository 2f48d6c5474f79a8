import { describe, expect, test } from "vitest";
import { UnknownNameError, UsageError } from "#base/errors";
import { operatorCase } from "#catalogue/operator-case";
import { caseId, type Case } from "#case/case";
import { shapeOf } from "#case/shape";
import { defineSuite, grid, type SuiteContext } from "#case/suite";
import { SCHEMA_VERSION, type RunRecord } from "#store/record";
import { allSuites } from "../../suites/index.ts";
import { applyFilter, checkPossible, expand, parseFilter } from "./expand.ts";
import { caseKey, casesBegunAnew, ofShard, planAtoms, recordsBeside, remainingAtoms, type Atom } from "./plan.ts";
import { Limits } from "./skips.ts";

const context: SuiteContext = { scale: "smoke", engine: "wasm", datasets: [] };
const suite = defineSuite({
  id: "example",
  title: "",
  question: "",
  kind: "operator",
  processes: { smoke: 2, small: 1, paper: 1 },
  figures: [],
  cases: () =>
    grid({ N: [16, 32], contender: ["additive-global", "softmax-full"] }).map(({ N, contender }) =>
      operatorCase(context, { suite: "example", contender, shape: shapeOf({ grid: [N] }), pass: "forward" }),
    ),
});
const cases = suite.cases(context);
const atoms = planAtoms([{ suite, cases }]);

/** A finished atom's records. */
function recordsOf(atom: Atom, status: RunRecord["status"] = "ok"): RunRecord[] {
  return atom.cases.map((item, index) => ({
    schema: SCHEMA_VERSION,
    caseId: caseId(item),
    key: caseKey(item),
    codeHash: "",
    matchup: atom.matchup,
    process: atom.process,
    round: 0,
    final: index === atom.cases.length - 1,
    environment: "",
    startedAt: "2026-01-01T00:00:00Z",
    case: item,
    ...(status === "ok" ? { status } : { status, reason: "" }),
  }));
}

test("contenders of one point share a matchup; every matchup has all its processes, first ones first", () => {
  expect(
    atoms.map(({ process, cases: members }) => [
      process,
      members[0]!.kind === "operator" && members[0]!.shape.N,
      members.length,
    ]),
  ).toEqual([
    [0, 16, 2],
    [0, 32, 2],
    [1, 16, 2],
    [1, 32, 2],
  ]);
});

test("a point written in another order of keys is the same matchup", () => {
  const turned = cases.map((item, index) =>
    index % 2 === 0 || item.kind === "training"
      ? item
      : { ...item, shape: Object.fromEntries(Object.entries(item.shape).reverse()) as typeof item.shape },
  );
  const planned = planAtoms([{ suite, cases: turned }]);
  expect(planned.map(({ matchup, process }) => [matchup, process])).toEqual(
    atoms.map(({ matchup, process }) => [matchup, process]),
  );
});

test("all processes of what leads to a first answer come before anything else", () => {
  const leading = { ...suite, leads: (item: Case) => item.kind === "operator" && item.shape.N === 32 };
  const planned = planAtoms([{ suite: leading, cases }]);
  expect(
    planned.map(({ process, leads, cases: [item] }) => [
      process,
      leads === true,
      item!.kind === "operator" && item!.shape.N,
    ]),
  ).toEqual([
    [0, true, 32],
    [1, true, 32],
    [0, false, 16],
    [1, false, 16],
  ]);
});

test("a case's name does not depend on the order of its fields, its key changes with the code", () => {
  const item = cases[0]!;
  expect(caseId(Object.fromEntries(Object.entries(item).reverse()) as typeof item)).toBe(caseId(item));
  expect(caseKey(item)).not.toBe(caseId(item));
});

test("what is finished is not planned again", () => {
  expect(remainingAtoms(atoms, [], false)).toEqual(atoms);
  expect(remainingAtoms(atoms, recordsOf(atoms[1]!), false)).toEqual([atoms[0], atoms[2], atoms[3]]);
});

test("an unfinished atom is planned whole", () => {
  expect(remainingAtoms(atoms, recordsOf(atoms[0]!).slice(0, 1), false)).toEqual(atoms);
});

test.each(["failed", "oom", "timeout"] as const)("%s cases are planned again only when asked for", (status) => {
  const records = [...recordsOf(atoms[0]!, status), ...atoms.slice(1).flatMap((atom) => recordsOf(atom))];
  expect(remainingAtoms(atoms, records, false)).toEqual([]);
  expect(remainingAtoms(atoms, records, true)).toEqual([atoms[0]]);
});

describe("what was skipped because a shorter length ran out of memory", () => {
  const [short, long, ...others] = atoms as [Atom, Atom, Atom, Atom];
  const ran = [...recordsOf(short, "oom"), ...recordsOf(long, "skipped"), ...others.flatMap((atom) => recordsOf(atom))];

  test("stays skipped as long as that stays so", () => {
    expect(remainingAtoms(atoms, ran, false)).toEqual([]);
  });

  test("is planned again with it, and no longer skipped for how it ended before", () => {
    expect(remainingAtoms(atoms, ran, true)).toEqual([short, long]);
    const limits = new Limits(recordsBeside([short, long], ran));
    expect(limits.reasonToSkip(long.cases[0]!)).toBeUndefined();
    expect(new Limits(ran).reasonToSkip(long.cases[0]!)).toBe("oom at N = 16");
  });

  test("is planned again after that has a result", () => {
    expect(remainingAtoms(atoms, [...ran, ...recordsOf(short)], false)).toEqual([long]);
  });

  test("or was never begun under this code", () => {
    const older = recordsOf(short, "oom").map((record) => ({ ...record, key: "by older code" }));
    expect(remainingAtoms(atoms, [...older, ...ran.slice(short.cases.length)], false)).toEqual([short, long]);
  });
});

test("a case that is skipped for another reason stays skipped", () => {
  expect(remainingAtoms(atoms, [...recordsOf(atoms[1]!, "skipped")], true)).toEqual([atoms[0], atoms[2], atoms[3]]);
});

test("results of older code are planned again", () => {
  const records = recordsOf(atoms[0]!).map((record) => ({ ...record, key: "older" }));
  expect(remainingAtoms(atoms, records, false)).toEqual(atoms);
});

test("a filter joins axes by and, values by or", () => {
  const kept = applyFilter(cases, parseFilter(["N=16", "contender=softmax-full,additive-global"]));
  expect(kept.map(({ contender }) => contender)).toEqual(["additive-global", "softmax-full"]);
});

test("a filter with an unknown axis or value answers with the nearest", () => {
  expect(() => applyFilter(cases, parseFilter(["contendr=x"]))).toThrow(/Did you mean contender\?/);
  expect(() => applyFilter(cases, parseFilter(["contender=softmax-ful"]))).toThrow(UnknownNameError);
  expect(() => parseFilter(["N"])).toThrow(UsageError);
  expect(() => parseFilter(["N="])).toThrow(/must be axis=value/);
});

test("four scans of a sequence are refused before anything runs", () => {
  const item = operatorCase(context, {
    suite: "example",
    contender: "vector-4scan",
    shape: shapeOf({ grid: [16] }),
    pass: "forward",
  });
  expect(() => checkPossible([item])).toThrow(/vector-4scan on grid 16 is not possible/);
});

test("cases that other code has finished before begin anew, and are counted", () => {
  const older = recordsOf(atoms[0]!).map((record) => ({ ...record, key: "by older code" }));
  expect(casesBegunAnew(remainingAtoms(atoms, older, false), older)).toBe(atoms[0]!.cases.length);
  expect(casesBegunAnew(atoms, recordsOf(atoms[0]!))).toBe(0);
  expect(casesBegunAnew(atoms, [])).toBe(0);
});

test("parts of a plan are whole matchups and together the plan", () => {
  const atoms = planAtoms(expand(allSuites, { scale: "smoke", engine: "wasm", found: [] }));
  const parts = [1, 2, 3].map((index) => ofShard(atoms, { index, of: 3 }));
  expect(new Set(parts.flat())).toEqual(new Set(atoms));
  const names = parts.map((part) => new Set(part.map(({ matchup }) => matchup)));
  expect(names[0]!.size + names[1]!.size + names[2]!.size).toBe(new Set(atoms.map(({ matchup }) => matchup)).size);
  expect(ofShard(atoms)).toEqual(atoms);
});
