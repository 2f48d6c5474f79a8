// Quantities and how people read them.

/** A duration in seconds. */
export type Seconds = number;
/** A size in bytes. */
export type Bytes = number;

const TIME_STEPS = [
  [1, "s"],
  [1e-3, "ms"],
  [1e-6, "µs"],
  [1e-9, "ns"],
] as const;
const BYTE_STEPS = [
  [2 ** 30, "GiB"],
  [2 ** 20, "MiB"],
  [2 ** 10, "KiB"],
  [1, "B"],
] as const;
const COUNT_STEPS = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
] as const;

function scaled(value: number, steps: readonly (readonly [number, string])[], digits: number): string {
  const [factor, unit] = steps.find(([step]) => Math.abs(value) >= step) ?? steps.at(-1)!;
  return `${Number((value / factor).toPrecision(digits))}${unit === "" ? "" : ` ${unit}`}`;
}

/** `0.01234` → `12.3 ms`; minutes and hours above 120 s. */
export function formatSeconds(value: Seconds, digits = 3): string {
  if (value >= 2 * 3600) return `${Number((value / 3600).toPrecision(digits))} h`;
  if (value >= 120) return `${Number((value / 60).toPrecision(digits))} min`;
  return scaled(value, TIME_STEPS, digits);
}

/** `1536` → `1.5 KiB`. */
export function formatBytes(value: Bytes, digits = 3): string {
  return scaled(value, BYTE_STEPS, digits);
}

/** `1234567` → `1.23 M`. */
export function formatCount(value: number, digits = 3): string {
  return scaled(value, COUNT_STEPS, digits);
}

/** Numbers in running text with a minus sign instead of a hyphen: `[-0.1, 0.3]` → `[−0.1, 0.3]`; exponents stay. */
export function withMinusSigns(text: string): string {
  return text.replace(/(?<![\w.])-(?=[\d.])/g, "−");
}
