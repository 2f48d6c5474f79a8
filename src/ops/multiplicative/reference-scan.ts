// One directional scan of one batch and head, forward and backward, as the recurrence is written.

import type { Scan } from "./scan.ts";

/** Where gradients are added; each starts at this scan's own slice. */
export interface ScanGradients {
  readonly q: Float64Array;
  readonly k: Float64Array | undefined;
  readonly v: Float64Array;
  readonly logDecay: Float64Array | undefined;
  readonly initialState: Float64Array | undefined;
}

/** Adds this scan's outputs to `out` [N, E] and returns its final state [D, E]. */
export function scanForward(scan: Scan, out: Float64Array): Float64Array {
  const { N, D, E } = scan;
  const { decayed, states } = allStates(scan);
  for (let step = 0; step < N; step++) {
    const token = tokenAt(scan, step);
    const seen = seenState(scan, states, decayed, step);
    for (let d = 0; d < D; d++) {
      const q = scan.factor * scan.q[token * D + d]!;
      for (let e = 0; e < E; e++) out[token * E + e]! += q * seen[d * E + e]!;
    }
  }
  return states[N - 1]!;
}

/** Adds Σ out · cotangent's gradients to `gradients`. */
export function scanBackward(scan: Scan, cotangent: Float64Array, gradients: ScanGradients): void {
  const { N, D, E } = scan;
  const { decayed, states } = allStates(scan);
  const dState = new Float64Array(D * E); // gradient of the state after the current step
  if (scan.global) for (let token = 0; token < N; token++) addOuter(scan, token, cotangent, dState);
  for (let step = N - 1; step >= 0; step--) {
    const token = tokenAt(scan, step);
    const seen = seenState(scan, states, decayed, step);
    for (let d = 0; d < D; d++) {
      let sum = 0;
      for (let e = 0; e < E; e++) sum += seen[d * E + e]! * cotangent[token * E + e]!;
      gradients.q[token * D + d]! += scan.factor * sum;
    }
    if (!scan.global && scan.direction.countsCurrent) addOuter(scan, token, cotangent, dState);
    writeKeyValueGradients(scan, token, dState, gradients);
    if (!scan.global && !scan.direction.countsCurrent) addOuter(scan, token, cotangent, dState);
    passDecay({ scan, token, decayed: decayed[step]!, dState, gradients });
  }
  const initial = gradients.initialState;
  if (initial !== undefined) for (let i = 0; i < D * E; i++) initial[i]! += dState[i]!;
}

function tokenAt(scan: Scan, step: number): number {
  return scan.direction.order?.[step] ?? step;
}

function logDecayAt(scan: Scan, token: number, d: number): number {
  if (scan.logDecay === undefined || scan.visible?.[token] === 0) return 0;
  return scan.logDecay[token * scan.perToken + d * scan.perChannel]!;
}

function keyAt(scan: Scan, token: number, d: number): number {
  if (scan.visible?.[token] === 0) return 0;
  return scan.k === undefined ? -Math.expm1(logDecayAt(scan, token, d)) : scan.k[token * scan.D + d]!;
}

/** For each step, the decayed old state diag(λ_t) s_{t−1} and the new one. */
function allStates(scan: Scan): { decayed: Float64Array[]; states: Float64Array[] } {
  const { N, D, E } = scan;
  const decayed: Float64Array[] = [];
  const states: Float64Array[] = [];
  let state = scan.initialState?.slice(0, D * E) ?? new Float64Array(D * E);
  for (let step = 0; step < N; step++) {
    const token = tokenAt(scan, step);
    const old = new Float64Array(D * E);
    const next = new Float64Array(D * E);
    for (let d = 0; d < D; d++) {
      const decay = Math.exp(logDecayAt(scan, token, d));
      const key = keyAt(scan, token, d);
      for (let e = 0; e < E; e++) {
        const i = d * E + e;
        old[i] = decay * state[i]!;
        next[i] = old[i]! + key * scan.v[token * E + e]!;
      }
    }
    decayed.push(old);
    states.push(next);
    state = next;
  }
  return { decayed, states };
}

function seenState(scan: Scan, states: Float64Array[], decayed: Float64Array[], step: number): Float64Array {
  if (scan.global) return states[scan.N - 1]!;
  return scan.direction.countsCurrent ? states[step]! : decayed[step]!;
}

/** dState += q_t cotangent_tᵀ */
function addOuter(scan: Scan, token: number, cotangent: Float64Array, dState: Float64Array): void {
  const { D, E } = scan;
  for (let d = 0; d < D; d++) {
    const q = scan.factor * scan.q[token * D + d]!;
    for (let e = 0; e < E; e++) dState[d * E + e]! += q * cotangent[token * E + e]!;
  }
}

/** dk_t = dState v_t, dv_t = dStateᵀ k_t; a tied key passes dk on to the decay: k = 1 − λ. */
function writeKeyValueGradients(scan: Scan, token: number, dState: Float64Array, gradients: ScanGradients): void {
  const { D, E } = scan;
  if (scan.visible?.[token] === 0) return;
  for (let d = 0; d < D; d++) {
    const key = keyAt(scan, token, d);
    let dKey = 0;
    for (let e = 0; e < E; e++) {
      dKey += dState[d * E + e]! * scan.v[token * E + e]!;
      gradients.v[token * E + e]! += key * dState[d * E + e]!;
    }
    if (gradients.k !== undefined && scan.k !== undefined) gradients.k[token * D + d]! += dKey;
    if (scan.k === undefined) gradients.logDecay![token * D + d]! -= Math.exp(logDecayAt(scan, token, d)) * dKey;
  }
}

interface DecayStep {
  readonly scan: Scan;
  readonly token: number;
  readonly decayed: Float64Array;
  readonly dState: Float64Array;
  readonly gradients: ScanGradients;
}

/** dlog λ_t = rowsum(dState ∘ λ_t s_{t−1}), then dState ← diag(λ_t) dState for the step before. */
function passDecay({ scan, token, decayed, dState, gradients }: DecayStep): void {
  const { D, E } = scan;
  for (let d = 0; d < D; d++) {
    const decay = Math.exp(logDecayAt(scan, token, d));
    let sum = 0;
    for (let e = 0; e < E; e++) {
      sum += dState[d * E + e]! * decayed[d * E + e]!;
      dState[d * E + e]! *= decay;
    }
    if (gradients.logDecay !== undefined && scan.visible?.[token] !== 0) {
      gradients.logDecay[token * scan.perToken + d * scan.perChannel]! += sum;
    }
  }
}
