// Labels of ticks that do not touch: the grid keeps all its lines, crowded ones lose their label.

import type { Tick } from "./picture.ts";

const LETTER_WIDTH = 6.9;
const LINE_HEIGHT = 15;
const GAP = 8;

interface TickAxis {
  readonly ticks: readonly Tick[];
  readonly min: number;
  readonly max: number;
  readonly isLog: boolean;
}

/** The ticks whose labels have room in that many CSS pixels; ends are kept before what lies between. */
export function spacedTicks(
  { ticks, min, max, isLog }: TickAxis,
  { pixels, isVertical }: { readonly pixels: number; readonly isVertical: boolean },
): readonly Tick[] {
  const along = (value: number): number =>
    isLog ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  const sizeOf = ({ label }: Tick): number => (isVertical ? LINE_HEIGHT : LETTER_WIDTH * label.length);
  const touches = (a: Tick, b: Tick): boolean =>
    Math.abs(along(a.value) - along(b.value)) * pixels < (sizeOf(a) + sizeOf(b)) / 2 + (isVertical ? 0 : GAP);
  const [first, last] = [ticks[0], ticks.at(-1)];
  const inOrder = [
    ...(last === undefined ? [] : [last]),
    ...(first === undefined ? [] : [first]),
    ...ticks.slice(1, -1),
  ];
  const kept: Tick[] = [];
  for (const tick of inOrder) if (kept.every((other) => !touches(tick, other))) kept.push(tick);
  return kept.toSorted((a, b) => a.value - b.value);
}
