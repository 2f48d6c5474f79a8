// An operator as a mixer calls it: chosen once for engine and place, run on tensors of any batch size.

import { UsageError } from "#base/errors";
import { unknownName } from "#base/registry";
import type { RunningEngine } from "#engine/engine";
import type * as tf from "#engine/tf";
import type { InputName, Inputs } from "#ops/operator";
import { operators } from "#ops/registry";
import type { OperatorSpec, Shape } from "#case/case";
import type { LayerPlace } from "../place.ts";
import { sizeOf } from "#weights/weights";

/** Inputs in the operator's layout → out [B, H, N, E]. */
export type RunOperator = (inputs: Inputs<tf.Tensor>) => tf.Tensor;

/**
 * @param keyWidth width of q and k in a head; an encoding may have doubled it
 * @throws {UsageError} the operator is impossible on this grid
 */
export async function loadOperator(
  spec: OperatorSpec,
  place: LayerPlace,
  keyWidth: number,
  engine: RunningEngine,
): Promise<RunOperator> {
  const declaration = operators.get(spec.op);
  const shapeFor = (B: number): Shape => {
    const { heads: H, grid, prefix } = place;
    return { B, H, N: prefix + sizeOf(grid), D: keyWidth, E: place.width / H, grid: [...grid], prefix };
  };
  const rule = declaration.impossible(spec, shapeFor(1));
  if (rule !== undefined)
    throw new UsageError(`A layer with the operator ${spec.op} cannot be built: ${rule}.`, { spec, place });
  const { strategies, choose } = await declaration.load();
  return (inputs) => {
    const shape = shapeFor(batchOf(inputs));
    const id = place.strategy ?? choose(spec, shape, engine);
    const strategy = strategies.find((candidate) => candidate.id === id);
    if (strategy === undefined) throw unknownName(`strategy of ${spec.op}`, id, declaration.strategies);
    const reason = strategy.unsupported(spec, shape, engine, Object.keys(inputs) as InputName[]);
    if (reason !== undefined)
      throw new UsageError(`Strategy ${id} of ${spec.op} cannot run this layer: ${reason}.`, { spec, shape });
    return strategy.run(inputs, spec, shape, engine).out;
  };
}

/** v is [B, H, N, E], or [scans, B, H, N, E] where directions do not share it. */
function batchOf(inputs: Inputs<tf.Tensor>): number {
  return inputs.v!.shape.at(-4)!;
}
