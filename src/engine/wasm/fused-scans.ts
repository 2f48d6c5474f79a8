// Causal recurrences on our kernels: additive, and with multiplicative decay.

import { ShapeError } from "#base/errors";
import type { DecayScanInputs, FusedKernels } from "../kernels.ts";
import type * as tf from "../tf.ts";
import { perHead, rowAddresses, statePassOperations } from "./fused-additive.ts";
import type { Heap } from "./heap.ts";

/** How kernels are told what scratch is for. */
const BACKWARD = { forward: 0, backward: 1 } as const;

export function additiveCausal(heap: Heap): NonNullable<FusedKernels["additiveCausal"]> {
  const where = "additive (fused, causal)";
  const each = (pass: keyof typeof BACKWARD) =>
    perHead(heap, (N, D, E) => heap.module["additiveCausalScratchBytes"]!(N, D, E, BACKWARD[pass]));
  return {
    forward({ q, g, v, k, top0, weight0, state0 }) {
      const sizes = heap.sizes({ q, g, v, k }, where);
      const { G, N, D, E } = sizes;
      const out = heap.tensor([G, N, E]);
      const state = heap.tensor([G, D, E]);
      const lse = heap.tensor<tf.Tensor2D>([G, D]);
      const row = rowAddresses(heap, where, { q, g, v, k, top0, weight0, state0, out, state, lse });
      each("forward")("additiveCausalForward", sizes, row);
      return { out, state, lse };
    },
    backward({ q, g, v, k, top0, weight0, state0 }, { out: dOut, state: dState, lse: dLse }) {
      const sizes = heap.sizes({ q, g, v, k }, where);
      const { G, N, D, E } = sizes;
      const [dq, dg, dv] = [heap.tensor([G, N, D]), heap.tensor([G, N, D]), heap.tensor([G, N, E])];
      const dk = k === undefined ? undefined : heap.tensor([G, N, D]);
      const dTop0 = heap.tensor<tf.Tensor2D>([G, D]);
      const dState0 = heap.tensor([G, D, E]);
      const row = rowAddresses(heap, where, {
        q,
        g,
        v,
        k,
        top0,
        weight0,
        state0,
        dOut,
        dState,
        dLse,
        dq,
        dg,
        dv,
        dk,
        dTop0,
        dState0,
      });
      each("backward")("additiveCausalBackward", sizes, row);
      return { q: dq, g: dg, v: dv, ...(dk === undefined ? {} : { k: dk }), top0: dTop0, state0: dState0 };
    },
  };
}

/** Address of a tensor and the bytes from one head to the next; 0 for what was not given. */
type Part = readonly [address: number, bytes: number];

/** Addresses of one token's tensors, each with `numbers[name]` numbers per head. @throws {ShapeError} */
function partsOf(
  heap: Heap,
  where: string,
  G: number,
  tensors: Readonly<Record<string, readonly [tf.Tensor | undefined, perHead: number]>>,
): Part[] {
  return Object.entries(tensors).map(([name, [tensor, perHead]]) => {
    if (tensor === undefined) return [0, 0];
    if (tensor.size !== G * perHead) throw new ShapeError(where, name, `${G} × ${perHead} numbers`, tensor.shape);
    return [heap.address(tensor, where, name), 4 * perHead];
  });
}

/** One call per head; the old state is only read, so that a caller may go on from it twice. */
export function additiveStep(heap: Heap): NonNullable<FusedKernels["additiveStep"]> {
  const where = "additive (decoding)";
  return ({ q, g, v, k }, { m, l, lError, s }) => {
    const [G, D, E] = s.shape;
    const out = heap.tensor<tf.Tensor4D>([v.shape[0]!, v.shape[1]!, 1, E]);
    const next = {
      m: heap.tensor<tf.Tensor2D>([G, D]),
      l: heap.tensor<tf.Tensor2D>([G, D]),
      lError: heap.tensor<tf.Tensor2D>([G, D]),
      s: heap.tensor([G, D, E]),
    };
    const given = {
      q: [q, D],
      g: [g, D],
      v: [v, E],
      k: [k, D],
      m: [m, D],
      l: [l, D],
      lError: [lError, D],
      s: [s, D * E],
    } as const;
    const made = {
      out: [out, E],
      m: [next.m, D],
      l: [next.l, D],
      lError: [next.lError, D],
      s: [next.s, D * E],
    } as const;
    const shares = heap.scratch(heap.module["additiveStepScratchBytes"]!(D));
    const parts = [...partsOf(heap, where, G, given), ...partsOf(heap, where, G, made)];
    for (let i = 0; i < G; i++)
      heap.module["additiveStep"]!(...parts.map(([address, bytes]) => address + i * bytes), D, E, shares);
    return { out, carried: next };
  };
}

