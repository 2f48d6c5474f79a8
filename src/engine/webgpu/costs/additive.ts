// Costs of the additive forms' kernels: additive-global.ts and additive-causal.ts.

import { COLUMN_TOKENS, partsOf, partsOfInner, segmentsOf, undivided } from "../shares.ts";
import { SLICE, tileOf } from "../wgsl/product.ts";
import {
  elementwisePass,
  foreign,
  inverseWeightPasses,
  pass,
  productPasses,
  small,
  stored,
  sumPasses,
  tilesOf,
  type Division,
  type PassCost,
  type Sizes,
} from "./pass.ts";
import { scanBackwardPasses, scanForwardPasses, suffixPasses, type ScanSizes } from "./scan.ts";

const THREADS = 256;

export interface AdditiveSizes extends Sizes {
  readonly keyed: boolean;
}

/**
 * s = Σ e^{g − m} (k) vᵀ / l in one streaming read, its parts combined, and q s: 2·4·2(D + E) bytes a token at float32. Maxima are taken
 * to move in the first slice of a part alone; each later move rescales a tile of the state.
 */
export function additiveGlobalForward(sizes: AdditiveSizes): PassCost[] {
  const { G, N, D, E, keyed } = sizes;
  const tiles = tilesOf(D, E);
  const { parts } = partsOf(G * tiles.all, N);
  const [BM, BN] = [tileOf(D), tileOf(E)];
  const slices = G * tiles.all * Math.ceil(N / SLICE);
  const ofSlice = 4 * THREADS; // a quad a thread
  const states = [G * parts * D * E, G * parts * D, G * parts * D];
  return [
    pass("weights and state", {
      reads: [stored(sizes, G * N * D * (keyed ? 2 : 1)), stored(sizes, G * N * E)],
      writes: states,
      workgroups: G * tiles.all * parts,
      multiplyAdds: slices * (BM * BN * SLICE + ofSlice) + G * tiles.all * parts * BM * BN,
      exponentials: slices * (ofSlice + BM * SLICE),
    }),
    pass("combine parts", {
      reads: states,
      writes: [G * D * E, G * D, G * D],
      workgroups: Math.ceil((D * E) / THREADS) * G,
      multiplyAdds: 2 * G * D * E * parts,
      exponentials: G * D * E * parts,
    }),
    ...productPasses({
      name: "q · state",
      batch: G,
      rows: N,
      columns: E,
      inner: D,
      reads: [stored(sizes, G * N * D), G * D * E],
      ...resultAs(sizes, G * tilesOf(N, E).all, { rows: N, columns: E, inner: D }),
    }),
    ...(sizes.halves ? [] : logSumPasses(G * D)),
  ];
}

/** top + log weight */
function logSumPasses(size: number): PassCost[] {
  return [elementwisePass("log", [size], size), small("top + log", size)];
}

/** A product that is stored as its operands are: of halves it is not divided. */
function resultAs(
  { halves, G }: AdditiveSizes,
  others: number,
  { rows, columns, inner }: { readonly rows: number; readonly columns: number; readonly inner: number },
) {
  return halves
    ? { writes: [(G * rows * columns) / 2], division: undivided(inner) }
    : { division: partsOfInner(others, rows, inner) };
}

/** ds = qᵀ do, dq = do sᵀ, dv = p ds, dg = p ∘ (v dsᵀ − …): every large tensor is read twice, and the weights are formed twice more. */
export function additiveGlobalBackward(sizes: AdditiveSizes): PassCost[] {
  const { G, N, D, E, keyed } = sizes;
  const [ofD, ofE, state] = [stored(sizes, G * N * D), stored(sizes, G * N * E), G * D * E];
  const key = keyed ? [ofD] : [];
  return [
    ...productPasses({
      name: "qᵀ · dout",
      batch: G,
      rows: D,
      columns: E,
      inner: N,
      reads: [ofD, ofE],
      division: partsOfInner(G * tilesOf(D, E).all, D, N),
    }),
    ...inverseWeightPasses(G * D),
    small("add cotangent", state),
    foreign("÷ weight", [state, G * D], state),
    small("s ∘ ds", state),
    ...sumPasses(G * D, E, true),
    small("lse ÷ weight", G * D),
    small("shift", G * D),
    ...productPasses({
      name: "dq = dout · stateᵀ",
      batch: G,
      rows: N,
      columns: D,
      inner: E,
      reads: [ofE, state],
      ...resultAs(sizes, G * tilesOf(N, D).all, { rows: N, columns: D, inner: E }),
    }),
    ...productPasses({
      name: "dv = p · dstate",
      batch: G,
      rows: N,
      columns: E,
      inner: D,
      reads: [ofD, G * D, state, ...key],
      exponentials: { ofA: 1, ofResult: 0 },
      ...resultAs(sizes, G * tilesOf(N, E).all, { rows: N, columns: E, inner: D }),
    }),
    ...productPasses({
      name: "dg = p ∘ (v · dstateᵀ − shift)",
      batch: G,
      rows: N,
      columns: D,
      inner: E,
      reads: [ofE, state, ofD, G * D, G * D, ...key],
      writes: [ofD, ...key],
      division: undivided(E),
      exponentials: { ofA: 0, ofResult: 1 },
    }),
  ];
}

