import { expect, test } from "vitest";
import { allSuites } from "../../../../suites/index.ts";
import { expand } from "../../expand.ts";
import { isTimed, isTraining } from "../../phases.ts";
import { planAtoms } from "../../plan.ts";
import { countedAttempts } from "./ledger.ts";
import { accountsIn, arraySizeIn, isGoingOn, ranges, sightingsIn } from "./scheduler.ts";
import { scriptOf } from "./script.ts";
import { slurmSettingsSchema } from "./settings.ts";
import { packTasks } from "./tasks.ts";

const atoms = planAtoms(expand(allSuites, { scale: "smoke", engine: "wasm", found: [] }));

test("tasks hold whole matchups, and every atom once; a training is a task, and timed work is with its like", () => {
  const tasks = packTasks(atoms, { seconds: 60, secondsOf: () => 10 });
  expect(tasks.flatMap((task) => task.atoms).length).toBe(atoms.length);
  const places = new Map<string, Set<number>>();
  tasks.forEach((task, index) => {
    for (const { matchup } of task.atoms) places.set(matchup, (places.get(matchup) ?? new Set()).add(index));
    if (task.atoms.some(isTraining)) expect(new Set(task.atoms.map(({ matchup }) => matchup)).size).toBe(1);
    expect(task.atoms.every((atom) => isTimed(atom) === (task.kind === "timed"))).toBe(true);
  });
  for (const tasksOf of places.values()) expect(tasksOf.size).toBe(1);
  expect(tasks.length).toBeLessThan(atoms.length);
});

test("answers of squeue and sacct; a state of neither list has ended", () => {
  expect(sightingsIn("lnb-1-0|3|RUNNING|n1\nlnb-1-0|4|PENDING|\nother|N/A|RUNNING|n2\n")).toEqual([
    { job: "lnb-1-0", index: 3, state: "RUNNING", node: "n1" },
    { job: "lnb-1-0", index: 4, state: "PENDING", node: "" },
  ]);
  expect(accountsIn("lnb-1-0|77_3|CANCELLED by 1000|n1\nlnb-1-0|77|COMPLETED|n1\n")).toEqual([
    { job: "lnb-1-0", index: 3, state: "CANCELLED", node: "n1" },
  ]);
  const states = ["RUNNING", "REQUEUED", "PREEMPTED", "NODE_FAIL", "TIMEOUT"];
  expect(states.map((state) => isGoingOn({ job: "", index: 0, state, node: "" }))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("the size of arrays, and indices as ranges", () => {
  expect(arraySizeIn("MaxArraySize            = 6\n")).toBe(6);
  expect(arraySizeIn("")).toBe(1001);
  expect(ranges([5, 0, 1, 2])).toBe("0-2,5");
});

test("a script names no part of the plan, quotes its folder, and counts its indices from the offset", () => {
  const submission = { job: "lnb-1-0-6", seconds: 60, excluded: ["n3"], folder: "/a b/it's", logs: "/logs" };
  const settings = { slurmPartition: "a,b", slurmFlag: ["qos=long", "--nice"] };
  const script = scriptOf({ ...submission, kind: "timed", ids: [6, 7, 9] }, settings);
  for (const line of [
    "--array=0-1,3",
    "--partition=a,b",
    "--exclude=n3",
    "--exclusive",
    "--no-requeue",
    "--qos=long",
    "--nice",
  ])
    expect(script.split("\n")).toContain(`#SBATCH ${line}`);
  expect(script).toContain(String.raw`'/a b/it'\''s' lnb-1-0-6 $((SLURM_ARRAY_TASK_ID + 6))`);
  expect(scriptOf({ ...submission, kind: "shared", ids: [6] }, {})).not.toContain("--exclusive");
});

test("no option breaks out of its line", () => {
  expect(slurmSettingsSchema.safeParse({ slurmPartition: "a\n#SBATCH --uid=0" }).success).toBe(false);
  expect(slurmSettingsSchema.safeParse({ slurmFlag: ["--x; rm"] }).success).toBe(false);
  expect(slurmSettingsSchema.safeParse({ slurmGres: "gpu:a100:1" }).success).toBe(true);
});

test("an attempt that took a training on until its limit is no failure", () => {
  const attempt = { job: "j-0", submittedAt: 0, ended: "stopped before its end" };
  expect(countedAttempts([attempt, { ...attempt, gotOn: true as const }])).toBe(1);
});
