// `list cases --predict <gpu>`: what a case costs on engine webgpu, and what that must take on a GPU at least.

import type { Case } from "#case/case";
import type { DeviceLimits } from "#engine/webgpu/costs/devices";
import { predict, totalCost } from "#engine/webgpu/costs/predict";
import { webgpuPasses } from "#ops/webgpu-passes";

export const PREDICTED = ["programs", "MB", "Gmadd", "Gexp", "ms", "by"] as const;
/** Those that a terminal has room for. */
export const PREDICTED_SHOWN = ["programs", "MB", "ms", "by"] as const;

/** Undefined where the operator has no model. `ms` is device time; `by` is what most of it waits for, with * where the cache may hold what a program reads and writes. */
export function predictedCase(
  item: Case,
  device: DeviceLimits,
): Readonly<Record<(typeof PREDICTED)[number], string | number>> | undefined {
  if (item.kind !== "operator" || item.quantity !== "time") return undefined;
  const passes = webgpuPasses(item);
  if (passes === undefined) return undefined;
  const { bytes, multiplyAdds, exponentials } = totalCost(passes);
  const { deviceSeconds, bound, inCache } = predict(passes, device);
  return {
    programs: passes.length,
    MB: Number((bytes / 1e6).toPrecision(3)),
    Gmadd: Number((multiplyAdds / 1e9).toPrecision(3)),
    Gexp: Number((exponentials / 1e9).toPrecision(3)),
    ms: Number((1000 * deviceSeconds).toPrecision(3)),
    by: inCache ? `${bound}*` : bound,
  };
}
