// Around a causal scan: masks, tied keys, orders of visit, heads divided over directions, sums of directions.
// One custom gradient covers all of it, since the engines lack the gradient of tf.gather.

import { ShapeError } from "#base/errors";
import * as tf from "#engine/tf";
import { withGradient, type TensorMap } from "../with-gradient.ts";
import type { Inputs, Outputs } from "../operator.ts";
import type { OperatorSpec, Shape } from "#case/case";
import { finiteLogDecay, type CausalScan, type ScanInputs, type TwoWayScan } from "./causal-scan.ts";
import { directionsOf, inverseOrder, mergeFactor, unsharedInputs, type Direction } from "./scan-orders.ts";

const DIFFERENTIABLE = ["q", "k", "v", "logDecay", "initialState"] as const;
type Name = (typeof DIFFERENTIABLE)[number];
type Tensors = TensorMap;
type Gradients = { [K in Name]?: tf.Tensor };

/** Runs every direction of a spec through `scan`; differentiable in all inputs but the mask. */
export function runDirections(
  inputs: Inputs<tf.Tensor>,
  spec: OperatorSpec,
  shape: Shape,
  scan: CausalScan,
): Outputs<tf.Tensor> {
  const directions = directionsOf(spec, shape);
  const run = new Arrangement(spec, shape, inputs.mask);
  const names = DIFFERENTIABLE.filter((name) => inputs[name] !== undefined);
  const tensors = Object.fromEntries(names.map((name) => [name, checked(inputs[name]!, name)]));
  return withGradient<Tensors, Outputs<tf.Tensor> & TensorMap>({
    inputs: tensors,
    forward: () => ({ outputs: run.forward(tensors, directions, scan), saved: tensors }),
    backward: ({ out, state }, saved) =>
      run.backward(saved, { directions, scan, dOut: out, dState: state }) as TensorMap,
  });
}

/** Runs the two directions of a one-dimensional order at once. */
export function runTwoWay(
  inputs: Inputs<tf.Tensor>,
  spec: OperatorSpec,
  shape: Shape,
  scan: TwoWayScan,
): Outputs<tf.Tensor> {
  const both: Direction = { index: 0, order: undefined, heads: [0, shape.H], countsCurrent: true };
  const asOne: CausalScan = {
    forward: (tensors) => ({ out: scan.forward(tensors), state: undefined }),
    backward: (tensors, dOut) => scan.backward(tensors, dOut),
  };
  const run = new Arrangement(spec, shape, inputs.mask);
  const onceOnly = spec.currentToken === "once";
  const names = DIFFERENTIABLE.filter((name) => inputs[name] !== undefined);
  const tensors = Object.fromEntries(names.map((name) => [name, checked(inputs[name]!, name)]));
  return withGradient<Tensors, { out: tf.Tensor }>({
    inputs: tensors,
    forward: () => {
      const { out } = run.forward(tensors, [both], asOne);
      return { outputs: { out: onceOnly ? run.minusCurrent(out, tensors) : out }, saved: tensors };
    },
    backward: ({ out }, saved) =>
      run.backward(saved, {
        directions: [both],
        scan: asOne,
        dOut: out,
        dState: undefined,
        discount: onceOnly,
      }) as TensorMap,
  });
}

function checked(tensor: tf.Tensor, name: string): tf.Tensor {
  if (tensor.dtype !== "float32") throw new ShapeError("multiplicative", name, "float32", tensor.dtype);
  return tensor;
}

interface BackwardArguments {
  readonly directions: readonly Direction[];
  readonly scan: CausalScan;
  readonly dOut: tf.Tensor;
  readonly dState: tf.Tensor | undefined;
  /** the output lacks one count of the current token */
  readonly discount?: boolean;
}

/** A scan's tensors with what is needed to carry gradients back through a mask or a tied key. */
interface DirectionInputs extends ScanInputs {
  readonly visible: tf.Tensor3D | undefined; // [G, N, 1]
}

/** How the tensors of one spec and shape are laid out for a scan, and its results put back. */
class Arrangement {
  readonly #spec: OperatorSpec;
  readonly #shape: Shape;
  readonly #mask: tf.Tensor | undefined;
  readonly #unshared: readonly string[];
  readonly #factor: number;

  constructor(spec: OperatorSpec, shape: Shape, mask: tf.Tensor | undefined) {
    this.#spec = spec;
    this.#shape = shape;
    this.#mask = mask;
    this.#unshared = unsharedInputs(spec);
    this.#factor = mergeFactor(spec);
  }