/** decayScanForward over one token, on a copy of the state. */
export function decayStep(heap: Heap): NonNullable<FusedKernels["decayStep"]> {
  const where = "multiplicative (decoding)";
  return ({ q, k, v, state, logDecay }) => {
    const [B, H, D, E] = state.shape as [number, number, number, number];
    const G = B * H;
    const out = heap.tensor<tf.Tensor4D>([B, H, 1, E]);
    const next = heap.tensor<tf.Tensor4D>([B, H, D, E]);
    heap.copyBytes(heap.address(state, where, "state"), heap.addressOf(next), 4 * G * D * E);
    const ofHead = logDecay?.rank === 1; // the same for every batch
    const width = logDecay?.rank === 4 ? D : 1;
    const decays = partsOf(heap, where, ofHead ? H : G, { logDecay: [logDecay, width] })[0]!;
    const parts = partsOf(heap, where, G, { q: [q, D], k: [k, D], v: [v, E], out: [out, E], state: [next, D * E] });
    const space = heap.scratch(heap.module["decayScanScratchBytes"]!(1, D, E, 0, BACKWARD.forward));
    for (let i = 0; i < G; i++) {
      const [aq, ak, av, aOut, aState] = parts.map(([address, bytes]) => address + i * bytes) as [
        number,
        number,
        number,
        number,
        number,
      ];
      const aDecay = decays[0] + (ofHead ? i % H : i) * decays[1];
      const kind = aDecay === 0 ? DECAYS.none : width === 1 ? DECAYS.constant : DECAYS.vector;
      heap.module["decayScanForward"]!(aq, ak, av, aDecay, kind, 0, aOut, 0, aState, 1, D, E, space);
    }
    return { out, state: next };
  };
}

/** What the kernel is told of the decays: assembly/decay-scan.ts. */
const DECAYS = { none: 0, constant: 1, scalar: 2, vector: 3, shared: 4 } as const;

function kindOf(logDecay: tf.Tensor3D | undefined, N: number, D: number): number {
  if (logDecay === undefined) return DECAYS.none;
  const [, tokens, channels] = logDecay.shape;
  if (channels === 1 && tokens === 1) return DECAYS.constant;
  if (channels === 1 && tokens === N) return DECAYS.scalar;
  if (channels === D && tokens === N) return DECAYS.vector;
  throw new ShapeError(
    "multiplicative (fused)",
    "logDecay",
    `[G, 1, 1], [G, ${N}, 1] or [G, ${N}, ${D}]`,
    logDecay.shape,
  );
}

/** One call of the kernel: row g of G in direction s. */
interface HeadScan {
  readonly kind: number;
  /** 0 as stored, 1 from the last to the first, else an address */
  readonly order: number;
  /** whether an earlier direction has written this row's results */
  readonly add: number;
  /** address of the decays */
  readonly decays: number;
  /** of a tensor: its row for this head and direction */
  readonly row: (tensor: tf.Tensor) => number;
}

