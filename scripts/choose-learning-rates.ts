// npm run choose-learning-rates -- <run>: the best of the swept learning rates of each contender, from the records of
// suite `learning-rates`, as the lines of src/catalogue/learning-rates.ts.
//
//   --check   print nothing, exit 1 where that file says otherwise

import { parseArgs } from "node:util";
import { groupBy } from "#base/group";
import { HarnessError, UsageError } from "#base/errors";
import { effectiveRecords } from "#store/atoms";
import { findRun } from "#store/layout";
import { loadRun } from "#store/load";
import { CHOSEN_LEARNING_RATES, type ChosenLearningRate } from "#catalogue/learning-rates";
import { tasks } from "#catalogue/tasks";
import { bestRates, sweptScores } from "./choose-learning-rates/best.ts";

function main(): number {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { check: { type: "boolean" } } });
  if (positionals.length === 0)
    throw new UsageError("Name the run that holds the sweep: npm run choose-learning-rates -- results/runs/<run>");
  const records = positionals.flatMap((name) => effectiveRecords(loadRun(findRun(name)).records));
  const scores = sweptScores(records, (task) => tasks.get(task).metric);
  if (scores.length === 0)
    throw new UsageError(`${positionals.join(", ")} holds no finished case of suite learning-rates.`);
  const best = bestRates(scores);
  if (values.check === true) return best.every(isWritten) ? 0 : 1;
  for (const [where, entries] of groupBy(
    scores,
    ({ task, dataset, contender }) => `${task} on ${dataset}, ${contender}`,
  )) {
    console.error(
      `${where}: ${entries.map(({ learningRate, score }) => `${learningRate} → ${score.toPrecision(4)}`).join(", ")}`,
    );
  }
  for (const { task, dataset, scale, contender, learningRate } of best) {
    console.log(
      `  { task: "${task}", dataset: "${dataset}", scale: "${scale}", contender: "${contender}", learningRate: ${learningRate} },`,
    );
  }
  return 0;
}

function isWritten(choice: ChosenLearningRate): boolean {
  const { task, dataset, scale, contender, learningRate } = choice;
  return CHOSEN_LEARNING_RATES.some(
    (entry) =>
      entry.task === task &&
      entry.dataset === dataset &&
      entry.scale === scale &&
      entry.contender === contender &&
      entry.learningRate === learningRate,
  );
}

try {
  process.exitCode = main();
} catch (error) {
  if (!(error instanceof HarnessError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