/** The rule's decays, keys and 1 / l from the logits, then one scan; all of them are float32 in memory. */
export function additiveCausalForward(sizes: AdditiveSizes, division: Division): PassCost[] {
  const { G, D, E } = sizes;
  return [
    ...startPasses(G * D),
    ...preparationPasses(sizes, division),
    ...scanForwardPasses(ruleOf(sizes), division),
    ...inverseWeightPasses(G * D),
    foreign("÷ weight", [G * D * E, G * D], G * D * E),
    ...logSumPasses(G * D),
  ];
}

export function additiveCausalBackward(sizes: AdditiveSizes, division: Division): PassCost[] {
  const { G, N, D, E, keyed } = sizes;
  const [channels, state, rows] = [G * D, G * D * E, G * N * D];
  const ofGradient = stored(sizes, rows);
  return [
    ...(sizes.halves ? [] : startPasses(channels)),
    ...preparationPasses(sizes, division),
    ...inverseWeightPasses(channels),
    foreign("÷ weight", [state, channels], state),
    ...scanBackwardPasses(ruleOf(sizes), division, { exclusive: false }),
    foreign("final ÷ weight", [state, channels], state),
    small("dstate ∘ final", state),
    ...sumPasses(channels, E, true),
    small("less dlse", channels),
    elementwisePass("q ∘ dq ÷ l", [rows, rows, rows], rows),
    small("at the end", channels),
    ...suffixPasses({ G, N, W: D, decayed: true, ordered: false }, segmentsOf(G, N, columnTokens(division))),
    foreign("× first weight", [state, channels], state),
    elementwisePass("dq", [rows, rows], ofGradient),
    elementwisePass("dg", [rows, rows, rows, rows], ofGradient),
    ...(keyed ? [elementwisePass("dk", [rows, rows], ofGradient)] : []),
    small("state ∘ dstate", state),
    ...sumPasses(channels, E, true),
    small("× first weight", channels),
    small("dlse", channels),
  ];
}

/** Maximum and weight of the token before the first. */
function startPasses(size: number): PassCost[] {
  return [foreign("fill", [], size), foreign("fill", [], size)];
}

function columnTokens({ leastTokens }: Division): number {
  return Math.min(COLUMN_TOKENS, leastTokens);
}

function preparationPasses(sizes: AdditiveSizes, division: Division): PassCost[] {
  const { G, N, D, E, keyed } = sizes;
  const { segments } = segmentsOf(G, N, columnTokens(division));
  const [rows, summary, channels] = [G * N * D, G * segments * 2 * D, G * D];
  const logits = stored(sizes, rows);
  const workgroups = Math.ceil(D / 64) * segments * G;
  const earlier = (channels * segments * (segments - 1)) / 2;
  return [
    pass("maxima and sums of segments", { reads: [logits], writes: [summary], workgroups, exponentials: rows }),
    pass("decays, keys, 1/l", {
      reads: [logits, channels, channels, summary],
      writes: [rows, rows, rows, 2 * channels],
      workgroups,
      exponentials: 2 * rows + 2 * earlier,
    }),
    elementwisePass("q ÷ l", [logits, rows], rows),
    ...(keyed ? [elementwisePass("k ∘ key", [logits, rows], rows)] : []),
    foreign("state × weight", [G * D * E, channels], G * D * E),
    foreign("slice", [channels], channels),
    foreign("slice", [channels], channels),
  ];
}

/** The decay rule behind the causal form. */
function ruleOf({ G, N, D, E, halves }: AdditiveSizes): ScanSizes {
  return {
    G,
    N,
    D,
    E,
    decay: "rows",
    halves: { q: false, k: false, v: halves, decay: false },
    ordered: false,
    initial: true,
  };
}
