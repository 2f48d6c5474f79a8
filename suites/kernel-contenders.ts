// The contenders of the kernel suites: the subject, its order-free and multi-scan rivals, attention.

export const KERNEL_CONTENDERS = [
  "additive-global",
  "additive-causal",
  "linear-global",
  "constant-2scan",
  "scalar-2scan",
  "vector-causal",
  "vector-2scan",
  "softmax-full",
] as const;

/** Those that engine webgpu computes on numbers stored as float16, forward. */
export const HALF_CONTENDERS = ["additive-global", "additive-causal", "linear-causal", "vector-causal", "softmax-full"] as const;
