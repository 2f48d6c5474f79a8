// Costs of the kernels of decay rules: decay-scan.ts, column-scan.ts and two-way-scan.ts.

import { segmentsOf, type Segments } from "../shares.ts";
import { scanTile } from "../wgsl/matrix-scan.ts";
import { twoWayTile } from "../wgsl/two-way-scan.ts";
import { elementwisePass, pass, rowProductPass, small, sumPasses, type Division, type PassCost } from "./pass.ts";

export type DecayKind = "none" | "constant" | "scalar" | "rows";

/** One direction. */
export interface ScanSizes {
  readonly G: number;
  readonly N: number;
  readonly D: number;
  readonly E: number;
  readonly decay: DecayKind;
  /** which tensors are stored as float16; out as v, gradients as their inputs */
  readonly halves: Readonly<Record<"q" | "k" | "v" | "decay", boolean>>;
  readonly ordered: boolean;
  readonly initial: boolean;
}

const THREADS = 256;

function words(numbers: number, isHalf: boolean): number {
  return isHalf ? numbers / 2 : numbers;
}

/** Words of log decays. */
function decayWords({ G, N, D, decay, halves }: ScanSizes): number[] {
  const numbers = { none: 0, constant: G, scalar: G * N, rows: words(G * N * D, halves.decay) }[decay];
  return decay === "none" ? [] : [numbers];
}

function orderWords({ N, ordered }: Pick<ScanSizes, "N" | "ordered">): number[] {
  return ordered ? [N] : [];
}

function segmentsOfScan({ G, N, D, E }: ScanSizes, { leastTokens }: Division): Segments {
  return segmentsOf(G * scanTile(D, E).tiles, N, leastTokens);
}

interface ScanPass {
  readonly name: string;
  /** words of x, y and w */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  /** rows are those of E */
  readonly transposed: boolean;
  /** whether outputs are formed */
  readonly output: boolean;
}

/** A state entry a token: decay, add, and read where outputs are formed. */
function scanPass(scan: ScanSizes, segments: number, { name, reads, writes, transposed, output }: ScanPass): PassCost {
  const { G, N, D, E, decay } = scan;
  const [rows, columns] = transposed ? [E, D] : [D, E];
  const tile = scanTile(rows, columns);
  const padded = tile.rows * tile.parts;
  const steps = 1 + (output ? 1 : 0) + (decay === "none" ? 0 : 1);
  const exponentials = {
    none: 0,
    constant: tile.tiles,
    scalar: tile.tiles,
    rows: transposed ? columns : padded * tile.tiles,
  }[decay];
  return pass(name, {
    reads: [...reads, ...decayWords(scan), ...orderWords(scan)],
    writes,
    workgroups: tile.tiles * segments * G,
    multiplyAdds: G * N * tile.tiles * tile.columns * padded * steps,
    exponentials: G * N * exponentials,
  });
}

/** States of the segments, and what each is handed; none where there is one segment. @param x,y words of what states are made of */
function handOnPasses(
  scan: ScanSizes,
  segments: number,
  [x, y]: readonly [number, number],
  initial: boolean,
): PassCost[] {
  const { G, N, D, E, decay } = scan;
  if (segments === 1) return [];
  const [state, states] = [G * D * E, G * segments * D * E];
  const W = { none: 0, constant: 1, scalar: 1, rows: D }[decay];
  const totals = decay === "none" ? [] : [G * segments * W];
  return [
    scanPass(scan, segments, {
      name: "states of segments",
      reads: [x, y],
      writes: [states],
      transposed: false,
      output: false,
    }),
    ...(decay === "none"
      ? []
      : [
          pass("decays of segments", {
            reads: [...decayWords(scan), ...(decay === "constant" ? [] : orderWords({ N, ordered: scan.ordered }))],
            writes: totals,
            workgroups: Math.ceil(W / 64) * segments * G,
          }),
        ]),
    pass("hand states on", {
      reads: [...totals, states, ...(initial ? [state] : [])],
      writes: [states, state],
      workgroups: Math.ceil((D * E) / THREADS) * G,
      exponentials: W === 0 ? 0 : states,
    }),
  ];
}

