// npm run choose-learning-rates -- <run>: the best of the swept learning rates of each contender, from the records of
// suite `learning-rates`, as the entries of src/catalogue/learning-rates.ts.
//
//   --check   print nothing, exit 1 where that file says otherwise

import { parseArgs } from "node:util";
import { groupBy } from "#base/group";
import { HarnessError, UsageError } from "#base/errors";
import { effectiveRecords } from "#store/atoms";
import { findRun } from "#store/layout";
import { loadRun } from "#store/load";
import { chosenRate, type Sweep } from "#catalogue/learning-rates";
import { tasks } from "#catalogue/tasks";
import { bestRates, sweptScores, type SweptScore } from "./choose-learning-rates/best.ts";

function main(): number {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { check: { type: "boolean" } } });
  if (positionals.length === 0)
    throw new UsageError("Name the run that holds the sweep: npm run choose-learning-rates -- results/runs/<run>");
  const records = positionals.flatMap((name) => effectiveRecords(loadRun(findRun(name)).records));
  const scores = sweptScores(records, (task) => tasks.get(task).metric);
  if (scores.length === 0)
    throw new UsageError(`${positionals.join(", ")} holds no finished case of suite learning-rates.`);
  const best = bestRates(scores);
  if (values.check === true)
    return best.every((choice) => chosenRate(choice, choice.scale) === choice.learningRate) ? 0 : 1;
  for (const [where, entries] of groupBy(
    scores,
    ({ task, dataset, contender }) => `${task} on ${dataset}, ${contender}`,
  )) {
    console.error(
      `${where}: ${entries.map(({ learningRate, score }) => `${learningRate} → ${score.toPrecision(4)}`).join(", ")}`,
    );
  }
  for (const sweep of sweepsOf(best)) console.log(`${JSON.stringify(sweep, undefined, 2)},`);
  return 0;
}

/** One entry for each task and data set, as src/catalogue/learning-rates.ts holds them. */
function sweepsOf(best: readonly SweptScore[]): Sweep[] {
  const groups = groupBy(best, ({ task, dataset, scale }) => `${task}/${dataset}/${scale}`);
  return [...groups.values()].map((choices) => {
    const { task, dataset, scale } = choices[0]!;
    const rates = Object.fromEntries(choices.map(({ contender, learningRate }) => [contender, learningRate]));
    return { task, dataset, scale, rates };
  });
}

try {
  process.exitCode = main();
} catch (error) {
  if (!(error instanceof HarnessError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
