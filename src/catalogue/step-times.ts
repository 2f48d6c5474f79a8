// Seconds of a training step, measured by suite `step-times` on an idle machine, and the cases that follow from them: a rival
// trained for as many seconds as LightNet, on a whole schedule of its own. `npm run choose-step-times -- <run>` prints these
// lines from the suite's records.

import type { EngineId, Scale, TrainingCase } from "#case/case";
import { sweptFor } from "./learning-rates.ts";

export interface StepTime {
  readonly task: string;
  readonly dataset: string;
  readonly scale: Scale;
  readonly engine: EngineId;
  readonly contender: string;
  readonly seconds: number;
}

/** None yet: the timings have not been made. */
export const STEP_TIMES: readonly StepTime[] = [];

/** Rivals that are trained for as many seconds: attention, the strongest decay in both directions and for one scan a layer, the cheapest. */
const RIVALS: ReadonlySet<string> = new Set([
  "softmax-rope",
  "softmax-rope-causal",
  "hgrn2-2scan",
  "hgrn2-2scan-alternate",
  "hgrn2-causal",
  "retnet-2scan",
  "retnet-causal",
]);

/** The cases, and after them for each rival whose step was timed the same at equal seconds: steps × t(LightNet) / t(rival). */
export function withEqualSeconds(cases: readonly TrainingCase[], times = STEP_TIMES): TrainingCase[] {
  return [...cases, ...cases.flatMap((item) => atEqualSeconds(item, times))];
}

function atEqualSeconds(item: TrainingCase, times: readonly StepTime[]): TrainingCase[] {
  const as = item.model.mixer.operator.causal ? "lightnet-causal" : "lightnet";
  const [own, rival] = [as, item.contender].map((contender) => secondsOf(item, contender, times));
  if (!RIVALS.has(item.contender) || own === undefined || rival === undefined) return [];
  const stepRatio = own / rival;
  const { steps, warmupSteps } = item.recipe;
  const recipe = {
    ...item.recipe,
    steps: Math.max(1, Math.round(steps * stepRatio)),
    warmupSteps: Math.round(warmupSteps * stepRatio),
  };
  return [{ ...item, recipe, equalSeconds: { as, stepRatio } }];
}

function secondsOf(item: TrainingCase, contender: string, times: readonly StepTime[]): number | undefined {
  const { task, scale, engine } = item;
  const dataset = sweptFor(item.dataset);
  return times.find(
    (time) =>
      time.task === task &&
      time.dataset === dataset &&
      time.scale === scale &&
      time.engine === engine &&
      time.contender === contender,
  )?.seconds;
}