/** One segment begins with the initial state, where there is one, and leaves the final one. */
function started({ G, D, E }: ScanSizes, segments: number, initial: boolean): number[] {
  if (segments > 1) return [G * segments * D * E];
  return initial ? [G * D * E] : [];
}

/** s_t = λ_t s_{t−1} + k_t v_tᵀ, out_t = s_tᵀ q_t. */
export function scanForwardPasses(scan: ScanSizes, division: Division): PassCost[] {
  const { G, N, D, E, halves } = scan;
  const { segments } = segmentsOfScan(scan, division);
  const [q, k, v] = [words(G * N * D, halves.q), words(G * N * D, halves.k), words(G * N * E, halves.v)];
  return [
    ...handOnPasses(scan, segments, [k, v], scan.initial),
    scanPass(scan, segments, {
      name: "scan",
      reads: [k, v, q, ...started(scan, segments, scan.initial)],
      writes: [v, ...(segments === 1 ? [G * D * E] : [])],
      transposed: false,
      output: true,
    }),
  ];
}

/** Three scans, after the states from both sides. `exclusive`: dq and dk are float32. */
export function scanBackwardPasses(
  scan: ScanSizes,
  division: Division,
  { exclusive, ending = true }: { readonly exclusive: boolean; readonly ending?: boolean },
): PassCost[] {
  const { G, N, D, E, halves } = scan;
  const { segments } = segmentsOfScan(scan, division);
  const [q, k, v] = [words(G * N * D, halves.q), words(G * N * D, halves.k), words(G * N * E, halves.v)];
  const dOut = v;
  const [dq, dk] = exclusive ? [G * N * D, G * N * D] : [q, k];
  const last = segments === 1 ? [G * D * E] : [];
  const fromLeft = started(scan, segments, scan.initial);
  const fromRight = started(scan, segments, ending);
  const scanned = (name: string, reads: readonly number[], writes: readonly number[], transposed: boolean) =>
    scanPass(scan, segments, { name, reads, writes, transposed, output: true });
  return [
    ...handOnPasses(scan, segments, [k, v], scan.initial),
    ...handOnPasses(scan, segments, [q, dOut], ending),
    scanned("scan for dq", [v, k, dOut, ...fromLeft], [dq, ...last], true),
    scanned("scan for dk", [dOut, q, v, ...fromRight], [dk], true),
    scanned("scan for dv", [q, dOut, k, ...fromRight], [v, ...last], false),
  ];
}

export interface SuffixSizes {
  readonly G: number;
  readonly N: number;
  /** channels */
  readonly W: number;
  readonly decayed: boolean;
  readonly ordered: boolean;
}

/** y_i = x_i + e^{decay_{i+1}} y_{i+1}. */
export function suffixPasses({ G, N, W, decayed, ordered }: SuffixSizes, { segments }: Segments): PassCost[] {
  const [x, local, channels] = [G * N * W, G * segments * W, G * W];
  const decay = decayed ? [x] : [];
  const order = orderWords({ N, ordered });
  const workgroups = Math.ceil(W / 64) * segments * G;
  const scaled = decayed ? x : 0;
  const later = decayed ? (channels * segments * (segments - 1)) / 2 : 0;
  return [
    pass("sums of segments", {
      reads: [x, ...decay, ...order],
      writes: [local],
      workgroups,
      multiplyAdds: scaled,
      exponentials: scaled,
    }),
    ...(decayed ? [pass("decays of segments", { reads: [...decay, ...order], writes: [local], workgroups })] : []),
    pass("sums from the end", {
      reads: [x, ...decay, ...order, channels, local, ...(decayed ? [local] : [])],
      writes: [x, channels],
      workgroups,
      multiplyAdds: scaled,
      exponentials: scaled + later,
    }),
  ];
}

