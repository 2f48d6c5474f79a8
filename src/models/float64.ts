// Arithmetic of layers on float64 arrays, as it is written.

const NORM_EPSILON = 1e-6; // a part of the definition

/** x [rows, n] · w [n, m] → [rows, m]. */
export function matMul(
  x: Float64Array,
  w: Float64Array,
  { n, m }: { readonly n: number; readonly m: number },
): Float64Array {
  const out = new Float64Array((x.length / n) * m);
  for (let row = 0; row * n < x.length; row++)
    for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) out[row * m + j]! += x[row * n + i]! * w[i * m + j]!;
  return out;
}

/** x plus a bias over its last axis. */
export function added(x: Float64Array, bias: Float64Array): Float64Array {
  return x.map((value, i) => value + bias[i % bias.length]!);
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

export function logSigmoid(x: number): number {
  return Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
}

export function activated(x: Float64Array, activation: "identity" | "silu"): Float64Array {
  return activation === "silu" ? x.map((value) => value * sigmoid(value)) : x;
}

/** Groups of `width` numbers to mean 0 and variance 1, or to mean square 1. */
export function normRows(x: Float64Array, width: number, norm: "layer" | "rms"): Float64Array {
  const out = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += width) {
    const row = x.subarray(start, start + width);
    const mean = norm === "layer" ? row.reduce((sum, value) => sum + value, 0) / width : 0;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    row.forEach((value, c) => (out[start + c] = (value - mean) / Math.sqrt(variance + NORM_EPSILON)));
  }
  return out;
}

interface HeadLayout {
  readonly B: number;
  readonly N: number;
  readonly C: number;
  readonly H: number;
}

/** [B, N, C] → [B, H, N, C/H]. */
export function toHeads(x: Float64Array, layout: HeadLayout): Float64Array {
  const out = new Float64Array(x.length);
  forEachChannel(layout, (byToken, byHead) => (out[byHead] = x[byToken]!));
  return out;
}

/** [B, H, N, C/H] → [B, N, C]. */
export function fromHeads(x: Float64Array, layout: HeadLayout): Float64Array {
  const out = new Float64Array(x.length);
  forEachChannel(layout, (byToken, byHead) => (out[byToken] = x[byHead]!));
  return out;
}

function forEachChannel({ B, N, C, H }: HeadLayout, visit: (byToken: number, byHead: number) => void): void {
  const D = C / H;
  for (let b = 0; b < B; b++)
    for (let t = 0; t < N; t++)
      for (let c = 0; c < C; c++) visit((b * N + t) * C + c, ((b * H + Math.floor(c / D)) * N + t) * D + (c % D));
}
