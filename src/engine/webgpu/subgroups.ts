/// <reference types="@webgpu/types" />
// How many neighbouring threads of a workgroup the device's subgroups join: kernels that exchange values within a subgroup
// rely on it. WGSL leaves open which threads form a subgroup, so that the device is asked.

import { host } from "#host/current";
import type * as tf from "../tf.ts";
import type { Gpu } from "./dispatch.ts";

const THREADS = 256;

/**
 * The largest power of two ≤ 16 such that threads i and i xor s, s below it, share a subgroup in neighbouring lanes; 1 without subgroups, where
 * they lie otherwise, or where LIGHTNET_BENCH_SUBGROUPS=off asks for the way without.
 */
export async function lanesOf(gpu: Gpu, info: GPUAdapterInfo): Promise<number> {
  const { device } = gpu.backend;
  const smallest = (info as { readonly subgroupMinSize?: number }).subgroupMinSize ?? 1;
  if (
    host.variable("LIGHTNET_BENCH_SUBGROUPS") === "off" ||
    !device.features.has("subgroups" as GPUFeatureName) ||
    smallest < 2
  )
    return 1;
  const lanes = 2 ** Math.floor(Math.log2(Math.min(16, smallest)));
  const others = gpu.output<tf.Rank.R2>([THREADS, lanes], "int32");
  const bindings = [{ name: "others", tensor: others, written: true }];
  gpu.run({ code: whoIsThere(lanes), bindings, params: { lanes }, grid: [1, 1, 1], subgroups: true });
  const found = await others.data<"int32">();
  others.dispose();
  return found.every((other, at) => other === (Math.floor(at / lanes) ^ (at % lanes))) ? lanes : 1;
}

/** Writes the thread that each thread meets by a shuffle over s = 0 … lanes − 1. */
function whoIsThere(lanes: number): string {
  return `
@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_index) index: u32) {
  ${Array.from({ length: lanes }, (_, s) => `others[i32(index) * params.lanes + ${s}] = i32(subgroupShuffleXor(index, ${s}u));`).join("\n  ")}
}`;
}
