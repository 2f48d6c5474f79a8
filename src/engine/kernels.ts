// Kernels that an engine may bring of its own, beside those of tfjs. The operators' `fused` strategies
// use what is there; each kernel has its backward pass, since tfjs cannot see inside.

export interface FusedKernels {
  readonly [name: string]: never;
}
