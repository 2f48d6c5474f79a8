// What an operator costs on engine webgpu, program by program: the engine's models of its kernels, put together as the strategies put the
// kernels together. Loads no tensor library.

import type { OperatorCase, OperatorSpec, Shape } from "#case/case";
import {
  additiveCausalBackward,
  additiveCausalForward,
  additiveGlobalBackward,
  additiveGlobalForward,
} from "#engine/webgpu/costs/additive";
import { attentionBackward, attentionForward } from "#engine/webgpu/costs/attention";
import { elementwisePass, foreign, small, type Division, type PassCost, type Sizes } from "#engine/webgpu/costs/pass";
import {
  decayBackwardPasses,
  scanForwardPasses,
  twoWayBackwardPasses,
  twoWayForwardPasses,
  type DecayKind,
  type ScanSizes,
} from "#engine/webgpu/costs/scan";
import { SEGMENT_TOKENS } from "#engine/webgpu/shares";
import { directionsOf, type Direction } from "./multiplicative/scan-orders.ts";

/** Of GPUs that give a workgroup 48 KiB. */
const ON_A_GPU: Division = { leastTokens: SEGMENT_TOKENS, sharedBytes: 48 * 1024 };

export type Priced = Pick<OperatorCase, "spec" | "strategy" | "level" | "pass" | "precision" | "shape">;

/**
 * Every program of a call, in order; undefined where no model is written: mixer layers, feature maps, directions that share less than all, and
 * strategies made of tfjs's own operations.
 */
export function webgpuPasses(item: Priced, division: Division = ON_A_GPU): PassCost[] | undefined {
  if (item.level !== "operator") return undefined;
  const both = costsOf(item, division);
  if (both === undefined) return undefined;
  return item.pass === "forward" ? both.forward() : [...both.forward(), ...both.backward()];
}

interface Costs {
  readonly forward: () => PassCost[];
  readonly backward: () => PassCost[];
}

function costsOf({ spec, strategy, shape, precision }: Priced, division: Division): Costs | undefined {
  const { B, H, N, D, E } = shape;
  const halves = precision === "float16";
  const sizes: Sizes = { G: B * H, N, D, E, halves };
  const isFused = strategy === "fused" || strategy === "default";
  switch (spec.op) {
    case "additive":
      return isFused ? additive(spec, sizes, division) : undefined;
    case "softmax":
      return isFused ? attention(spec, sizes) : undefined;
    case "multiplicative":
      return isModelled(spec) ? multiplicative({ spec, strategy, shape, sizes, division }) : undefined;
    default:
      return undefined;
  }
}

function additive(spec: OperatorSpec, sizes: Sizes, division: Division): Costs {
  const given = { ...sizes, keyed: spec.explicitKey === true };
  if (!spec.causal)
    return { forward: () => additiveGlobalForward(given), backward: () => additiveGlobalBackward(given) };
  return {
    forward: () => additiveCausalForward(given, division),
    backward: () => additiveCausalBackward(given, division),
  };
}

function attention({ causal }: OperatorSpec, sizes: Sizes): Costs {
  return {
    forward: () => attentionForward({ ...sizes, causal }),
    backward: () => attentionBackward({ ...sizes, causal }),
  };
}

/** Inputs that all directions share, as they are, and outputs that are summed. */
function isModelled({ feature, normalised, sharing, currentToken, merge }: OperatorSpec): boolean {
  return (
    feature === undefined &&
    normalised !== true &&
    (sharing ?? "all") === "all" &&
    currentToken !== "once" &&
    merge !== "mean"
  );
}

interface Multiplicative {
  readonly spec: OperatorSpec;
  readonly strategy: string;
  readonly shape: Shape;
  readonly sizes: Sizes;
  readonly division: Division;
}

const DECAYS: Readonly<Record<NonNullable<OperatorSpec["decay"]>, DecayKind>> = {
  none: "none",
  constant: "constant",
  scalar: "scalar",
  vector: "rows",
};

function multiplicative(call: Multiplicative): Costs | undefined {
  const { spec, strategy, sizes, division } = call;
  const { decay = "none", causal } = spec;
  if (!causal && decay === "none")
    return strategy === "default" || strategy === "global"
      ? { forward: () => globalForward(sizes), backward: () => globalBackward(sizes) }
      : undefined;
  const isJoint = strategy === "fused-joint";
  if (!isJoint && strategy !== "default" && strategy !== "fused") return undefined;
  const [before, afterwards] = decayPasses(call);
  if (isJoint) {
    const given = { ...sizes, decay: DECAYS[decay] };
    return {
      forward: () => [...before, ...twoWayForwardPasses(given, division)],
      backward: () => [...twoWayBackwardPasses(given, division), ...afterwards],
    };
  }
  return {
    forward: () => [...before, ...directionsForward(call)],
    backward: () => [...directionsBackward(call), ...afterwards],
  };
}