/** Checks inputs and lays out scratch; `run` calls a kernel for every head and direction, the directions of a head one after another. */
function scans(heap: Heap, where: string, inputs: DecayScanInputs, pass: keyof typeof BACKWARD) {
  const { q, k, v, logDecay, directions = [{}] } = inputs;
  const G = inputs.G ?? q.shape[0];
  const S = directions.length;
  const [N, D, E] = [q.shape[1], q.shape[2], v.shape[2]];
  const widths = { q: D, k: D, v: E };
  for (const [name, tensor] of Object.entries({ q, k, v })) {
    const width = widths[name as "q"];
    const fits = tensor.shape[1] === N && tensor.shape[2] === width && [G, S * G].includes(tensor.shape[0]);
    if (!fits || tensor.size === 0)
      throw new ShapeError(where, name, `[${G}, ${N}, ${width}], not empty`, tensor.shape);
  }
  const kind = kindOf(logDecay, N, D);
  for (const { order } of directions)
    if (order !== undefined && order.length !== N) throw new ShapeError(where, "order", `[${N}]`, [order.length]);

  const shared = kind === DECAYS.vector && logDecay?.shape[0] === G;
  const bytes = heap.module["decayScanScratchBytes"]!(N, D, E, +(shared && S > 1), BACKWARD[pass]);
  const space = heap.space(bytes, 4 * N * S);
  const orders = directions.map(({ order }, s) => {
    if (order === undefined) return 0;
    if (order.every((token, i) => token === N - 1 - i)) return 1;
    const address = space.common + 4 * N * s;
    heap.write(address, order);
    return address;
  });
  const scansOf = (g: number): HeadScan[] => {
    const covering = [...directions.keys()].filter((s) => {
      const { heads } = directions[s]!;
      return heads === undefined || (g % heads.of >= heads.from && g % heads.of < heads.to);
    });
    return covering.map((s, i) => {
      const row = (tensor: tf.Tensor) =>
        heap.address(tensor, where, "a tensor") +
        (4 * tensor.size * (tensor.shape[0] === G ? g : s * G + g)) / tensor.shape[0]!;
      const kindHere = shared && covering.length > 1 ? DECAYS.shared : kind;
      const decays = logDecay === undefined ? 0 : row(logDecay);
      return { kind: kindHere, decays, order: orders[s]!, add: i > 0 ? 1 : 0, row };
    });
  };
  const run = (kernel: string, argumentsOf: (scan: HeadScan) => readonly number[]) => {
    const calls = (g: number) => scansOf(g).map((scan) => [...argumentsOf(scan), N, D, E]);
    heap.run({ kernel, count: G, calls, space, operations: S * statePassOperations({ G, N, D, E }) });
  };
  return { run, S, G, N, D, E };
}

export function decayScan(heap: Heap): NonNullable<FusedKernels["decayScan"]> {
  const where = "multiplicative (fused)";
  return {
    forward(inputs) {
      const { q, k, v, initialState } = inputs;
      const { run, S, G, N, D, E } = scans(heap, where, inputs, "forward");
      const out = heap.tensor([G, N, E]);
      const state = S > 1 ? undefined : heap.copyOrZeros(initialState, [G, D, E], where, "initialState");
      run("decayScanForward", ({ row, kind, decays, order, add }) => {
        const given = [row(q), row(k), row(v), decays, kind, order] as const;
        return [...given, row(out), add, state === undefined ? 0 : row(state)];
      });
      return { out, ...(state === undefined ? {} : { state }) };
    },
    backward(inputs, cotangents) {
      const { q, k, v, logDecay, initialState } = inputs;
      const { run, S, G, D, E } = scans(heap, where, inputs, "backward");
      // Sums start at 0: over tokens, and rows of directions' own, which no direction is the first to write.
      const gradientOf = (tensor: tf.Tensor3D, isSum = false) =>
        tensor.shape[0] === G && !isSum
          ? heap.tensor(tensor.shape)
          : heap.copyOrZeros(undefined, tensor.shape, where, "a gradient");
      const [dq, dk, dv] = [gradientOf(q), gradientOf(k), gradientOf(v)];
      const dLogDecay = logDecay === undefined ? undefined : gradientOf(logDecay, logDecay.shape[1] === 1);
      const [state, dState] =
        S > 1
          ? [undefined, undefined]
          : [
              heap.copyOrZeros(initialState, [G, D, E], where, "initialState"),
              heap.copyOrZeros(cotangents.state, [G, D, E], where, "the final state's gradient"),
            ];
      run("decayScanBackward", ({ row, kind, decays, order, add }) => {
        const given = [row(q), row(k), row(v), decays, kind, order, row(cotangents.out)] as const;
        const states = [state, dState].map((tensor) => (tensor === undefined ? 0 : row(tensor)));
        const made = [row(dq), row(dk), row(dv), dLogDecay === undefined ? 0 : row(dLogDecay)] as const;
        return [...given, ...states, ...made, add];
      });
      state?.dispose();
      if (initialState === undefined) dState?.dispose();
      return {
        q: dq,
        k: dk,
        v: dv,
        ...(dLogDecay === undefined ? {} : { logDecay: dLogDecay }),
        ...(initialState === undefined || dState === undefined ? {} : { initialState: dState }),
      };
    },
  };
}
