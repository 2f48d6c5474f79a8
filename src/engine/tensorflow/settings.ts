// TensorFlow and CUDA read their settings from environment variables when they are loaded. Those that are set stay;
// the defaults below make measurements comparable. What is in force goes into the records.

import { availableParallelism } from "node:os";

export interface Settings {
  /** threads of one operation */
  readonly threads: number;
  /** oneDNN kernels: TensorFlow decides by platform unless told */
  readonly oneDnn: "default" | "on" | "off";
  /** may float32 products on tensor cores round their inputs to 10 bits of mantissa */
  readonly tf32: boolean;
  /** device memory is taken as it is needed, not all at the start */
  readonly memoryGrowth: boolean;
}

type Variables = Record<string, string | undefined>;

/** Sets what is not set and tells what is in force. Only works before TensorFlow is loaded. */
export function applySettings(variables: Variables = process.env): Settings {
  // INFO and WARNING of TensorFlow's own log: build flags and placement, on every start.
  variables["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
  // Float32 means float32: with TF32 the tolerances of the correctness gate could not hold.
  variables["NVIDIA_TF32_OVERRIDE"] ??= "0";
  variables["TF_FORCE_GPU_ALLOW_GROWTH"] ??= "true";
  return {
    threads: Number(variables["TF_NUM_INTRAOP_THREADS"] ?? 0) || availableParallelism(),
    oneDnn: oneDnn(variables["TF_ENABLE_ONEDNN_OPTS"]),
    tf32: variables["NVIDIA_TF32_OVERRIDE"] !== "0",
    memoryGrowth: variables["TF_FORCE_GPU_ALLOW_GROWTH"] === "true",
  };
}

function oneDnn(value: string | undefined): Settings["oneDnn"] {
  if (value === undefined || value === "") return "default";
  return value === "0" || value.toLowerCase() === "false" ? "off" : "on";
}
