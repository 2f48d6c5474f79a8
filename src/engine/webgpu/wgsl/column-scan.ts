// Scans of single channels, segment by segment: one thread a channel, neighbours in neighbouring channels.

import { NUMBERS } from "./numbers.ts";
import { oneOf } from "./text.ts";

const HEAD = (W: number) => `
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let channel = i32(id.x);
  if (channel >= ${W}) { return; }
  let segment = i32(id.y);
  let g = i32(id.z);
  let first = segment * params.length;
  let last = min(first + params.length, params.N);`;

/** Σ of log decays over each segment: total [G, segments, W]. Buffers decay [G, N, W] or, constant, [G]; order. */
export function decayTotalsProgram(
  W: number,
  { constant, ordered, halves }: { constant: boolean; ordered: boolean; halves: boolean },
): string {
  return `${HEAD(W)}
  var sum = 0.0;
  for (var i = first; i < last; i++) { sum += ${oneOf("decay", constant ? "g" : `(g * params.N + ${ordered ? "order[i]" : "i"}) * ${W} + channel`, halves)}; }
  total[(g * params.segments + segment) * ${W} + channel] = sum;
}`;
}

/**
 * States handed to every segment: start ← S, S ← e^{total} S + local, from `initial` on; `final_` is what is left.
 * Buffers local, start [G, segments, D, E], total [G, segments, W], initial, final_ [G, D, E].
 */
export function handOnProgram({
  D,
  E,
  W,
  reverse,
  started,
}: {
  D: number;
  E: number;
  W: number;
  reverse: boolean;
  started: boolean;
}): string {
  const decay = W === 0 ? "1.0" : `exp(total[(g * params.segments + segment) * ${W} + ${W === 1 ? "0" : `at / ${E}`}])`;
  return `
@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let at = i32(id.x);
  let g = i32(id.y);
  if (at >= ${D * E}) { return; }
  var state = ${started ? `initial[g * ${D * E} + at]` : "0.0"};
  for (var i = 0; i < params.segments; i++) {
    let segment = ${reverse ? "params.segments - 1 - i" : "i"};
    let entry = (g * params.segments + segment) * ${D * E} + at;
    start[entry] = state;
    state = ${decay} * state + local[entry];
  }
  final_[g * ${D * E} + at] = state;
}`;
}

/** What a segment alone makes of y ← e^{decay_i} (y + x_i), from its last token to its first: [G, segments, W]. */
export function suffixSummaryProgram(W: number, decayed: boolean, ordered: boolean): string {
  return `${HEAD(W)}
  var y = 0.0;
  for (var i = last - 1; i >= first; i--) {
    let at = (g * params.N + ${ordered ? "order[i]" : "i"}) * ${W} + channel;
    y += x[at];
    ${decayed ? "y *= exp(decay[at]);" : ""}
  }
  local[(g * params.segments + segment) * ${W} + channel] = y;
}`;
}

/** y_i = x_i + e^{decay_{i+1}} y_{i+1} with y behind the last token `initial` [G, W]; `left` [G, W] is e^{decay_0} y_0. */
export function suffixProgram(W: number, decayed: boolean, ordered: boolean): string {
  return `${HEAD(W)}
  var y = initial[g * ${W} + channel];
  for (var s = params.segments - 1; s > segment; s--) {
    let at = (g * params.segments + s) * ${W} + channel;
    y = ${decayed ? "exp(total[at]) * y" : "y"} + local[at];
  }
  for (var i = last - 1; i >= first; i--) {
    let at = (g * params.N + ${ordered ? "order[i]" : "i"}) * ${W} + channel;
    y += x[at];
    sums[at] = y;
    ${decayed ? "y *= exp(decay[at]);" : ""}
  }
  if (segment == 0) { left[g * ${W} + channel] = y; }
}`;
}

/** Maximum of the logits of each segment and Σ e^{g − maximum}: summary [G, segments, 2, W]. */
export function logitSummaryProgram(W: number, halves = false): string {
  const logit = oneOf("logits", `(g * params.N + i) * ${W} + channel`, halves);
  return `${NUMBERS}${HEAD(W)}
  var top = NOTHING;
  for (var i = first; i < last; i++) { top = max(top, ${logit}); }
  var weight = 0.0;
  for (var i = first; i < last; i++) { weight += exp(${logit} - top); }
  let at = (g * params.segments + segment) * ${2 * W} + channel;
  summary[at] = top;
  summary[at + ${W}] = weight;
}`;
}

/**
 * The additive rule as a decay rule: with the running maximum m and l = Σ e^{g − m}, logKeep_t = m_{t−1} − m_t, key = e^{g − m}, inverse = 1/l.
 * l is summed with compensation: a plain float32 sum loses digits with every token. Buffers logits [G, N, W], top0, weight0
 * [G, W], summary; logKeep, key, inverse [G, N, W], after [G, 2, W] (the last m and l).
 */
export function additiveWeightsProgram(W: number, halves: boolean): string {
  return `${NUMBERS}${HEAD(W)}
  var top = top0[g * ${W} + channel];
  var weight = weight0[g * ${W} + channel];
  for (var s = 0; s < segment; s++) {
    let at = (g * params.segments + s) * ${2 * W} + channel;
    let next = max(top, summary[at]);
    weight = weight * exp(top - next) + summary[at + ${W}] * exp(summary[at] - next);
    top = next;
  }
  var lost = 0.0;
  for (var i = first; i < last; i++) {
    let at = (g * params.N + i) * ${W} + channel;
    let logit = ${oneOf("logits", "at", halves)};
    let next = max(top, logit);
    let keep = exp(top - next);
    let added = exp(logit - next);
    let kept = weight * keep;
    let corrected = added - lost * keep;
    let sum = kept + corrected;
    lost = (sum - kept) - corrected;
    logKeep[at] = top - next;
    key[at] = added;
    inverse[at] = inverseWeight(sum);
    weight = sum;
    top = next;
  }
  if (segment == params.segments - 1) {
    after[g * ${2 * W} + channel] = top;
    after[g * ${2 * W} + ${W} + channel] = weight;
  }
}`;
}
