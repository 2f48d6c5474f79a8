// The numbers that docs/reading-results.md explains, each from the published run whose picture stands beside it.

import { formatSeconds } from "#base/units";
import { SUBJECT } from "#evidence/point";
import type { ClaimPoint } from "#evidence/claims/claim";
import type { Evidence } from "#evidence/evidence";
import { labelOf } from "#report/palette";
import { countOf, printDifference, printEstimate } from "#report/print";
import type { PublishedRun } from "./published.ts";

const LAYERS = "kernels-small";
const SCORES = "mnist-models-small";
const FREE = "linear-global";

/** By name of its block. @throws {Error} a run that the document explains is not published */
export function readingTexts(
  runs: readonly Pick<PublishedRun, "name" | "evidence">[],
): Readonly<Record<string, string>> {
  const of = (name: string): Evidence => {
    const run = runs.find((one) => one.name === name);
    if (run === undefined) throw new Error(`docs/reading-results.md explains ${name}, which is not published`);
    return run.evidence;
  };
  return { interval: intervalText(of(LAYERS)), n: seedsText(of(SCORES)), verdict: verdictText(of(LAYERS)) };
}

function intervalText({ results, ratios }: Evidence): string {
  const layer = (contender: string) =>
    results.find(
      ({ contender: own, axes }) =>
        own === contender && axes["level"] === "mixer" && axes["dims"] === 2 && axes["pass"] === "forward",
    )!;
  const ratio = ratios(layer(FREE), SUBJECT)!;
  const crosses = ratio.low! < 1 && ratio.high! > 1;
  return `Here LightNet's layer takes ${formatSeconds(layer(SUBJECT).time!.estimate)}. The row of ${labelOf(FREE)}, stands at ${printEstimate(ratio, "plain")}: its whisker ${crosses ? "crosses the line, so no difference is shown" : "does not cross the line, which shows a difference"}.`;
}

function seedsText({ claims, results }: Evidence): string {
  const point = claims.find(({ id }) => id === "C3")!.points.find(({ what }) => what === "after equal training")!;
  const counts = results.map(({ n }) => n);
  const { where, estimate } = point;
  const rival = results.find(({ contender }) => contender === where["contender"])!;
  const subject = results.find(({ contender }) => contender === "lightnet")!;
  const score = (one: typeof rival): string => printEstimate(one.training!.scores.get("top1")!, "percent");
  return `Here n is ${Math.min(...counts)} to ${countOf(Math.max(...counts), "seeds")}, each with the same data in the same order for all models. LightNet has ${score(subject)}, its best multiplicative rival, ${labelOf(String(where["contender"]))}, ${score(rival)}. Seed by seed the difference is ${printDifference(estimate!, "points")} (n = ${estimate!.n}).`;
}

function verdictText({ claims }: Evidence): string {
  const claim = claims.find(({ id }) => id === "C1")!;
  const points = claim.points.filter(({ where, verdict }) => where["pass"] === "forward" && verdict !== undefined);
  const place = ({ where, estimate, verdict }: ClaimPoint): string =>
    `${where["dims"]}-D: ${labelOf(String(where["contender"]))} at ${printEstimate(estimate!, "plain")}: ${verdict}`;
  return `Here, forward: ${points.map(place).join("; ")}. With its other points C1 ${claim.verdict === "undecided" ? "is undecided" : claim.verdict}.`;
}
