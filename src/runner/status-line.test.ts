import { expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { planAtoms } from "./plan.ts";
import { atomLine } from "./atom-lines.ts";
import { remainingText, statusLine } from "./status-line.ts";

const { records, suites } = fixtureRun({ processes: 1, rounds: 12 });
const context = { scale: "smoke", engine: "wasm", datasets: ["synthetic-shapes"], seeds: 1 } as const;
const atoms = planAtoms(suites.map((suite) => ({ suite, cases: suite.cases(context) })));
const recordsOf = (matchup: string) => records.filter((record) => record.matchup === matchup);
const progress = { done: 2, total: 9, elapsed: 12 };

test("from the first second the line says phase, progress and one remaining time", () => {
  const activity = { phase: "checking correctness", done: 3, total: 20 } as const;
  expect(statusLine(activity, progress, { seconds: 95, unknown: 0 })).toBe(
    "[2/9] checking correctness, form 3 of 20 · 12 s so far, about 95 s left",
  );
});

test("while measuring it says contender, round, and how well its time is known", () => {
  const atom = atoms.find(({ cases }) => cases[0]!.kind === "operator")!;
  const line = statusLine(
    { phase: "measuring", atom, contender: "vector-2scan", done: 12, halfWidth: 0.0312 },
    progress,
    { seconds: 0.2, unknown: 0 },
  );
  expect(line).toMatch(
    /^\[2\/9\] measuring vector-2scan, round 12, ±3\.1 % · \S+ \S.*, process 1 · 12 s so far, nearly done$/,
  );
});

test("while training it says step and loss; what is not known is not guessed", () => {
  const line = statusLine({ phase: "training", contender: "lightnet", done: 40, total: 200, loss: 1.23456 }, progress, {
    seconds: 0,
    unknown: 1,
  });
  expect(line).toContain("training lightnet, step 40 of 200, loss 1.235");
  expect(remainingText({ seconds: 60, unknown: 2 })).toBe("more than 60 s left");
});

test("a finished process is one line: the first time, the span of the others, its seconds; all of them when asked", () => {
  const atom = atoms.find(
    ({ cases, matchup }) => cases.length > 5 && recordsOf(matchup).some(({ status }) => status === "ok"),
  )!;
  const own = recordsOf(atom.matchup);
  const line = atomLine(atom, own, 4.71);
  expect(line).toMatch(/: additive-\S+ [\d.]+ \S*s, \d+ others? [\d.]+× \(\S+\) to [\d.]+× \(\S+\).*; 4\.7 s$/);
  const whole = atomLine(atom, own, 4.71, true);
  for (const { contender } of atom.cases) expect(whole).toContain(contender);
});
