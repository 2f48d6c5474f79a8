// Digits that mean something: no digit is printed that is finer than the distance to the interval's nearer end. Where
// all of an interval is positive, its ends keep one digit, however wide it is: a ratio of [0.1, 50] is not [0, 50].
//
// Source: Joint Committee for Guides in Metrology, "Guide to the expression of uncertainty in measurement"
// (JCGM 100:2008), §7.2.6; here one digit of the half-width decides.

export interface PrintedInterval {
  readonly low?: number;
  readonly high?: number;
}

export interface NumberFormat {
  /** value is divided by this before printing; default 1 */
  readonly factor?: number;
  readonly unit?: string;
  /** without an interval: a difference worth reading, in the unit of the value; digits go down to its size where two are fewer */
  readonly resolution?: number | undefined;
}

// Without an interval (one sample) nothing is known of the error; two digits give the size and claim little.
const DIGITS_WITHOUT_INTERVAL = 2;
// An interval of no width (all samples equal) does not make a clock exact.
const MOST_DIGITS = 4;

/**
 * `1.0234, [0.991, 1.052]` → `1.02 [0.99, 1.05]`; with a unit, `12.3 [12.1, 12.6] ms`; without interval `12 ms`.
 */
export function formatWithInterval(
  value: number,
  interval: PrintedInterval = {},
  { factor = 1, unit, resolution = Infinity }: NumberFormat = {},
): string {
  const isPositive = (interval.low ?? 0) > 0;
  const print = printer(value / factor, uncertainty(value, interval) / factor, isPositive, resolution / factor);
  const ends = hasEnds(interval) ? ` [${print(interval.low / factor)}, ${print(interval.high / factor)}]` : "";
  return `${print(value / factor)}${ends}${unit === undefined ? "" : ` ${unit}`}`;
}

/** The value alone, rounded as `formatWithInterval` would. */
export function roundToInterval(value: number, interval: PrintedInterval = {}): string {
  return printer(value, uncertainty(value, interval), (interval.low ?? 0) > 0)(value);
}

function hasEnds(interval: PrintedInterval): interval is Required<PrintedInterval> {
  return interval.low !== undefined && interval.high !== undefined;
}

/** Distance to the nearer end; half the width where the value is not inside. NaN without interval. */
function uncertainty(value: number, interval: PrintedInterval): number {
  if (!hasEnds(interval)) return Number.NaN;
  const nearer = Math.min(value - interval.low, interval.high - value);
  return nearer > 0 ? nearer : Math.abs(interval.high - interval.low) / 2;
}

function printer(value: number, error: number, isPositive: boolean, resolution = Infinity): (part: number) => string {
  const leading = exponentOf(value);
  const finest = Number.isNaN(error)
    ? Math.min(leading - DIGITS_WITHOUT_INTERVAL + 1, Number.isFinite(resolution) ? exponentOf(resolution) : Infinity)
    : Math.max(exponentOf(error), leading - MOST_DIGITS + 1);
  return (part) => roundAt(part, isPositive ? Math.min(finest, exponentOf(part)) : finest);
}

/** Exponent of the leading decimal digit; very small for 0. */
function exponentOf(value: number): number {
  return value === 0 || !Number.isFinite(value) ? -300 : Number(value.toExponential().split("e")[1]);
}

/** Rounds at 10^exponent and prints plainly, trailing zeros kept where they are significant. */
function roundAt(value: number, exponent: number): string {
  if (!Number.isFinite(value) || (value === 0 && exponent < -20)) return String(value);
  if (exponent <= 0) return withoutMinusZero(value.toFixed(Math.min(-exponent, 20)));
  const step = 10 ** exponent;
  return withoutMinusZero(String(Math.round(value / step) * step));
}

function withoutMinusZero(text: string): string {
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}
