// Scores that are parts of others, by what their names say: `loss.tokens16-63`, `saturationSlope.layer0.head1`.

import type { Estimate } from "#stats/estimate";

export interface ScorePart {
  /** the score it is a part of */
  readonly whole: string;
  readonly positions?: { readonly from: number; readonly to: number };
  /** a layer's head */
  readonly isHead: boolean;
  /** number of samples a score was taken of */
  readonly samples?: string;
  /** whatever else the name says */
  readonly rest: readonly string[];
}

const POSITIONS = /^tokens(\d+)-(\d+)$/;
const SAMPLES = /^samples(\d+)$/;

/** What a score's name says of it. */
export function scorePart(name: string): ScorePart {
  const [whole = "", ...parts] = name.split(".");
  const [, from, to] = parts.flatMap((part) => POSITIONS.exec(part) ?? []);
  const [, samples] = parts.flatMap((part) => SAMPLES.exec(part) ?? []);
  return {
    whole,
    rest: parts.filter((part) => !POSITIONS.test(part) && !SAMPLES.test(part)),
    isHead: parts.some((part) => /^head\d+$/.test(part)),
    ...(from === undefined ? {} : { positions: { from: Number(from), to: Number(to) } }),
    ...(samples === undefined ? {} : { samples }),
  };
}

export interface PositionScore {
  readonly from: number;
  readonly to: number;
  readonly estimate: Estimate;
}

/** The loss by position, first position first. */
export function scoresByPosition(scores: ReadonlyMap<string, Estimate>): readonly PositionScore[] {
  const groups = [...scores].flatMap(([name, estimate]) => {
    const { whole, positions } = scorePart(name);
    return whole === "loss" && positions !== undefined ? [{ ...positions, estimate }] : [];
  });
  return groups.toSorted((a, b) => a.from - b.from);
}
