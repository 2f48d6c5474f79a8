import { expect, test } from "vitest";
import { allSuites } from "../../suites/index.ts";
import type { RunRecord } from "#store/record";
import { expand } from "./expand.ts";
import { isTimed, isTraining, runPhases, type Pool } from "./phases.ts";
import { planAtoms, type Atom } from "./plan.ts";
import { WHOLE_MACHINE, type Slot } from "./slot.ts";

const planned = planAtoms(expand(allSuites, { scale: "smoke", engine: "wasm", found: [] }));
const take = (count: number, filter: (atom: Atom) => boolean) => planned.filter(filter).slice(0, count);
const trainings = take(4, isTraining);
const readings = take(2, (atom) => !isTraining(atom) && !isTimed(atom));
const timed = take(3, isTimed);
const atoms = [...trainings, ...timed, ...readings];

const ended = (status: "ok" | "oom") => [{ status } as RunRecord];
const never = new AbortController().signal;

/** Notes how many atoms run at once, and what each was told. */
function watched(given: Partial<Pool> & Pick<Pool, "slots">) {
  const running = new Set<Atom>();
  const notes: { atom: Atom; beside: number; slot: Slot; steps: boolean }[] = [];
  const kept: Atom[] = [];
  const pool: Pool = {
    atoms,
    deadline: never,
    signal: never,
    keepsCheckpoints: true,
    run: async (atom, { slot, stepTimes }) => {
      running.add(atom);
      await new Promise((resolve) => setImmediate(resolve));
      notes.push({ atom, beside: running.size, slot, steps: stepTimes !== undefined });
      await new Promise((resolve) => setImmediate(resolve));
      running.delete(atom);
      return ended("ok");
    },
    timeSteps: () => Promise.resolve([running.size === 0 ? 1 : 0]),
    keep: (atom) => {
      kept.push(atom);
      return Promise.resolve();
    },
    ...given,
  };
  return { pool, notes, kept };
}

const slots: Slot[] = ["0", "1"].map((core) => ({ prefix: ["taskset", core], environment: {} }));

test("there are atoms of each kind to try this with", () => {
  expect([trainings.length, readings.length, timed.length]).toEqual([4, 2, 3]);
});

test("one slot: as planned, one after the other", async () => {
  const { pool, notes, kept } = watched({ slots: [WHOLE_MACHINE] });
  expect(await runPhases(pool)).toBe(0);
  expect(kept).toEqual(atoms);
  expect(notes.every(({ beside, steps }) => beside === 1 && !steps)).toBe(true);
});

test("two slots: what is timed runs alone on the whole machine, the rest side by side on slots of its own", async () => {
  const { pool, notes, kept } = watched({ slots });
  expect(await runPhases(pool)).toBe(0);
  expect(new Set(kept)).toEqual(new Set(atoms));
  for (const { atom, beside, slot } of notes)
    if (isTimed(atom)) expect([beside, slot]).toEqual([1, WHOLE_MACHINE]);
    else expect(slots).toContain(slot);
  expect(Math.max(...notes.map(({ beside }) => beside))).toBe(2);
  expect(notes.filter(({ atom }) => isTraining(atom)).every(({ steps }) => steps)).toBe(true);
});

test("what runs out of its share of memory runs again alone", async () => {
  const [large] = trainings;
  const seen: Slot[] = [];
  const { pool, kept } = watched({
    slots,
    run: (atom, { slot }) => {
      if (atom === large) seen.push(slot);
      return Promise.resolve(ended(atom === large && slot !== WHOLE_MACHINE ? "oom" : "ok"));
    },
  });
  expect(await runPhases(pool)).toBe(0);
  expect(seen.map((slot) => slot === WHOLE_MACHINE)).toEqual([false, true]);
  expect(kept.filter((atom) => atom === large)).toHaveLength(1);
});

test("a spent budget leaves what has not begun", async () => {
  const { pool } = watched({ slots, deadline: AbortSignal.abort() });
  expect(await runPhases(pool)).toBe(atoms.length);
});
