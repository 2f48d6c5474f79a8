// Ranges and ticks of axes: computed here, so that a test can read them and every renderer agrees.

import { formatBytes, formatCount, formatSeconds, withMinusSigns } from "#base/units";
import type { PictureAxis, Tick } from "./picture.ts";

export type Quantity =
  "seconds" | "bytes" | "count" | "plain" | "percent" | "flops" | "operations" | "points" | "nats" | "difference";

const MOST_TICKS = 12;
const ROOM = 0.06; // of the axis's length, left free at both ends

/**
 * A logarithmic axis around positive values, with ticks at decades, or at 1, 2, 5 where decades are few
 * (powers of four for bytes).
 *
 * @throws {RangeError} no values, or one that is not above zero
 */
export function logAxis(title: string, values: readonly number[], quantity: Quantity): PictureAxis {
  const [low, high] = extent(values);
  if (!(low > 0)) throw new RangeError(`logAxis: "${title}" needs values above zero, got ${low}`);
  const room = Math.max((high / low) ** ROOM, 1.1);
  const [min, max] = [low / room, high * room];
  const candidates = quantity === "bytes" ? powers(min, max, 4) : decades(min, max);
  return {
    title,
    scale: "log",
    min,
    max,
    ticks: candidates.map((value) => ({ value, label: labelOfTick(value, quantity) })),
  };
}

/** A logarithmic axis with a tick at each distinct value: lengths, batch sizes, widths. */
export function valuesAxis(title: string, values: readonly number[]): PictureAxis {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  const axis = logAxis(title, distinct, "count");
  const every = Math.ceil(distinct.length / 9);
  const shown = distinct.filter((_, index) => (distinct.length - 1 - index) % every === 0);
  return { ...axis, ticks: shown.map((value) => ({ value, label: String(value) })) };
}

/** A linear axis; `origin` keeps 0 on it (bars must start there). */
export function linearAxis(
  title: string,
  values: readonly number[],
  options: { quantity: Quantity; origin: boolean },
): PictureAxis {
  const [low, high] = extent(options.origin ? [...values, 0] : values);
  // Values that agree to six digits are framed as if equal: a tenth of their size around them, or steps would vanish in rounding.
  const size = Math.max(Math.abs(low), Math.abs(high));
  const span = (high - low > 1e-6 * size ? high - low : 0.1 * size) || 1;
  const step = niceStep(span / 7);
  const room = high - low > 1e-6 * size ? span * ROOM : span / 2;
  const min = options.origin && low >= 0 ? 0 : low - room;
  const max = options.origin && high <= 0 ? 0 : high + room;
  const ticks: Tick[] = [];
  const firstTick = Math.ceil(min / step);
  for (let count = 0; count < MOST_TICKS; count++) {
    const value = Number(((firstTick + count) * step).toPrecision(12));
    if (value >= min && value <= max) ticks.push({ value, label: labelOfTick(value, options.quantity) });
  }
  return { title, scale: "linear", min, max, ticks };
}

/** Rows 0, 1, 2 … from the top, with a label each; headings name the rows below them. */
export function rowsAxis(rows: readonly Omit<Tick, "value">[]): PictureAxis {
  return {
    title: "",
    scale: "rows",
    min: -0.6,
    max: rows.length - 0.4,
    ticks: rows.map((row, value) => ({ value, ...row })),
  };
}

function extent(values: readonly number[]): [number, number] {
  if (values.length === 0) throw new RangeError("an axis needs at least one value");
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) throw new RangeError(`an axis needs finite values, got ${value}`);
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

function decades(min: number, max: number): number[] {
  const span = Math.log10(max / min);
  const steps = span > 3.2 ? [1] : span > 0.7 ? [1, 2, 5] : [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++) {
    for (const step of steps) ticks.push(Number((step * 10 ** power).toPrecision(6)));
  }
  return ticks.filter((value) => value >= min && value <= max);
}

function powers(min: number, max: number, base: number): number[] {
  const ticks: number[] = [];
  const span = Math.log(max / min) / Math.log(base);
  const every = span > 7 ? base * base : span < 3 ? 2 : base;
  const first = every ** Math.ceil(Math.log(min) / Math.log(every));
  for (let value = first; value <= max; value *= every) ticks.push(value);
  return ticks;
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / power;
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
}

function labelOfTick(value: number, quantity: Quantity): string {
  if (quantity === "points" || quantity === "nats" || quantity === "difference") {
    const shown = Number(((quantity === "points" ? 100 : 1) * value).toPrecision(6));
    return withMinusSigns(shown > 0 ? `+${shown}` : String(shown));
  }
  if (quantity === "seconds") return value === 0 ? "0" : formatSeconds(value);
  if (quantity === "bytes") return value === 0 ? "0" : formatBytes(value);
  if (quantity === "flops") return `${Number((value / 1e9).toPrecision(6))} GFLOP/s`;
  if (quantity === "operations") return `${Number((value / 1e6).toPrecision(6))} MFLOP`;
  if (quantity === "percent") return withMinusSigns(`${Number((100 * value).toPrecision(6))} %`);
  if (quantity === "count") return formatCount(value);
  return withMinusSigns(
    Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-4)
      ? value.toExponential(0)
      : String(Number(value.toPrecision(6))),
  );
}
