// The parent against a simulated Slurm: whatever befalls tasks, answers and the parent itself, every process is kept once.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EnvironmentError } from "#base/errors";
import { Random } from "#base/random";
import { loadRun } from "#store/load";
import { RunWriter } from "#store/writer";
import { fixtureRun } from "#testing/fixture-records";
import { ParentKilled, SimulatedSlurm, type Conditions, type Fate } from "#testing/simulated-slurm";
import { InterruptedError } from "../../interrupted.ts";
import { planAtoms, remainingAtoms } from "../../plan.ts";
import { runWith } from "./parent.ts";
import { readState } from "./state.ts";

const { manifest: begun, suites } = fixtureRun();
const manifest = { ...begun, environments: {}, finishedAt: undefined };
const context = { scale: "smoke", engine: "wasm", datasets: ["synthetic-shapes"], seeds: 2 } as const;
const chosen = suites.filter(({ id }) => ["decode", "image-classification", "kernel-memory"].includes(id));
const atoms = planAtoms(chosen.map((suite) => ({ suite, cases: suite.cases(context) })));

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "slurm-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** One parent, from the folder as it is. */
async function parent(scheduler: SimulatedSlurm, signal = new AbortController().signal): Promise<string[]> {
  const writer = RunWriter.open(folder);
  const said: string[] = [];
  const records = readdirSync(folder).includes("manifest.json") ? loadRun(folder).records : [];
  const slurm = { slurmTask: 20, slurmPoll: 1e-4 };
  const common = { engine: "wasm", folder, contenderBudget: 1, jobs: 1, memoryLimit: 1, memoryShare: 1 } as const;
  try {
    const left = await runWith(scheduler, {
      atoms: remainingAtoms(atoms, records, false),
      options: { ...common, training: {}, slurm },
      writer,
      manifest: readdirSync(folder).includes("manifest.json") ? loadRun(folder).manifest : manifest,
      records,
      secondsOf: ({ cases }) => (cases[0]!.kind === "training" ? undefined : 8),
      signal,
      events: { say: (line) => said.push(line), onActivity: () => undefined, onAtom: () => undefined },
    });
    expect(left).toBe(0);
    return said;
  } finally {
    writer.close();
  }
}

function simulated(conditions: Partial<Conditions>, seed = 1): SimulatedSlurm {
  return new SimulatedSlurm(folder, { nodes: ["n1", "n2"], fate: () => "well", ...conditions }, new Random(seed));
}

function expectEachOnce(): void {
  const finals = loadRun(folder).records.filter(({ final }) => final);
  const names = finals.map(({ matchup, process }) => `${matchup}/${process}`);
  expect(names.toSorted()).toEqual(atoms.map(({ matchup, process }) => `${matchup}/${process}`).toSorted());
}

const okCount = () => loadRun(folder).records.filter(({ status }) => status === "ok").length;
const attempts = () => readState(folder, () => "x").tasks.flatMap((task) => task.attempts);

test("a run without faults: arrays within the allowed size, one attempt per task, logs and results gone", async () => {
  await parent(simulated({}));
  expectEachOnce();
  const { tasks } = readState(folder, () => "x");
  expect(tasks.length).toBeGreaterThanOrEqual(8);
  expect(attempts()).toHaveLength(tasks.length);
  expect(readdirSync(join(folder, "slurm", "results"))).toEqual([]);
  expect(loadRun(folder).manifest.finishedAt).toBeDefined();
});

test("a queue that takes few tasks is filled bit by bit, and nothing is submitted twice", async () => {
  const scheduler = simulated({ mostJobs: 3 });
  const said = await parent(scheduler);
  expectEachOnce();
  expect(said.join("\n")).toMatch(/sbatch refused \d tasks \(.*submit limit/);
  expect(new Set(scheduler.tasks.map(({ id }) => id)).size).toBe(scheduler.tasks.length);
});

const FATES: readonly Fate[] = ["FAILED", "PREEMPTED", "NODE_FAIL", "stopped", "vanishes"];

test.each(FATES)("first attempts that end as %s are made again", async (fate) => {
  const met = new Set<string>();
  const once: Conditions["fate"] = () => (met.size < 3 ? (met.add(String(met.size)), fate) : "well");
  await parent(simulated({ fate: once, hasAccounting: true }));
  expectEachOnce();
  expect(loadRun(folder).records.every(({ status }) => status === "ok")).toBe(true);
  expect(attempts().length).toBeGreaterThan(readState(folder, () => "x").tasks.length);
});

test("after three attempts what is left is failed, with all reasons", async () => {
  const isDoomed = ({ tasks }: SimulatedSlurm) => tasks.some(({ id, state }) => id === 2 && state === "PENDING");
  const scheduler: SimulatedSlurm = simulated({
    nodes: ["n1"],
    fate: () => (isDoomed(scheduler) ? "PREEMPTED" : "well"),
  });
  await parent(scheduler);
  expectEachOnce();
  const failed = loadRun(folder).records.filter(({ status }) => status === "failed");
  expect(failed.length).toBeGreaterThan(0);
  expect(failed[0]).toMatchObject({ reason: "lost on Slurm: PREEMPTED on n1; PREEMPTED on n1; PREEMPTED on n1" });
});

test("a node on which two attempts fail gets no more work, and is named", async () => {
  const said = await parent(simulated({ fate: (_, node) => (node === "n2" ? "BOOT_FAIL" : "well") }));
  expectEachOnce();
  expect(said.at(-1)).toBe("node n2 failed 2 times and was given no more work");
});

test("where attempts fail on every node none is excluded", async () => {
  const scheduler = simulated({ fate: (random) => (random.uniform() < 0.4 ? "FAILED" : "well") });
  await parent(scheduler);
  expectEachOnce();
});

test("what is asked for and not there ends the run with the reason; a limit that is reached is waited for", async () => {
  await expect(parent(simulated({ refusal: "invalid partition specified: gpus" }))).rejects.toThrow(EnvironmentError);
  await expect(parent(simulated({ refusal: "invalid partition specified: gpus" }))).rejects.toThrow(/gpus.*--resume/);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  const waiting = parent(simulated({ refusal: "Job violates policy (job submit limit)" }), controller.signal);
  await expect(waiting).rejects.toThrow(InterruptedError);
});

test("where no node has measured anything, the run ends and says where their words are", async () => {
  await expect(parent(simulated({ fate: () => "BOOT_FAIL" }))).rejects.toThrow(/no node has measured anything.*logs/);
});

test.each(Array.from({ length: 20 }, (_, seed) => seed))(
  "parents killed at random, seed %i, lose nothing",
  async (seed) => {
    const rarely: Conditions["fate"] = (random) =>
      random.uniform() < 0.15 ? FATES[Math.floor(FATES.length * random.uniform())]! : "well";
    const hasAccounting = seed % 2 === 0;
    const scheduler = simulated({ fate: rarely, silence: 0.2, deaths: 0.1, mostJobs: 5, hasAccounting }, seed);
    let kills = 0;
    const isOver = () =>
      parent(scheduler).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof ParentKilled)) throw error;
          kills++;
          return false;
        },
      );
    while (!(await isOver()));
    expect(kills).toBeGreaterThan(0);
    expectEachOnce();
    expect(okCount()).toBeGreaterThan(0);
  },
);
