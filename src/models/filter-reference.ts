// Filters of neighbours in float64 as the definition.

import { sizeOf } from "#weights/weights";

interface Filter {
  readonly filter: Float64Array; // [taps, C]
  readonly taps: number;
  readonly C: number;
  readonly place: { readonly grid: readonly number[]; readonly prefix: number };
  readonly causal: boolean;
}

/**
 * On a line that is read forwards y_t = Σ_s f_s ∘ x_{t − taps + 1 + s}; on a grid y_i = Σ over s in {0,1,2}^m of f_s ∘ x_{i + s − 1}
 * (x_{i + s − 2} where causal), tap Σ s_a 3^a, and prefix tokens pass by. x [B, N, C].
 */
export function filteredReference(x: Float64Array, { filter, taps, C, place, causal }: Filter): Float64Array {
  const { grid, prefix } = place;
  const isLine = causal && grid.length === 1 && taps !== 3;
  const cells = sizeOf(grid);
  const N = prefix + cells;
  const first = isLine ? 0 : prefix;
  return x.map((value, at) => {
    const [b, t, c] = [Math.floor(at / (N * C)), Math.floor(at / C) % N, at % C];
    if (t < first) return value;
    const met = isLine ? lineOf(t, taps) : gridOf(t - prefix, grid, causal ? 2 : 1);
    let sum = 0;
    for (const { tap, cell } of met) sum += filter[tap * C + c]! * x[(b * N + first + cell) * C + c]!;
    return sum;
  });
}

interface Met {
  readonly tap: number;
  readonly cell: number;
}

function lineOf(t: number, taps: number): Met[] {
  return Array.from({ length: taps }, (_, tap) => ({ tap, cell: t - taps + 1 + tap })).filter(({ cell }) => cell >= 0);
}

function gridOf(cell: number, grid: readonly number[], back: number): Met[] {
  const strides = grid.map((_, axis) => sizeOf(grid.slice(axis + 1)));
  return Array.from({ length: 3 ** grid.length }, (_, tap) => {
    let to = 0;
    for (const [axis, extent] of grid.entries()) {
      const place = (Math.floor(cell / strides[axis]!) % extent) + (Math.floor(tap / 3 ** axis) % 3) - back;
      if (place < 0 || place >= extent) return undefined;
      to += place * strides[axis]!;
    }
    return { tap, cell: to };
  }).filter((met) => met !== undefined);
}
