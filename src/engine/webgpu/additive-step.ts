// One token of the causal additive recurrence: decoding. A first program forms each channel's share of the new token and what is
// carried beside the state, a second the state and the output: together they bind more buffers than every device allows.

import type { FusedKernels } from "../kernels.ts";
import type * as tf from "../tf.ts";
import { FOR_EACH, gridOf } from "./arrays.ts";
import { readOnly, written } from "./bindings.ts";
import type { Gpu } from "./dispatch.ts";

/** Columns of a workgroup, a thread each. */
const COLUMNS = 64;

/** With the rounding error of l as Kahan sums carry it. Where nothing was seen yet, nothing is added. */
const SHARES = `${FOR_EACH}
  let top = max(m[at], g[at]);
  let keep = exp(m[at] - top);
  let added = exp(g[at] - top);
  let kept = l[at] * keep;
  let corrected = added - lError[at] * keep;
  let sum = kept + corrected;
  nextM[at] = top;
  nextL[at] = sum;
  nextError[at] = (sum - kept) - corrected;
  shares[at] = added / select(sum, 1.0, sum == 0.0);
}`;

const state = (keyed: boolean) => `
@compute @workgroup_size(${COLUMNS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  let head = i32(group.y);
  let e = i32(group.x) * ${COLUMNS} + i32(index);
  if (e >= params.E) { return; }
  let value = v[head * params.E + e];
  var sum = 0.0;
  for (var d = 0; d < params.D; d++) {
    let channel = head * params.D + d;
    let at = channel * params.E + e;
    let after = s[at] + shares[channel] * (${keyed ? "k[channel] * value" : "value"} - s[at]);
    nextS[at] = after;
    sum += q[channel] * after;
  }
  out[head * params.E + e] = sum;
}`;

export function additiveStep(gpu: Gpu): NonNullable<FusedKernels["additiveStep"]> {
  return ({ q, g, v, k }, { m, l, lError, s }) => {
    const [G, D, E] = s.shape;
    const carriedAs = () => gpu.output<tf.Rank.R2>([G, D]);
    const next = { m: carriedAs(), l: carriedAs(), lError: carriedAs(), s: gpu.output<tf.Rank.R3>([G, D, E]) };
    const shares = carriedAs();
    const out = gpu.output<tf.Rank.R4>([v.shape[0]!, v.shape[1]!, 1, E]);
    gpu.run({
      code: SHARES,
      bindings: [
        ...[written("nextM", next.m), written("nextL", next.l), written("nextError", next.lError)],
        ...[
          written("shares", shares),
          readOnly("g", g),
          readOnly("m", m),
          readOnly("l", l),
          readOnly("lError", lError),
        ],
      ],
      params: { size: G * D },
      grid: gridOf(G * D),
    });
    gpu.run({
      code: state(k !== undefined),
      bindings: [
        ...[written("nextS", next.s), written("out", out), readOnly("shares", shares)],
        ...[readOnly("q", q), readOnly("v", v), readOnly("s", s), ...(k === undefined ? [] : [readOnly("k", k)])],
      ],
      params: { D, E },
      grid: [Math.ceil(E / COLUMNS), G, 1],
    });
    shares.dispose();
    return { out, carried: next };
  };
}