/** What is made of decays before the scans, and of their gradients after them. */
function decayPasses({ spec, shape, sizes }: Multiplicative): readonly [PassCost[], PassCost[]] {
  if (spec.decay === "constant") return constantDecayPasses(shape, sizes.halves);
  if (spec.tiedKey !== true) return [[], []];
  const rows = sizes.G * sizes.N * sizes.D;
  // k = −expm1(log f): the gradient of log f comes from both.
  return [
    [elementwisePass("expm1", [rows], rows, rows), small("negate", rows, 1)],
    [small("negate", rows, 1), small("exp", rows, 1), small("× dk", rows), small("sum of both", rows)],
  ];
}

/** One decay a head, repeated for each batch. */
function constantDecayPasses({ B, H }: Shape, halves: boolean): readonly [PassCost[], PassCost[]] {
  const repeated = [foreign("tile", [H], B * H)];
  if (halves) return [repeated, [elementwisePass("sum of batches", [B * H], H)]];
  const ofBatch = [foreign("slice", [H], H), small("sum of batches", H)];
  return [repeated, [foreign("fill", [], H), ...Array.from({ length: B }, () => ofBatch).flat()]];
}

/** Rows of batch and heads that a direction scans, and how many directions share them out. */
interface OneDirection {
  readonly scan: ScanSizes;
  readonly isPart: boolean;
}

function oneDirection({ spec, shape, sizes }: Multiplicative, { order, heads: [from, to] }: Direction): OneDirection {
  const { N, D, E, halves } = sizes;
  return {
    isPart: to - from < shape.H,
    scan: {
      G: shape.B * (to - from),
      N,
      D,
      E,
      decay: DECAYS[spec.decay ?? "none"],
      halves: { q: halves, k: halves, v: halves, decay: halves && spec.decay === "vector" },
      ordered: order !== undefined,
      initial: false,
    },
  };
}

/** Words of q, k, v and the decays of a direction. */
function inputWords({ G, N, D, E, decay }: ScanSizes): number[] {
  const decays = { none: [], constant: [G], scalar: [G * N], rows: [G * N * D] }[decay];
  return [G * N * D, G * N * D, G * N * E, ...decays];
}

function directionsForward(call: Multiplicative): PassCost[] {
  const directions = directionsOf(call.spec, call.shape).map((direction) => oneDirection(call, direction));
  const { G, N, E } = call.sizes;
  const scans = directions.flatMap(({ scan, isPart }) => [
    ...(isPart ? inputWords(scan).map((size) => foreign("heads", [size], size)) : []),
    ...scanForwardPasses(scan, call.division),
  ]);
  return directions.length === 1 ? scans : [...scans, joined(directions, G * N * E)];
}

function directionsBackward(call: Multiplicative): PassCost[] {
  const directions = directionsOf(call.spec, call.shape).map((direction) => oneDirection(call, direction));
  const alone = directions.length === 1;
  // One direction has a final state, which tfjs gives a cotangent of zeros; halves are not on its tape.
  const ending = alone && !call.sizes.halves;
  const scans = directions.flatMap(({ scan, isPart }) => {
    const { G, N, E } = scan;
    const parts = isPart ? [...inputWords(scan), G * N * E].map((size) => foreign("heads", [size], size)) : [];
    return [...parts, ...decayBackwardPasses(scan, call.division, ending)];
  });
  if (alone) return scans;
  const whole = inputWords({ ...directions[0]!.scan, G: call.sizes.G });
  return [...scans, ...whole.map((size) => joined(directions, size))];
}

/** Sums of directions that see all heads, or heads side by side. */
function joined(directions: readonly OneDirection[], size: number): PassCost {
  return directions[0]!.isPart
    ? foreign("join heads", [size], size)
    : small(`sum of ${directions.length} directions`, size, directions.length);
}

/** Without decay and order, by tfjs's products: o = q (kᵀv), or (q kᵀ) v where tokens are few. */
function globalForward({ G, N, D, E }: Sizes): PassCost[] {
  const state = product("kᵀ · v", { G, rows: D, columns: E, inner: N });
  if (N * (D + E) < 2 * D * E)
    return [
      state,
      product("q · kᵀ", { G, rows: N, columns: N, inner: D }),
      product("scores · v", { G, rows: N, columns: E, inner: N }),
    ];
  return [state, product("q · state", { G, rows: N, columns: E, inner: D })];
}

function globalBackward({ G, N, D, E }: Sizes): PassCost[] {
  return [
    product("kᵀ · v", { G, rows: D, columns: E, inner: N }),
    product("qᵀ · dout", { G, rows: D, columns: E, inner: N }),
    small("add cotangent", G * D * E),
    product("dq", { G, rows: N, columns: D, inner: E }),
    product("dk", { G, rows: N, columns: D, inner: E }),
    product("dv", { G, rows: N, columns: E, inner: D }),
  ];
}

interface Factors {
  readonly G: number;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
}

/** One program of tfjs, as it is for several batches; its padding is not counted. */
function product(name: string, { G, rows, columns, inner }: Factors): PassCost {
  return foreign(name, [G * rows * inner, G * inner * columns], G * rows * columns, G * rows * columns * inner);
}