  forward(tensors: Tensors, directions: readonly Direction[], scan: CausalScan): Outputs<tf.Tensor> & TensorMap {
    const { B, H, D, E } = this.#shape;
    const results = directions.map((direction) => {
      const inputs = this.#inputsOf(tensors, direction);
      const { out, state } = scan.forward(inputs);
      const counted = direction.countsCurrent ? out : tf.sub<tf.Tensor3D>(out, currentToken(inputs));
      return { out: this.#restored(counted, direction), state };
    });
    const out = this.#merged(results.map((result) => result.out));
    const single = results.length === 1 ? results[0]!.state : undefined;
    return single === undefined ? { out } : { out, state: single.reshape([B, H, D, E]) };
  }

  /** One count of the current token less. */
  minusCurrent(out: tf.Tensor, tensors: Tensors): tf.Tensor {
    const { B, H, N, E } = this.#shape;
    const inputs = this.#inputsOf(tensors, { index: 0, order: undefined, heads: [0, H], countsCurrent: true });
    return tf.sub(out, tf.mul(currentToken(inputs), this.#factor).reshape([B, H, N, E]));
  }

  backward(tensors: Tensors, { directions, scan, dOut, dState, discount = false }: BackwardArguments): Gradients {
    const { B, H, D, E } = this.#shape;
    const scaled = this.#factor === 1 ? dOut : tf.mul(dOut, this.#factor);
    const dFinal = dState?.reshape<tf.Tensor3D>([B * H, D, E]);
    const parts = directions.map((direction) => {
      const inputs = this.#inputsOf(tensors, direction);
      const cotangent = this.#ordered(scaled, direction);
      let gradients = scan.backward(inputs, cotangent, directions.length === 1 ? dFinal : undefined);
      if (!direction.countsCurrent || discount) {
        const current = currentTokenBackward(inputs, cotangent);
        gradients = {
          ...gradients,
          q: tf.sub(gradients.q, current.q),
          k: tf.sub(gradients.k, current.k),
          v: tf.sub(gradients.v, current.v),
        };
      }
      return this.#gradientsOf(gradients, inputs, direction);
    });
    return this.#gathered(parts, tensors);
  }

  /** The tensors of one direction, in its order, for its heads, with mask and tied key applied. */
  #inputsOf(tensors: Tensors, direction: Direction): DirectionInputs {
    const { H } = this.#shape;
    const own = (name: Name) => {
      const tensor = tensors[name];
      if (tensor === undefined || !this.#unshared.includes(name)) return tensor;
      return tf.squeeze(tf.slice(tensor, direction.index, 1), [0]);
    };
    const visible = this.#mask === undefined ? undefined : this.#visible(this.#mask, direction);
    const logDecay = this.#logDecayOf(own("logDecay"), direction);
    const shown =
      visible === undefined || logDecay === undefined
        ? logDecay
        : tf.mul<tf.Tensor3D>(finiteLogDecay(logDecay), visible);
    const k = this.#spec.tiedKey === true ? tf.neg<tf.Tensor3D>(tf.expm1(shown!)) : this.#ordered(own("k")!, direction);
    const initial = tensors["initialState"];
    return {
      q: this.#ordered(own("q")!, direction),
      k: visible === undefined ? k : tf.mul(k, visible),
      v: this.#ordered(own("v")!, direction),
      logDecay: shown,
      initialState: initial?.reshape([this.#shape.B * H, initial.shape[2]!, initial.shape[3]!]),
      visible,
    };
  }

  #logDecayOf(logDecay: tf.Tensor | undefined, direction: Direction): tf.Tensor3D | undefined {
    if (logDecay === undefined) return undefined;
    const { B, H, N } = this.#shape;
    const [from, to] = direction.heads;
    if (this.#spec.decay === "constant") {
      const heads = tf.slice(logDecay, from, to - from);
      return tf.tile(heads, [B]).reshape([B * (to - from), 1, 1]);
    }
    return this.#ordered(this.#spec.decay === "scalar" ? logDecay.reshape([B, H, N, 1]) : logDecay, direction);
  }

  #visible(mask: tf.Tensor, direction: Direction): tf.Tensor3D {
    const { B, N } = this.#shape;
    const heads = direction.heads[1] - direction.heads[0];
    const rows = tf
      .tile(mask.cast("float32").reshape([B, 1, N]), [1, heads, 1])
      .reshape<tf.Tensor3D>([B * heads, N, 1]);
    return direction.order === undefined ? rows : tf.gather(rows, indices(direction.order), 1);
  }

  /** [B, H, N, W] → [G, N, W] of the direction's heads, in its order */
  #ordered(tensor: tf.Tensor, { heads: [from, to], order }: Direction): tf.Tensor3D {
    const { B, H, N } = this.#shape;
    const W = tensor.shape[3]!;
    const part = to - from === H ? tensor : tf.slice(tensor, [0, from, 0, 0], [B, to - from, N, W]);
    const rows = part.reshape<tf.Tensor3D>([B * (to - from), N, W]);
    return order === undefined ? rows : tf.gather(rows, indices(order), 1);
  }

  /** [G, N, W] in the direction's order → [B, heads, N, W] in storage order */
  #restored(tensor: tf.Tensor3D, { heads: [from, to], order }: Direction): tf.Tensor {
    const [, N, W] = tensor.shape;
    const rows = order === undefined ? tensor : tf.gather(tensor, indices(inverseOrder(order)), 1);
    return rows.reshape([this.#shape.B, to - from, N, W]);
  }

  #merged(outs: readonly tf.Tensor[]): tf.Tensor {
    if (this.#spec.layout === "head-split" && outs.length > 1) return tf.concat([...outs], 1);
    const sum = outs.length === 1 ? outs[0]! : tf.addN([...outs]);
    return this.#factor === 1 ? sum : tf.mul(sum, this.#factor);
  }

  /** A direction's gradients in storage order, carried back through mask and tied key. */
  #gradientsOf(
    gradients: ReturnType<CausalScan["backward"]>,
    inputs: DirectionInputs,
    direction: Direction,
  ): Gradients {
    const { B, H, D, E } = this.#shape;
    const { visible } = inputs;
    const shown = (tensor: tf.Tensor3D) => (visible === undefined ? tensor : tf.mul<tf.Tensor3D>(tensor, visible));
    let { k, logDecay } = gradients;
    if (this.#spec.tiedKey === true) logDecay = tf.sub(logDecay!, tf.mul(k, tf.exp(inputs.logDecay!)));
    k = shown(k);
    const constant = this.#spec.decay === "constant";
    const heads = direction.heads[1] - direction.heads[0];
    return {
      q: this.#restored(gradients.q, direction),
      ...(this.#spec.tiedKey === true ? {} : { k: this.#restored(k, direction) }),
      v: this.#restored(gradients.v, direction),
      ...(logDecay === undefined
        ? {}
        : {
            logDecay: constant
              ? tf.sum(shown(logDecay).reshape([B, heads, -1]), [0, 2])
              : this.#restored(shown(logDecay), direction),
          }),
      ...(gradients.initialState === undefined ? {} : { initialState: gradients.initialState.reshape([B, H, D, E]) }),
    };
  }

  /** Gradients of all directions as gradients of the inputs: heads joined, shared inputs summed, others stacked. */
  #gathered(parts: readonly Gradients[], tensors: Tensors): Gradients {
    const gradients: Gradients = {};
    for (const name of DIFFERENTIABLE) {
      const input = tensors[name];
      if (input === undefined) continue;
      const pieces = parts.map((part) => part[name]!);
      const combined =
        this.#spec.layout === "head-split" && pieces.length > 1
          ? tf.concat(pieces, name === "logDecay" && this.#spec.decay === "constant" ? 0 : 1)
          : this.#unshared.includes(name)
            ? tf.stack(pieces)
            : pieces.length === 1
              ? pieces[0]!
              : tf.addN(pieces);
      gradients[name] = combined.reshape(input.shape);
    }
    return gradients;
  }
}

function indices(order: Int32Array): tf.Tensor1D {
  return tf.tensor1d(order, "int32");
}

/** (q_t·k_t) v_t, [G, N, E] */
function currentToken({ q, k, v }: ScanInputs): tf.Tensor3D {
  return tf.mul(tf.sum(tf.mul(q, k), 2, true), v);
}

function currentTokenBackward({ q, k, v }: ScanInputs, dOut: tf.Tensor3D) {
  const share = tf.sum(tf.mul(dOut, v), 2, true);
  return {
    q: tf.mul<tf.Tensor3D>(k, share),
    k: tf.mul<tf.Tensor3D>(q, share),
    v: tf.mul<tf.Tensor3D>(dOut, tf.sum(tf.mul(q, k), 2, true)),
  };
}
