// The product of matrices as the definition: plain loops over float64.

import type { Reference } from "../operator.ts";

/** out[n,e] = Σ_d a[n,d] b[d,e], matrix by matrix; ∂a = ∂out·bᵀ, ∂b = aᵀ·∂out. */
export const matmulReference: Reference = {
  forward({ a, b }, _spec, { B, H, N, D, E }) {
    const out = new Float64Array(B * H * N * E);
    forEachTerm(B * H, { N, D, E }, (ofOut, ofA, ofB) => {
      out[ofOut]! += a![ofA]! * b![ofB]!;
    });
    return { out };
  },
  backward({ a, b }, _spec, { B, H, N, D, E }, cotangent) {
    const gradients = { a: new Float64Array(a!.length), b: new Float64Array(b!.length) };
    forEachTerm(B * H, { N, D, E }, (ofOut, ofA, ofB) => {
      gradients.a[ofA]! += cotangent[ofOut]! * b![ofB]!;
      gradients.b[ofB]! += cotangent[ofOut]! * a![ofA]!;
    });
    return gradients;
  },
};

interface Sizes {
  readonly N: number;
  readonly D: number;
  readonly E: number;
}

function forEachTerm(
  matrices: number,
  { N, D, E }: Sizes,
  visit: (ofOut: number, ofA: number, ofB: number) => void,
): void {
  for (let row = 0; row < matrices * N; row++) {
    const matrix = Math.floor(row / N);
    for (let d = 0; d < D; d++) for (let e = 0; e < E; e++) visit(row * E + e, row * D + d, (matrix * D + d) * E + e);
  }
}
