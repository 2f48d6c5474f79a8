// Elementary functions for tfjs-backend-webgpu. Its own are those of WGSL, whose errors the standard leaves wide open: sin and cos are
// good to 2⁻¹¹ (and only within ±π), log 0 is any large negative number, and e^x − 1 is formed by subtraction.

import * as tf from "../tf.ts";
import { FOR_EACH, gridOf, result, sizeOf } from "./arrays.ts";
import { readOnly, written } from "./bindings.ts";
import type { Gpu } from "./dispatch.ts";
import { MINUS_INFINITY_BITS, NOT_A_NUMBER_BITS } from "./wgsl/numbers.ts";

/** a less a multiple k of π/2, in three steps that are exact or small; good for angles up to some 10⁵. @source Cephes, sinf.c */
const REDUCED = `
fn quarter(a: f32) -> f32 { return round(a * 0.63661977236758134); }
fn reduced(a: f32, k: f32) -> f32 { return ((a - k * 1.5703125) - k * 4.837512969970703125e-4) - k * 7.54978995489188216e-8; }
fn sinNear0(r: f32) -> f32 {
  let z = r * r;
  return r + r * z * (-1.6666654611e-1 + z * (8.3321608736e-3 - z * 1.9515295891e-4));
}
fn cosNear0(r: f32) -> f32 {
  let z = r * r;
  return 1.0 - 0.5 * z + z * z * (4.166664568298827e-2 + z * (-1.388731625493765e-3 + z * 2.443315711809948e-5));
}
fn sinAt(a: f32, quarters: i32) -> f32 {
  let k = quarter(a);
  let r = reduced(a, k);
  let q = (i32(k) + quarters) & 3;
  let value = select(sinNear0(r), cosNear0(r), (q & 1) == 1);
  return select(value, -value, q > 1);
}`;

/** WGSL of `fn f(a: f32) -> f32` by tfjs kernel. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  Sin: `${REDUCED}\nfn f(a: f32) -> f32 { return sinAt(a, 0); }`,
  Cos: `${REDUCED}\nfn f(a: f32) -> f32 { return sinAt(a, 1); }`,
  Log: `fn f(a: f32) -> f32 {
  if (a < 0.0) { return bitcast<f32>(params.notANumber); }
  return select(log(a), bitcast<f32>(params.minusInfinity), a == 0.0);
}`,
  Expm1: `
fn f(a: f32) -> f32 {
  let series = a * (1.0 + a / 2.0 * (1.0 + a / 3.0 * (1.0 + a / 4.0 * (1.0 + a / 5.0 * (1.0 + a / 6.0 * (1.0 + a / 7.0))))));
  return select(exp(a) - 1.0, series, abs(a) < 0.5);
}`,
};

/** Puts these functions in the place of tfjs's. */
export function useFunctions(gpu: Gpu): void {
  for (const [kernelName, code] of Object.entries(FUNCTIONS)) {
    tf.unregisterKernel(kernelName, "webgpu");
    tf.registerKernel({
      kernelName,
      backendName: "webgpu",
      kernelFunc: ({ inputs }) => apply(gpu, code, inputs["x"]!),
    });
  }
}

function apply(gpu: Gpu, code: string, x: tf.TensorInfo): tf.TensorInfo {
  const size = sizeOf(x.shape);
  if (size === 0) return tf.zeros(x.shape);
  const y = result(gpu, x.shape);
  gpu.run({
    code: `${code}
${FOR_EACH}
  y[at] = f(x[at]);
}`,
    bindings: [written("y", y), readOnly("x", x)],
    params: { size, minusInfinity: MINUS_INFINITY_BITS, notANumber: NOT_A_NUMBER_BITS },
    grid: gridOf(size),
  });
  return y;
}
