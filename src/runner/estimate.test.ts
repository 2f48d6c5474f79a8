import { expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { caseId } from "#case/case";
import { Estimate, expectations, totalOf } from "./estimate.ts";
import { planAtoms } from "./plan.ts";

const { records, suites } = fixtureRun({ processes: 1, rounds: 3 });
const context = { scale: "smoke", engine: "wasm", datasets: ["synthetic-shapes"], seeds: 1 } as const;
const atomsOf = (id: string) =>
  planAtoms(suites.filter((suite) => suite.id === id).map((suite) => ({ suite, cases: suite.cases(context) })));

test("before anything has ended, timed atoms are expected to take their budgets", () => {
  const atoms = atomsOf("decode");
  const cases = atoms.flatMap((atom) => atom.cases).length;
  const { seconds, unknown } = totalOf(atoms, expectations([], { contenderBudget: 2 }));
  expect(seconds).toBeCloseTo(1.5 * atoms.length + 3 * cases);
  expect(unknown).toBe(0);
});

test("then the ones that have ended set the pace", () => {
  const atoms = atomsOf("decode");
  const estimate = new Estimate(atoms, expectations([], { contenderBudget: 2 }));
  const before = estimate.remaining(undefined).seconds;
  const each = before / atoms.length;
  estimate.note(atoms[0]!, 3 * each);
  expect(estimate.remaining(undefined).seconds).toBeCloseTo(3 * each * (atoms.length - 1));
  const running = { atom: atoms[1]!, since: each };
  expect(estimate.remaining(running).seconds).toBeCloseTo(3 * each * (atoms.length - 1) - each);
});

test("a training is known from earlier records, or says itself what is left, or is counted as unknown", () => {
  const atoms = atomsOf("image-classification");
  const first = atoms[0]!;
  expect(totalOf([first], expectations([], { contenderBudget: 2 }))).toEqual({ seconds: 0, unknown: 1 });
  expect(
    new Estimate([first], expectations([], { contenderBudget: 2 })).remaining({ atom: first, since: 5, left: 7 }),
  ).toEqual({
    seconds: 7,
    unknown: 0,
  });
  const own = records.filter((record) => record.caseId === caseId(first.cases[0]!));
  expect(own.length).toBe(1);
  const { seconds, unknown } = totalOf([first], expectations([own], { contenderBudget: 2 }));
  expect(unknown).toBe(0);
  expect(seconds).toBeCloseTo(1.5 + 4 + 4 * 0.5); // start, 200 steps of 0.02 s, four evaluations
});

test("of several earlier runs the newest that holds a case is believed", () => {
  const [first] = atomsOf("image-classification");
  const own = records.filter((record) => record.caseId === caseId(first!.cases[0]!));
  const one = totalOf([first!], expectations([own], { contenderBudget: 2 })).seconds;
  expect(totalOf([first!], expectations([[], own, own], { contenderBudget: 2 })).seconds).toBeCloseTo(one);
});

test("an atom that takes longer than expected makes the rest longer, before any has ended", () => {
  const atoms = atomsOf("decode");
  const estimate = new Estimate(atoms, expectations([], { contenderBudget: 2 }));
  const each = estimate.remaining(undefined).seconds / atoms.length;
  const { seconds } = estimate.remaining({ atom: atoms[0]!, since: 4 * each });
  expect(seconds).toBeCloseTo(4 * each * (atoms.length - 1));
});

test("a training of which nothing is known is expected to take as long as another of its suite", () => {
  const [first] = atomsOf("image-classification");
  const second = { ...first!, process: 2 };
  const estimate = new Estimate([first!, second], expectations([], { contenderBudget: 2 }));
  expect(estimate.remaining({ atom: first!, since: 10, left: 30 })).toEqual({ seconds: 30 + 40, unknown: 0 });
  estimate.note(first!, 50);
  expect(estimate.remaining({ atom: second, since: 20 })).toEqual({ seconds: 30, unknown: 0 });
});
