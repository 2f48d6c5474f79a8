// compare.mjs LOCAL SLURM: what a run on Slurm holds beside the same run here. Exits 1 where they differ in more than times.

import { existsSync, readFileSync } from "node:fs";

const [local, slurm] = process.argv.slice(2);
const records = (run) =>
  readFileSync(`${run}/records.jsonl`, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const [here, there] = [records(local), records(slurm)];
const equal = (a, b) => JSON.stringify(a) === JSON.stringify(b);

const processes = (lines) =>
  lines.filter(({ final }) => final).map(({ matchup, process: number }) => `${matchup}/${number}`);
const cases = (lines) => [...new Set(lines.map(({ caseId, status }) => `${caseId} ${status}`))].sort();
const scores = (lines) =>
  lines.flatMap(({ caseId, training }) => (training === undefined ? [] : [[caseId, training.scores]])).sort();

const facts = {
  "every process of the local run, each once": equal(processes(here).sort(), processes(there).sort()),
  "the same cases with the same status": equal(cases(here), cases(there)),
  "equal scores of all trainings": equal(scores(here), scores(there)),
  "no part of a process without its end": there.every((line, index) => line.final || index < there.length - 1),
};
const { tasks } = JSON.parse(readFileSync(`${slurm}/slurm/state.json`, "utf8"));
const ends = {};
for (const { attempts } of tasks)
  for (const { ended = "with results taken before its end was seen" } of attempts) ends[ended] = (ends[ended] ?? 0) + 1;
console.log(
  `  ${processes(there).length} processes, ${new Set(there.map(({ caseId }) => caseId)).size} cases, ${tasks.length} tasks`,
);
console.log(
  `  attempts: ${Object.entries(ends)
    .map(([how, count]) => `${count} ${how}`)
    .join(", ")}`,
);
for (const [name, holds] of Object.entries(facts)) console.log(`  ${holds ? "yes" : "NO "} ${name}`);
const refusals = existsSync(`${slurm}.log`) ? readFileSync(`${slurm}.log`, "utf8").match(/^sbatch refused.*$/gm) : null;
if (refusals !== null) console.log(`  refusals told: ${refusals.length}, such as: ${refusals[0]}`);
process.exit(Object.values(facts).every(Boolean) ? 0 : 1);
