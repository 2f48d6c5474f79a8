// What the values of a picture are held against: the base of a ratio, chance, a trivial predictor.

import type { Figure } from "#case/suite";
import type { ScoreComparisons } from "#evidence/score-comparisons";
import { ENOUGH_SEEDS } from "#evidence/verdict";
import { labelOf } from "../palette.ts";
import { printEstimate } from "../print.ts";
import { scoreNameOf } from "../score-names.ts";
import type { Quantity } from "./axis.ts";
import { marginAmong } from "./differences.ts";
import type { Guide, PictureAxis } from "./picture.ts";
import { scoreKeyOf, type DrawnResult, type FigureQuantity } from "./quantity.ts";

export interface Reference {
  readonly at: number;
  readonly label: string;
  /** a second line: the loss that would not matter */
  readonly margin?: number;
  /** how to read it */
  readonly note?: string;
}

/** The base of a ratio; of a difference zero and the margin; of a score what a trivial predictor reaches, where all contenders meet the same one. */
export function referenceOf(
  figure: Figure,
  drawn: readonly DrawnResult[],
  { quantity, scores }: Pick<FigureQuantity, "quantity"> & { readonly scores: ScoreComparisons },
): Reference | undefined {
  if (figure.y === "ratio") return { at: 1, label: `time of ${labelOf(figure.baseline ?? "")}` };
  const results = drawn.map(({ result }) => result);
  if (figure.y === "difference")
    return zeroAnd(marginAmong(figure.score ?? scoreKeyOf(results), { scores, among: results }), quantity);
  const key = figure.y === "loss" ? "loss" : (figure.score ?? scoreKeyOf(results));
  return figure.y === "score" || figure.y === "loss"
    ? trivialOf(
        results.map(({ training }) => training?.trivial.get(key)),
        key,
        quantity === "percent",
      )
    : undefined;
}

function zeroAnd(margin: number | undefined, quantity: Quantity): Reference {
  const zero = "0, LightNet's own score";
  if (margin === undefined) return { at: 0, label: zero };
  const size = printEstimate({ estimate: margin, confidence: 1, n: 1, method: "rule" }, quantity).replace("+", "");
  return {
    at: 0,
    margin,
    label: `${zero}; ${size}, the margin`,
    note: `LightNet is not worse than a model whose interval ends below the margin, and worse than one whose interval begins above it; with fewer than ${ENOUGH_SEEDS} seeds it stays open`,
  };
}

/** One value that all share, with room for differences of seeds in its third digit. */
export function trivialOf(
  values: readonly (number | undefined)[],
  key: string,
  isFraction: boolean,
): Reference | undefined {
  const [first] = values;
  if (first === undefined || values.some((value) => value === undefined || Math.abs(value - first) > 0.01 * first))
    return undefined;
  const printed = isFraction ? `${(100 * first).toFixed(1)} %` : String(Number(first.toPrecision(3)));
  return { at: first, label: `${scoreNameOf(key).title.replace(" (%)", "")} of a trivial predictor, ${printed}` };
}

/** Whether an axis around values can hold another without crushing them. */
export function isNear(at: number, values: readonly number[]): boolean {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return at >= low - (high - low) && at <= high + (high - low);
}

/** A line across the picture. */
export function guideAt({ at, label }: Reference, { min, max }: PictureAxis): Guide {
  return {
    label,
    points: [
      { x: min, y: at },
      { x: max, y: at },
    ],
  };
}
