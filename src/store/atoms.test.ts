import fc from "fast-check";
import { expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { effectiveRecords, finishedKeys } from "./atoms.ts";
import type { RunRecord } from "./record.ts";

const [sample] = fixtureRun({ processes: 1, rounds: 1 }).records as [RunRecord];

/** The lines of an attempt at an atom: rounds of two cases; `cut` of the lines were written before a kill, all without it. */
function attempt(
  name: string,
  process: number,
  { rounds, cut }: { rounds: readonly number[]; cut?: number },
): RunRecord[] {
  const lines = rounds.flatMap((count, index) =>
    Array.from({ length: count }, (_, round) => ({
      ...sample,
      matchup: name,
      process,
      caseId: `${name}-case-${index}`,
      key: `${name}-case-${index}-code`,
      round,
      final: false,
    })),
  );
  return cut === undefined
    ? lines.map((line, index) => ({ ...line, final: index === lines.length - 1 }))
    : lines.slice(0, Math.min(cut, lines.length - 1));
}

const rounds = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 });
/** Attempts at one atom, each whole or cut off, with the number of rounds that its own noise asked for. */
const attempts = fc.array(fc.record({ rounds, cut: fc.option(fc.nat(12), { nil: undefined }) }), { maxLength: 4 });
const atoms = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.array(attempts, { minLength: 1, maxLength: 2 }));

test("of every atom the last finished attempt counts, whole and once, whatever lines lie before, after and between", () => {
  fc.assert(
    fc.property(atoms, fc.infiniteStream(fc.nat()), (byName, choices) => {
      const queues: RunRecord[][] = [];
      const expected: RunRecord[] = [];
      for (const [name, processes] of Object.entries(byName)) {
        // Attempts at one atom have the same cases; only the number of rounds differs.
        const cases = Math.max(...processes.flat().map((entry) => entry.rounds.length), 1);
        for (const [process, list] of processes.entries()) {
          const written = list.map(({ rounds: counts, cut }) =>
            attempt(name, process, {
              rounds: Array.from({ length: cases }, (_, index) => counts[index] ?? 1),
              ...(cut === undefined ? {} : { cut }),
            }),
          );
          queues.push(written.flat());
          expected.push(...(written.findLast((lines) => lines.at(-1)?.final === true) ?? []));
        }
      }
      const file: RunRecord[] = [];
      for (
        let open = queues.filter(({ length }) => length > 0);
        open.length > 0;
        open = open.filter((q) => q.length > 0)
      )
        file.push(open[choices.next().value! % open.length]!.shift()!);
      expect(new Set(effectiveRecords(file))).toEqual(new Set(expected));
      expect(effectiveRecords(file)).toHaveLength(expected.length);
    }),
  );
});

test("lines of one attempt count in any order that ends with the final one", () => {
  const lines = attempt("a", 0, { rounds: [3, 4] });
  fc.assert(
    fc.property(fc.shuffledSubarray(lines.slice(0, -1), { minLength: lines.length - 1 }), (others) => {
      expect(new Set(effectiveRecords([...others, lines.at(-1)!]))).toEqual(new Set(lines));
    }),
  );
});

test("attempts that are counted are told apart in any order of lines", () => {
  const cut = attempt("a", 0, { rounds: [4, 4], cut: 6 });
  const whole = attempt("a", 0, { rounds: [2, 3] }).map((line) => ({ ...line, attempt: 2 }));
  const others = [...cut, ...whole.slice(0, -1)];
  fc.assert(
    fc.property(fc.shuffledSubarray(others, { minLength: others.length }), (lines) => {
      expect(new Set(effectiveRecords([...lines, whole.at(-1)!]))).toEqual(new Set(whole));
    }),
  );
});

test("a cut attempt with more rounds than its repetition leaves none behind", () => {
  const cut = attempt("a", 0, { rounds: [8, 2], cut: 9 });
  const whole = attempt("a", 0, { rounds: [3, 2] });
  expect(effectiveRecords([...cut, ...whole])).toEqual(whole);
  expect(effectiveRecords([...whole, ...cut])).toEqual(whole);
});

test("a finished atom replaces an earlier one in its place, and only finished ones have keys", () => {
  const [a, b, again] = [
    attempt("a", 0, { rounds: [2] }),
    attempt("b", 0, { rounds: [2] }),
    attempt("a", 0, { rounds: [1] }),
  ];
  expect(effectiveRecords([...a, ...b, ...again])).toEqual([...again, ...b]);
  expect([...finishedKeys([...attempt("c", 0, { rounds: [2], cut: 1 }), ...b])]).toEqual([
    ["b/0", new Set(["b-case-0-code"])],
  ]);
});
