// What a model carries from token to token when it runs one token at a time: the states of its operators.

import { UsageError } from "#base/errors";
import * as tf from "#engine/tf";
import type { DecoderState, Inputs } from "#ops/operator";
import { operators } from "#ops/registry";
import type { OperatorSpec, Shape } from "#case/case";

/** States of all layers, and the place of the token that comes next. */
export class Decoding {
  position = 0;
  readonly #states: (DecoderState | undefined)[] = [];

  /**
   * An operator that takes one token a call, [B, H, 1, ·], and keeps its state here.
   *
   * @throws {UsageError} the operator cannot run token by token
   */
  async operator(
    spec: OperatorSpec,
    shapeFor: (B: number) => Shape,
  ): Promise<(inputs: Inputs<tf.Tensor>) => tf.Tensor> {
    const { decoder } = await operators.get(spec.op).load();
    if (decoder === undefined || !spec.causal)
      throw new UsageError(
        `The operator ${spec.op} ${spec.causal ? "has no form for one token at a time" : "sees all tokens"}: nothing can be carried on.`,
      );
    const slot = this.#states.push(undefined) - 1;
    return (inputs) => {
      const before = this.#states[slot] ?? decoder.begin(undefined, spec, shapeFor(inputs.v!.shape[0]!));
      const { out, state } = decoder.step(inputs, before, spec);
      for (const tensor of Object.values(state)) tf.keep(tensor);
      tf.dispose(before as tf.NamedTensorMap);
      this.#states[slot] = state;
      return out;
    };
  }

  /** Bytes held between two tokens. */
  get bytes(): number {
    const tensors = this.#states.flatMap((state) => Object.values(state ?? {}));
    return tensors.reduce((sum, { size }) => sum + 4 * size, 0);
  }

  /** Forgets everything: the next token is the first. */
  reset(): void {
    for (const [slot, state] of this.#states.entries()) {
      if (state !== undefined) tf.dispose(state as tf.NamedTensorMap);
      this.#states[slot] = undefined;
    }
    this.position = 0;
  }
}