/** All gradients of one direction; those of decays from the pairs of tokens that they lie between. @param ending whether the final state has a cotangent */
export function decayBackwardPasses(scan: ScanSizes, division: Division, ending: boolean): PassCost[] {
  const { G, N, D, E, decay, halves, ordered } = scan;
  if (decay === "none") return scanBackwardPasses(scan, division, { exclusive: false, ending });
  const [ofD, state] = [G * N * D, G * D * E];
  const [q, k, v] = [words(ofD, halves.q), words(ofD, halves.k), words(G * N * E, halves.v)];
  const W = decay === "rows" ? D : 1;
  return [
    ...scanBackwardPasses(scan, division, { exclusive: true, ending }),
    rowProductPass("v · dout", G * N, E, [v, v]),
    ...(ending
      ? [small("final ∘ dstate", state), ...sumPasses(G * D, E, true), ...(W === 1 ? sumPasses(G, D, true) : [])]
      : []),
    ...(W === 1
      ? [
          rowProductPass("q · dq", G * N, D, [q, ofD]),
          rowProductPass("k · dk", G * N, D, [k, ofD]),
          small("pairs", G * N),
        ]
      : [elementwisePass("pairs", [q, k, ofD, ofD], ofD)]),
    ...suffixPasses({ G, N, W, decayed: false, ordered }, segmentsOfScan(scan, division)),
    ...(decay === "constant" ? sumPasses(G, N, false) : []),
    ...(halves.decay ? [elementwisePass("store as float16", [ofD], ofD / 2)] : []),
    elementwisePass("dq", [ofD, k, G * N], q),
    elementwisePass("dk", [ofD, q, G * N], k),
  ];
}

export type TwoWaySizes = Omit<ScanSizes, "halves" | "ordered" | "initial">;

/** Both directions at once, float32: q, k, v and decays are read twice, out is written and then added to. */
export function twoWayForwardPasses(scan: TwoWaySizes, { leastTokens, sharedBytes }: Division): PassCost[] {
  const { G, N, D, E } = scan;
  const tile = twoWayTile({ rows: D, columns: E, sharedBytes });
  const { segments, length } = segmentsOf(G * tile.tiles, N, leastTokens);
  const T = tile.tokens;
  const own = tile.rows / 4;
  const quads = own * tile.parts;
  const inputs = [G * N * D, G * N * E, ...decayWords({ ...scan, ...PLAIN })];
  const states = 2 * G * segments * D * E;
  const factor = G * segments * D;
  const workgroups = tile.tiles * segments * G;
  // Both halves of the threads take a chunk in.
  const takenIn = 2 * tile.threads * own * 8 * (1 + T);
  const lengths = Array.from({ length: segments }, (_, i) => Math.min(length, N - i * length));
  const chunks = lengths.reduce((sum, tokens) => sum + Math.ceil(tokens / T), 0);
  const steps = segments * 2 * Math.ceil(length / T / 2);
  const perStep = 2 * (quads * T * 16 + tile.threads * own * 8 * T) + takenIn;
  const ownTile = 2 * quads * T * (8 * (T - 1) + 4); // of a step whose chunks are fresh
  return [
    ...(segments === 1
      ? []
      : [
          pass("states of segments, both ways", {
            reads: inputs,
            writes: [states, factor],
            workgroups,
            multiplyAdds: G * tile.tiles * chunks * (quads * T * 12 + takenIn),
            exponentials: G * tile.tiles * chunks * quads * T * 8 + factor,
          }),
          pass("hand states on, both ways", {
            reads: [states, factor],
            writes: [states],
            workgroups: Math.ceil((D * E) / THREADS) * G * 2,
          }),
        ]),
    pass("scan, both ways", {
      reads: [G * N * D, ...inputs, ...(segments === 1 ? [] : [states])],
      writes: [G * N * E],
      workgroups,
      multiplyAdds: G * tile.tiles * (steps * perStep + (steps / 2) * ownTile) + G * N * E * T,
      exponentials: G * tile.tiles * steps * 2 * quads * T * 4,
    }),
  ];
}

const PLAIN = { halves: { q: false, k: false, v: false, decay: false }, ordered: false, initial: false } as const;

/** Two single scans' gradients, added up. */
export function twoWayBackwardPasses(scan: TwoWaySizes, division: Division): PassCost[] {
  const { G, N, D, E, decay } = scan;
  const oneWay = (ordered: boolean) => decayBackwardPasses({ ...scan, ...PLAIN, ordered }, division, false);
  const decays = decayWords({ ...scan, ...PLAIN });
  return [
    ...oneWay(false),
    ...oneWay(true),
    small("dq of both", G * N * D),
    small("dk of both", G * N * D),
    small("dv of both", G * N * E),
    ...(decay === "none" ? [] : [small("decays of both", decays[0]!)]),
  ];
}
