// The correctness gate: the strategy that will be timed has to agree with the float64 reference on small inputs, on this
// engine, in this run; and the layer that will be trained, with encoding, norm, gate and local mixing, with its definition.

import { CorrectnessError, describeError } from "#base/errors";
import { hashJson } from "#base/json";
import { unknownName } from "#base/registry";
import type { RunningEngine } from "#engine/engine";
import { checkLayer } from "#models/layer-check";
import { allWithin } from "#ops/compare";
import { checkStrategy, type ConformanceResult } from "#ops/conformance";
import { checkModuleMixer, type ModuleCheck } from "#models/module-gate";
import { unsupportedAsHalf } from "#ops/half";
import type { Strategy } from "#ops/operator";
import { operators } from "#ops/registry";
import type { GateItem, GateResult } from "../protocol.ts";

type Verdict = Pick<GateResult, "ok" | "largestError" | "tolerance" | "reason">;

/** Checks every item, one after the other; items that come to the same form and strategy are checked once. */
export async function* checkItems(items: readonly GateItem[], engine: RunningEngine): AsyncGenerator<GateResult> {
  const verdicts = new Map<string, Verdict>();
  for (const item of items) {
    try {
      if (item.spec.op === "module") {
        const checks = await checkModuleMixer(item.spec.module!, engine);
        yield { item, strategy: item.strategy, ...verdictOf(checks.map(asResult)) };
        continue;
      }
      const strategy = await strategyOf(item, engine);
      const key = hashJson([item.spec, strategy.id, item.precision ?? "float32", item.layer ?? "none"]);
      const verdict = verdicts.get(key) ?? verdictOf(await check(item, strategy, engine));
      verdicts.set(key, verdict);
      yield { item, strategy: strategy.id, ...verdict };
    } catch (error) {
      const { strategy } = item;
      yield { item, strategy, ok: false, largestError: 0, tolerance: 0, reason: describeError(error) };
    }
  }
}

/** @throws {UnknownNameError} no such strategy @throws {CorrectnessError} it cannot do this form here */
async function strategyOf(item: GateItem, engine: RunningEngine): Promise<Strategy> {
  const operator = operators.get(item.spec.op);
  const { strategies, choose } = await operator.load();
  const id = item.strategy === "default" ? choose(item.spec, item.shape, engine) : item.strategy;
  const strategy = strategies.find((candidate) => candidate.id === id);
  if (strategy === undefined)
    throw unknownName(
      `strategy of ${operator.id}`,
      id,
      strategies.map((candidate) => candidate.id),
    );
  const names = Object.keys(operator.inputShapes(item.spec, item.shape)) as (keyof ReturnType<
    typeof operator.inputShapes
  >)[];
  const { spec, shape } = item;
  const reason =
    item.precision === "float16"
      ? unsupportedAsHalf(strategy, { spec, shape, engine }, names)
      : strategy.unsupported(spec, shape, engine, names);
  if (reason !== undefined) throw new CorrectnessError(`strategy ${id} of ${operator.id} cannot do this: ${reason}`);
  return strategy;
}

async function check(item: GateItem, strategy: Strategy, engine: RunningEngine): Promise<ConformanceResult[]> {
  const results = await checkStrategy({
    operator: operators.get(item.spec.op),
    strategy,
    spec: item.spec,
    engine,
    quick: true,
    precision: item.precision ?? "float32",
  });
  if (item.layer === undefined) return results;
  const errors = await checkLayer(item.layer, engine);
  return [...results, { case: "layer", strategy: strategy.id, errors, leaked: 0, ok: allWithin(errors) }];
}

function asResult(check: ModuleCheck): ConformanceResult {
  return { ...check, strategy: "module", ok: allWithin(check.errors) && check.leaked === 0 };
}

/** The error nearest to its tolerance speaks for all; a check that looked at nothing is no check. */
function verdictOf(results: readonly ConformanceResult[]): Verdict {
  const errors = results.flatMap((result) => result.errors.map((error) => ({ ...error, case: result.case })));
  if (errors.length === 0)
    return { ok: false, largestError: 0, tolerance: 0, reason: "no conformance case applies, so nothing was checked" };
  const worst = errors.reduce((a, b) => (b.error / b.tolerance > a.error / a.tolerance ? b : a));
  const broken = results.find((result) => !result.ok);
  const verdict = { largestError: finite(worst.error), tolerance: worst.tolerance };
  if (broken === undefined) return { ok: true, ...verdict };
  const wrong = broken.errors.find(({ error, tolerance }) => !(error <= tolerance)) ?? worst;
  const place = wrong.at === undefined ? "" : ` at ${wrong.at}`;
  const what =
    broken.leaked === 0
      ? `${wrong.name} is off by ${wrong.error.toExponential(2)}${place}, allowed ${wrong.tolerance}`
      : `leaks ${broken.leaked} tensors`;
  return { ok: false, ...verdict, reason: `case ${broken.case}: ${what}` };
}

/** JSON has no NaN; an error that is no number is as large as can be. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : Number.MAX_VALUE;
}
