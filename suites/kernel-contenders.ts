// The contenders of the kernel suites: the subject, its order-free and multi-scan rivals, attention.

import { PRECISIONS, type Precision } from "#case/case";
import { grid, type SuiteContext } from "#case/suite";

const KERNEL_CONTENDERS = [
  "additive-global",
  "additive-causal",
  "linear-global",
  "constant-2scan",
  "scalar-2scan",
  "vector-causal",
  "vector-2scan",
  "tied-2scan",
  "softmax-full",
] as const;

/** Those that engine webgpu computes on numbers stored as float16. */
const HALF_CONTENDERS = [
  "additive-global",
  "additive-causal",
  "linear-causal",
  "vector-causal",
  "softmax-full",
] as const;

export interface KernelPoint {
  readonly contender: string;
  readonly precision: Precision;
  readonly N: number;
}

/** Every contender at every length; on engine webgpu those on float16 as well. */
export function kernelPoints({ engine }: SuiteContext, lengths: readonly number[]): KernelPoint[] {
  return grid({ precision: engine === "webgpu" ? PRECISIONS : (["float32"] as const), N: lengths }).flatMap(
    ({ precision, N }) =>
      (precision === "float32" ? KERNEL_CONTENDERS : HALF_CONTENDERS).map((contender) => ({ contender, precision, N })),
  );
}
