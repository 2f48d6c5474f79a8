// Whether a training step is right: loss and gradients beside ours at the same weights and batch, row by row, and the weights
// after it beside AdamW in float64 on the gradients that were given. Adam divides by the size of a gradient: of one that is
// nearly 0 two right steps may differ in sign, so that weights beside our own weights would judge nothing.

import type { TrainStepCase } from "#case/case";
import type { DeviceDescription } from "#engine/engine";
import { FLOAT32_ROUNDING, largestMagnitude, layerToleranceOf, worstRow } from "#engine/tolerance";
import type { NamedError } from "#ops/compare";
import { BETA1, BETA2 } from "#training/adamw";
import { sizeOf } from "#weights/weights";
import { STEP, type StepStart } from "./step-start.ts";

/** Parts of the definition, not tolerances. */
export const ADAM_EPSILON = 1e-8;
export const CLIP_EPSILON = 1e-6;

/** Values by the names of the protocol: `loss`, `grad.<weight>` before clipping, `weight.<weight>` after the step. */
export type StepValues = ReadonlyMap<string, ArrayLike<number>>;

export interface CheckedStep {
  readonly optimiser: TrainStepCase["optimiser"];
  readonly start: StepStart;
  /** loss and gradients of ours */
  readonly expected: StepValues;
  readonly kind: DeviceDescription["kind"];
}

/** What is missing counts as ∞. */
export function stepErrors(given: StepValues, { optimiser, start, expected, kind }: CheckedStep): NamedError[] {
  const tolerance = layerToleranceOf(kind);
  const names = start.declarations.map(({ name }) => name);
  const scale = Math.max(0, ...names.map((name) => largestMagnitude(expected.get(`grad.${name}`)!)));
  const error = (name: string, values: Compared): NamedError => {
    const worst = worstRow(values.given, values.expected, values.width, { precision: "float32", ...values });
    return { name, error: worst.error, tolerance: values.tolerance, at: `row ${worst.row}` };
  };
  const loss = expected.get("loss")!;
  const gradients = start.declarations.map(({ name, shape }) => {
    const wanted = expected.get(`grad.${name}`)!;
    const width = shape.at(-1) ?? 1;
    // A row whose terms cancel may be off by their rounding, of which the largest row tells the size.
    const rounding = new Float64Array(sizeOf(shape) / width).fill(FLOAT32_ROUNDING * largestMagnitude(wanted));
    const values = { given: given.get(`grad.${name}`) ?? [], expected: wanted, width, rounding, scale };
    return error(`grad.${name}`, { ...values, tolerance: tolerance.gradient });
  });
  const factor = clippingOf(
    names.map((name) => given.get(`grad.${name}`) ?? []),
    optimiser.clipNorm,
  );
  const updates = start.declarations.map((declaration) => {
    const { name, shape } = declaration;
    const width = shape.at(-1) ?? 1;
    const wanted = updateOf(declaration, { optimiser, start, factor, gradient: given.get(`grad.${name}`) ?? [] });
    const before = start.weight.get(name)!.data;
    const after = given.get(`weight.${name}`) ?? [];
    // The new weight is rounded, not the difference to the old one.
    const rounding = new Float64Array(before.length / width).fill(FLOAT32_ROUNDING * largestMagnitude(before));
    const moved = Float64Array.from(after, (value, i) => value - before[i]!);
    return error(`weight.${name}`, { given: moved, expected: wanted, width, rounding, tolerance: tolerance.output });
  });
  const ofLoss = {
    given: given.get("loss") ?? [],
    expected: loss,
    width: 1,
    rounding: [],
    tolerance: tolerance.output,
  };
  return [error("loss", ofLoss), ...gradients, ...updates];
}

interface Compared {
  readonly given: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
  readonly width: number;
  readonly rounding: ArrayLike<number>;
  readonly tolerance: number;
  readonly scale?: number;
}

/** min(1, clip / (‖g‖ + 1e-6)) over all gradients together. */
function clippingOf(gradients: readonly ArrayLike<number>[], clipNorm: number | undefined): number {
  if (clipNorm === undefined) return 1;
  let squares = 0;
  for (const values of gradients) for (let i = 0; i < values.length; i++) squares += values[i]! ** 2;
  return Math.min(1, clipNorm / (Math.sqrt(squares) + CLIP_EPSILON));
}

interface Updated {
  readonly optimiser: TrainStepCase["optimiser"];
  readonly start: StepStart;
  readonly factor: number;
  readonly gradient: ArrayLike<number>;
}

/** w' − w of AdamW: −η (m̂ / (√v̂ + ε) + λ w), the last term where the weight decays. */
function updateOf(
  { name, decays }: StepStart["declarations"][number],
  { optimiser, start, factor, gradient }: Updated,
): Float64Array {
  const { learningRate, weightDecay, beta2 = BETA2 } = optimiser;
  const [weight, first, second] = [start.weight, start.moment1, start.moment2].map((named) => named.get(name)!.data);
  return Float64Array.from(weight!, (value, i) => {
    const g = factor * (gradient[i] ?? NaN);
    const mean = (BETA1 * first![i]! + (1 - BETA1) * g) / (1 - BETA1 ** STEP);
    const square = (beta2 * second![i]! + (1 - beta2) * g * g) / (1 - beta2 ** STEP);
    return -learningRate * (mean / (Math.sqrt(square) + ADAM_EPSILON) + (decays ? weightDecay * value : 0));
  });
}
