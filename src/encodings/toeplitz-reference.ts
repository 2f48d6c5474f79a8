// MD-TPE's filter in float64: along each axis y_t = (q·k per head) Σ_{s≤t} λ^{t−s} x_s, summed over axes.

export interface ToeplitzLayout {
  readonly B: number;
  readonly grid: readonly number[];
  readonly C: number;
  readonly heads: number;
  /** also the filter from the other end, summed; the current token counts in each */
  readonly bothDirections?: boolean;
  /** the filter along this axis alone */
  readonly axis?: number;
}

/** q, k [axes, C]; logDecay [axes, heads]; x [B, …grid, C]. */
export interface ToeplitzArrays {
  readonly x: Float64Array;
  readonly q: Float64Array;
  readonly k: Float64Array;
  readonly logDecay: Float64Array;
}

export const toeplitzReference = {
  forward(inputs: ToeplitzArrays, layout: ToeplitzLayout): Float64Array {
    const out = new Float64Array(inputs.x.length);
    forEachLine(layout, (line) => {
      const { weight, decay } = filterOf(inputs, layout, line);
      let sum = 0;
      for (const at of line.elements) {
        sum = decay * sum + inputs.x[at]!;
        out[at]! += weight * sum;
      }
    });
    return out;
  },

  backward(inputs: ToeplitzArrays, layout: ToeplitzLayout, cotangent: Float64Array): ToeplitzArrays {
    const zeros = (values: Float64Array) => new Float64Array(values.length);
    const gradients = { x: zeros(inputs.x), q: zeros(inputs.q), k: zeros(inputs.k), logDecay: zeros(inputs.logDecay) };
    forEachLine(layout, (line) => {
      const { weight, decay } = filterOf(inputs, layout, line);
      const sums = runningSums(inputs.x, line.elements, decay);
      let dSum = 0;
      let dWeight = 0;
      for (let step = line.elements.length - 1; step >= 0; step--) {
        const at = line.elements[step]!;
        dWeight += cotangent[at]! * sums[step]!;
        dSum += weight * cotangent[at]!;
        gradients.x[at]! += dSum;
        dSum *= decay;
        if (step > 0) gradients.logDecay[line.axis * layout.heads + line.head]! += dSum * sums[step - 1]!;
      }
      for (const c of headChannels(layout, line)) {
        gradients.q[c]! += dWeight * inputs.k[c]!;
        gradients.k[c]! += dWeight * inputs.q[c]!;
      }
    });
    return gradients;
  },
};

/** One channel along one axis, in the order of the filter. */
interface Line {
  readonly axis: number;
  readonly head: number;
  readonly elements: readonly number[];
}

function forEachLine(layout: ToeplitzLayout, visit: (line: Line) => void): void {
  const { B, grid, C, heads, bothDirections = false } = layout;
  const cells = grid.reduce((product, n) => product * n, 1);
  for (const [axis, length] of grid.entries()) {
    if (layout.axis !== undefined && layout.axis !== axis) continue;
    const stride = grid.slice(axis + 1).reduce((product, n) => product * n, 1) * C;
    for (let first = 0; first < B * cells * C; first++) {
      if (Math.floor(first / stride) % length !== 0) continue;
      const head = Math.floor((first % C) / (C / heads));
      const elements = Array.from({ length }, (_, step) => first + step * stride);
      visit({ axis, head, elements });
      if (bothDirections) visit({ axis, head, elements: elements.toReversed() });
    }
  }
}

function headChannels({ C, heads }: ToeplitzLayout, { axis, head }: Line): number[] {
  return Array.from({ length: C / heads }, (_, c) => axis * C + (head * C) / heads + c);
}

function filterOf(inputs: ToeplitzArrays, layout: ToeplitzLayout, line: Line): { weight: number; decay: number } {
  const weight = headChannels(layout, line).reduce((sum, c) => sum + inputs.q[c]! * inputs.k[c]!, 0);
  return { weight, decay: Math.exp(inputs.logDecay[line.axis * layout.heads + line.head]!) };
}

function runningSums(x: Float64Array, elements: readonly number[], decay: number): number[] {
  let sum = 0;
  return elements.map((at) => (sum = decay * sum + x[at]!));
}
