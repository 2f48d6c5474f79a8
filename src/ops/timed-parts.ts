// Which parts of a timed call are compared with the definition: all of it where that is cheap, else windows of heads and channels
// that the definition can be computed for alone, and of softmax some of its rows.

import type { Random } from "#base/random";
import { traitsOf, type OperatorSpec, type Pass, type Shape } from "#case/case";
import type { InputName, OperatorDeclaration } from "./operator.ts";

/** What is timed. */
export interface TimedForm {
  readonly operator: OperatorDeclaration;
  readonly spec: OperatorSpec;
  readonly shape: Shape;
  readonly pass: Pass;
  /** decoding: of all outputs only that of the last token was formed */
  readonly lastOnly?: boolean;
}

export interface Window {
  readonly from: number;
  readonly size: number;
}

export interface Part {
  readonly windows: Readonly<Record<"B" | "H" | "D" | "E", Window>>;
  /** softmax, decoding: tokens whose outputs, and gradients of q, are compared; absent: all tokens */
  readonly rows?: readonly number[];
  /** compared: `out` of a forward pass, gradients by their inputs of the other */
  readonly names: readonly (InputName | "out")[];
}

/** Numbers of all states (or products of attention) that a part may take: some tenths of a second in float64. */
const WHOLE = 2 ** 20;
const PART = 2 ** 20;
const ATTENDED = 2 ** 22;
/** Errors are relative to the largest of these channels. */
const LEAST_CHANNELS = 4;

/**
 * Every number of an output depends on one channel of v, and gradients of q, k, g and decays on one channel of the state, so that
 * a window of channels needs no other. A denominator and a softmax over channels join them: there one head stands for all.
 */
export function partsOf(form: TimedForm, random: Random): Part[] {
  const { operator, spec, shape, pass } = form;
  const { B, H, N, D, E } = shape;
  const given = Object.keys(operator.inputShapes(spec, shape)) as InputName[];
  const whole = { B: all(B), H: all(H), D: all(D), E: all(E) };
  const { carries, joinsChannels } = traitsOf(spec);
  const [attends, forward] = [carries === "tokens", pass === "forward"];
  const cost = attends ? (B * H * N * N * (D + E)) / 4 : B * H * N * D * E * scansOf(spec);
  const last = form.lastOnly === true ? { rows: [N - 1] } : {};
  if (cost <= WHOLE) return [{ windows: whole, ...last, names: forward ? ["out"] : given }];
  if (attends) return [rowsOf(form, random)];

  const windowed = (channels: "D" | "E"): Part["windows"] => {
    const ofHead = N * scansOf(spec) * (channels === "D" ? E : D);
    // Heads that are divided over directions cannot be looked at alone.
    const heads = spec.layout === "head-split" || H * ofHead <= PART ? all(H) : some(H, 1, random);
    const size = Math.max(LEAST_CHANNELS, Math.floor(PART / (heads.size * ofHead)));
    return { ...whole, B: some(B, 1, random), H: heads, [channels]: some(shape[channels], size, random) };
  };
  if (forward) return [{ windows: windowed("E"), ...last, names: ["out"] }];
  const values = given.includes("b") ? "b" : "v"; // what has the channels E
  const ofValues: Part = { windows: windowed("E"), names: [values] };
  const others = given.filter((name) => name !== values && (name !== "logDecay" || spec.decay === "vector"));
  if (!joinsChannels) return [ofValues, { windows: windowed("D"), names: others }];
  const oneHead = { ...whole, B: some(B, 1, random), H: some(H, 1, random) };
  return N * D * E <= 16 * WHOLE ? [{ windows: oneHead, names: given }] : [ofValues];
}

function scansOf({ causal, layout = "parallel", scans = 1 }: OperatorSpec): number {
  return causal || layout !== "parallel" ? 1 : scans;
}

/** The last token of all, which has seen most, and others at random; gradients of keys and values take all rows, which nobody can pay. */
function rowsOf({ shape, pass, lastOnly = false }: TimedForm, random: Random): Part {
  const { B, H, N, D, E } = shape;
  const most = Math.max(1, Math.floor(ATTENDED / (N * (D + E))));
  const heads = most >= H ? all(H) : some(H, 1, random);
  const count = lastOnly ? 1 : Math.min(N, 64, Math.max(2, Math.floor(most / heads.size)));
  const rows = [...new Set([N - 1, ...Array.from({ length: count - 1 }, () => random.integer(N))])];
  const windows = { B: some(B, 1, random), H: heads, D: all(D), E: all(E) };
  return { windows, rows: rows.sort((a, b) => a - b), names: [pass === "forward" ? "out" : "q"] };
}

function all(size: number): Window {
  return { from: 0, size };
}

function some(most: number, size: number, random: Random): Window {
  const kept = Math.min(most, size);
  return { from: random.integer(most - kept + 1), size: kept };
}
